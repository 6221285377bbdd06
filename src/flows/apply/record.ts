import { ForgeError } from '../../errors.ts'
import { helm as helmHint } from '../../hint.ts'
import type { Codec } from '../../ports.ts'
import { changeRecord } from '../state/release-record.ts'
import type { Connection } from '../phases/ports.ts'
import { unlessItFails } from '../../expected.ts'

export interface RecordPorts {
  readonly cluster: Pick<Connection, 'get' | 'replace'>
  readonly codec: Codec
}

/** Under the lock. */
export interface HeldRecords extends RecordPorts {
  readonly confirm: () => Promise<void>
}

export interface ReleaseName {
  readonly name: string
  readonly namespace: string
}

/** What the record of a revision says while helm runs. `required`: what helm would write otherwise deletes data. */
export interface RecordEdit {
  readonly revision: number
  readonly edit: (manifest: string) => string
  readonly required?: boolean
}

/**
 * Around `helm rollback`, which writes what the record of its target says: while it runs, the records say what is to be
 * written instead. They are put right afterwards, whatever happened; a signal does not keep them from that. `confirm` is asked
 * before each edit. Throws E_DATA_LOSS where one that is required cannot be made.
 */
export async function withEditedRecords(
  release: ReleaseName,
  [first, ...others]: readonly RecordEdit[],
  ports: HeldRecords,
  helm: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  if (first === undefined) return await helm()
  const { revision, edit, required = false } = first
  await ports.confirm()
  // A record that cannot be changed must not keep the release from going back; the proof names what differs then.
  const original = await unlessItFails(editManifest(release, revision, edit, ports, signal), () => undefined)
  if (required && original === undefined) throw wouldLose(release, revision)
  try {
    await withEditedRecords(release, others, ports, helm, signal)
  } finally {
    const stay = new AbortController().signal
    if (original !== undefined)
      await unlessItFails(
        editManifest(release, revision, () => original, ports, stay),
        () => undefined,
      )
  }
}

function wouldLose({ name, namespace }: ReleaseName, revision: number): ForgeError {
  return new ForgeError(
    'E_DATA_LOSS',
    `helm's record of ${name} cannot be told what is to stay, so going back would delete it`,
    { hint: helmHint(['get', 'manifest', name, '--revision', String(revision)], namespace), where: `release ${name}` },
  )
}

/**
 * Changes the manifest in helm's record of one revision, and returns what it was. Undefined: there is no such record, or
 * nothing to change. The lock is held, so nobody else writes it.
 */
export async function editManifest(
  { name, namespace }: ReleaseName,
  revision: number,
  edit: (manifest: string) => string,
  { cluster, codec }: RecordPorts,
  signal: AbortSignal,
): Promise<string | undefined> {
  let original: string | undefined
  const scope = { cluster, codec, release: name, namespace }
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
