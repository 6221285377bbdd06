import type { ReleaseRecord } from '../../domain/helm/model.ts'
import { recordName } from '../../domain/helm/record.ts'
import { groupOf, type ApiResource } from '../../domain/kube.ts'
import { mendManifest, outdatedIn, type Outdated } from '../../domain/manifest/outdated.ts'
import type { Rendered } from '../../domain/manifest/parse.ts'
import { readRecord, unreadText, type RecordText } from '../../domain/manifest/record.ts'
import { counted } from '../../screen/counted.ts'
import { kubectl } from '../../hint.ts'
import type { DesiredRelease } from '../phases/desired.ts'
import { refuse, warn, type Check, type Finding } from '../phases/findings.ts'
import type { ClusterFacts, Observed, ObservedRelease, OutdatedRecord } from '../phases/observed.ts'
import { isNamespaced } from './kinds.ts'

type Recorded = Pick<ObservedRelease, 'before' | 'history' | 'release'> & Pick<DesiredRelease, 'target'>

interface Inspected {
  readonly rendered: readonly Rendered[]
  readonly hooks: readonly Rendered[]
  readonly unread: string | undefined
  readonly outdated: readonly Outdated[]
}

/** The objects of a record as helm will read them: in versions that are served. `outdated`: those that are not yet. */
export function inspectRecord(record: RecordText, namespace: string, resources: readonly ApiResource[]): Inspected {
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
 * What cannot be read in an old record is told, and unknown from here on. E_RECORD_UNREADABLE where nothing of the newest
 * one can be: helm takes its number for free, and fails when it writes its own ("release: already exists").
 */
export const checkReleaseRecords: Check<Observed> = ({ releases }) => {
  return releases.flatMap(({ release, history: [newest], unread, outdated = [] }) => [
    ...(newest?.fault === undefined ? [] : [unreadable(newest, newest.fault, release.namespace)]),
    ...(unread === undefined ? [] : [warn(`${unread}; what only it says is unknown`)]),
    ...outdated.map((one) => warn(outdatedText(release.name, one))),
  ])
}

function unreadable(record: Pick<ReleaseRecord, 'name' | 'revision'>, reason: string, namespace: string): Finding {
  const secret = recordName(record.name, record.revision)
  return refuse('E_RECORD_UNREADABLE', `${unreadText(record, reason)}; with it the newest, helm cannot go on`, {
    hint: kubectl(['delete', 'secret', secret], namespace),
    where: `Secret/${secret}, namespace ${namespace}`,
  })
}

/**
 * A kind may be missing from discovery because the server behind its API does not answer: then nothing is known of its
 * objects, and a record must not lose them: E_RECORD_API.
 */
export const checkAnswering: Check<Observed> = async ({ releases, cluster }, { signal }) => {
  const gone = releases.flatMap(({ outdated = [] }) => outdated.flatMap(({ objects }) => objects))
  const versions = new Set(gone.filter(({ to }) => to === undefined).map(({ from }) => from))
  for (const version of versions) {
    const group = groupOf(version)
    const name = `${version.slice(group.length + 1)}.${group}`
    const service = await cluster.get({ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', name }, signal)
    const served = (service?.['spec'] as { service?: unknown } | undefined)?.service
    if (served === undefined || served === null) continue
    const message = `${version} is an API of a server that does not answer, so its objects are unknown`
    const hint = kubectl(['get', 'apiservice', name])
    return [refuse('E_RECORD_API', message, { hint, where: `APIService/${name}` })]
  }
  return []
}

/** What is said of them in the plan, one sentence per record. */
export function outdatedText(release: string, { revision, objects }: OutdatedRecord): string {
  const [first] = objects
  if (first === undefined) return ''
  const { object, from, to } = first
  const more = objects.length === 1 ? '' : ` (and ${counted(objects.length - 1, 'more object')})`
  const mend = to === undefined ? 'it has to be taken out of the record' : `the record has to be rewritten to ${to}`
  return `helm's record of ${release} revision ${revision} has ${object} as ${from}, which the cluster does not serve any more${more}: ${mend}, else helm cannot read it`
}
