import { ForgeError } from '../../errors.ts'
import { helm } from '../../hint.ts'
import type { Codec } from '../../ports.ts'
import { changeRecord } from '../state/release-record.ts'
import type { ReleasePlan } from '../phases/planned.ts'
import type { Connection } from '../phases/ports.ts'
import { unlessItFails } from '../../expected.ts'

export interface RecordPorts {
  readonly cluster: Pick<Connection, 'get' | 'replace'>
  readonly codec: Codec
}

interface WithRelease {
  readonly release: Pick<ReleasePlan['release'], 'name' | 'namespace'>
}

/**
 * Around `helm rollback`, which writes what the record of its target says: while it runs, the record says what is to be
 * written instead. It is put right afterwards, whatever happened; a signal does not keep it from that. `required`: what helm
 * would write otherwise deletes data; throws E_DATA_LOSS then.
 */
export async function withEditedRecord(
  work: WithRelease,
  revision: number,
  edit: (manifest: string) => string,
  ports: RecordPorts,
  rollback: () => Promise<void>,
  signal: AbortSignal,
  required = false,
): Promise<void> {
  // A record that cannot be changed must not keep the release from going back; the proof names what differs then.
  const original = await unlessItFails(editManifest(work, revision, edit, ports, signal), () => undefined)
  if (required && original === undefined) throw wouldLose(work, revision)
  try {
    await rollback()
  } finally {
    const stay = new AbortController().signal
    if (original !== undefined)
      await unlessItFails(
        editManifest(work, revision, () => original, ports, stay),
        () => undefined,
      )
  }
}

function wouldLose({ release: { name, namespace } }: WithRelease, revision: number): ForgeError {
  return new ForgeError(
    'E_DATA_LOSS',
    `helm's record of ${name} cannot be told to retain claims, so going back would delete them`,
    { hint: helm(['get', 'manifest', name, '--revision', String(revision)], namespace), where: `release ${name}` },
  )
}

/**
 * Changes the manifest in helm's record of one revision, and returns what it was. Undefined: there is no such record, or
 * nothing to change. The lock is held, so nobody else writes it.
 */
export async function editManifest(
  { release }: WithRelease,
  revision: number,
  edit: (manifest: string) => string,
  { cluster, codec }: RecordPorts,
  signal: AbortSignal,
): Promise<string | undefined> {
  let original: string | undefined
  const scope = { cluster, codec, release: release.name, namespace: release.namespace }
  const changed = await changeRecord(
    scope,
    revision,
    (content) => {
      original = content.manifest
      const manifest = edit(content.manifest)
      return manifest === content.manifest ? undefined : { ...content, manifest }
    },
    signal,
  )
  return changed ? original : undefined
}
