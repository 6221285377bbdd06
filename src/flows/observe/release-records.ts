import type { ReleaseRecord } from '../../domain/helm/model.ts'
import type { ApiResource } from '../../domain/kube.ts'
import { mendManifest, outdatedIn, type Outdated } from '../../domain/manifest/outdated.ts'
import type { Rendered } from '../../domain/manifest/parse.ts'
import { readRecord, unreadText, type RecordText } from '../../domain/manifest/record.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { DesiredRelease } from '../phases/desired.ts'
import type { ClusterFacts, Observed, ObservedRelease } from '../phases/observed.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { isNamespaced } from './kinds.ts'
import { outdatedText, requireAnswering } from './outdated-records.ts'

type Recorded = Pick<ObservedRelease, 'before' | 'history' | 'release'> & Pick<DesiredRelease, 'target'>

interface Inspected {
  readonly rendered: readonly Rendered[]
  readonly hooks: readonly Rendered[]
  readonly unread: string | undefined
  readonly outdated: readonly Outdated[]
}

/** The objects of a record as helm will read them: in versions that are served. `outdated`: those that are not yet. */
export function inspectRecord(record: ReleaseRecord, namespace: string, resources: readonly ApiResource[]): Inspected {
  const namespaced = isNamespaced(resources)
  const read = (one: RecordText): Omit<Inspected, 'outdated'> => {
    const { rendered, unread } = readRecord(one, namespace, namespaced, { hooks: true })
    const [own, hooks] = [
      rendered.filter(({ hook }) => hook === undefined),
      rendered.filter(({ hook }) => hook !== undefined),
    ]
    return { rendered: own, hooks, unread }
  }
  const found = read(record)
  const outdated = outdatedIn(
    [...found.rendered, ...found.hooks].map(({ object }) => object),
    resources,
  )
  return outdated.length === 0 ? { ...found, outdated } : { ...read(mendedRecord(record, resources)), outdated }
}

/** A copy: it is read as helm will read it. */
function mendedRecord(record: RecordText, resources: readonly ApiResource[]): RecordText {
  const { name, revision, fault } = record
  const mend = (manifest: string): string => mendManifest(manifest, resources)
  const hooks = record.hooks.map((hook) => ({ ...hook, manifest: mend(hook.manifest) }))
  return { name, revision, fault, manifest: mend(record.manifest), hooks }
}

/** What the last deployed revision applied, as far as its record can be read, and which records helm cannot read as they are. */
export function recordedIn(
  { before, history, release, target }: Recorded,
  { resources }: Pick<ClusterFacts, 'resources'>,
): Pick<ObservedRelease, 'previous' | 'outdated' | 'unread'> {
  const records = [...new Set([history[0], before, target])].filter((record) => record !== undefined)
  const found = new Map(records.map((record) => [record, inspectRecord(record, release.namespace, resources)]))
  const { rendered: previous = [], unread } = (before === undefined ? undefined : found.get(before)) ?? {}
  const outdated = [...found].flatMap(([{ revision }, { outdated: objects }]) =>
    objects.length === 0 ? [] : [{ revision, objects }],
  )
  return { previous, outdated, unread }
}

/**
 * What cannot be read in an old record is told, and unknown from here on. Throws E_RECORD_UNREADABLE where nothing of the
 * newest one can be: helm takes its number for free, and fails when it writes its own ("release: already exists").
 */
export async function checkReleaseRecords(context: Observed, { signal }: Pick<DeployPorts, 'signal'>): Promise<void> {
  const { works, cluster, warnings } = context
  for (const { release, history, unread, outdated = [] } of works) {
    const [newest] = history
    if (newest?.fault !== undefined) throw unreadable(newest, newest.fault, release.namespace)
    if (unread !== undefined) warnings.push(`${unread}; what only it says is unknown`)
    warnings.push(...outdated.map((one) => outdatedText(release.name, one)))
  }
  await requireAnswering(works, cluster, signal)
}

function unreadable(record: Pick<ReleaseRecord, 'name' | 'revision'>, reason: string, namespace: string): ForgeError {
  const secret = `sh.helm.release.v1.${record.name}.v${record.revision}`
  return new ForgeError('E_RECORD_UNREADABLE', `${unreadText(record, reason)}; with it the newest, helm cannot go on`, {
    hint: kubectl(['delete', 'secret', secret], namespace),
    where: `Secret/${secret}, namespace ${namespace}`,
  })
}
