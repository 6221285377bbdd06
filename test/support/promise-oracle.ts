import { defineKind, objects, type LiveObject } from './cluster.ts'
import { ANYTHING, definitionOf } from './manifests.ts'
import { ELSEWHERE, type Shape } from './promise-shape.ts'

/** What the cluster says by itself, read with kubectl: the judge of every word that forge prints. */
export interface Seen {
  /** Objects of the release, field by field as docs/design.md compares them. */
  readonly release: Readonly<Record<string, unknown>>
  /** UIDs of bound claims by name. */
  readonly claims: Readonly<Record<string, string>>
  /** Images of living, ready pods by the name of their workload. */
  readonly pods: Readonly<Record<string, readonly string[]>>
  /** helm's newest record: `3 deployed`; empty without one. */
  readonly record: string
  readonly holder: string
}

export async function look(namespace: string, kinds: readonly string[]): Promise<Seen> {
  const all = [namespace, `${namespace}${ELSEWHERE}`]
  const owned = ['deployments', 'statefulsets', 'configmaps', 'persistentvolumeclaims', 'jobs', ...kinds].join(',')
  const lists = await Promise.all(
    all.map(async (one) => [await objects(owned, one), await objects('pods', one)] as const),
  )
  const [secrets, leases] = await Promise.all([
    objects('secrets', namespace, 'owner=helm'),
    objects('leases', namespace),
  ])
  const found = lists.flatMap(([some]) => some)
  const newest = secrets
    .map(({ metadata: { labels } }) => labels ?? {})
    .sort((a, b) => Number(b['version']) - Number(a['version']))[0]
  // One that was never bound holds nothing.
  const claims = found.filter(({ kind, status }) => kind === 'PersistentVolumeClaim' && status?.['phase'] === 'Bound')
  return {
    release: Object.fromEntries(
      found.filter(isCompared).map((one) => [`${one.kind}/${one.metadata.name}`, comparable(one)]),
    ),
    claims: Object.fromEntries(claims.map(({ metadata: { name, uid } }) => [name, uid])),
    pods: podsOf(lists.flatMap(([, pods]) => pods)),
    record: newest === undefined ? '' : `${newest['version']} ${newest['status']}`,
    holder: leases.map(({ spec }) => (spec?.['holderIdentity'] as string | undefined) ?? '').join(''),
  }
}

/** Jobs come and go by their TTL, and hooks are no part of a release. */
function isCompared({ kind, metadata }: LiveObject): boolean {
  return kind !== 'Job' && metadata.labels?.['app.kubernetes.io/managed-by'] === 'Helm'
}

function comparable({ kind, metadata, spec, data }: LiveObject): unknown {
  const { 'deployment.kubernetes.io/revision': _revision, ...annotations } = metadata.annotations ?? {}
  const { name, uid, labels, deletionTimestamp } = metadata
  // What a claim is bound to is its controller's.
  const own = kind === 'PersistentVolumeClaim' ? { uid } : { uid, labels, annotations, spec, data }
  return { name, ...own, going: deletionTimestamp !== undefined }
}

function podsOf(pods: readonly LiveObject[]): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const { metadata, spec, status } of pods) {
    const ready = (status?.['conditions'] as { type: string; status: string }[] | undefined)?.some(
      (one) => one.type === 'Ready' && one.status === 'True',
    )
    const app = metadata.labels?.['app']
    if (app === undefined || ready !== true || metadata.deletionTimestamp !== undefined) continue
    const [container] = spec?.['containers'] as { image: string }[]
    ;(found[app] ??= []).push(container?.image ?? '')
  }
  return found
}

/** What somebody did by hand since the last deploy: it need not be taken back. */
export interface ByHand {
  /** What `web` was scaled to. */
  readonly web?: number
  /** Objects that were deleted. */
  readonly gone: readonly string[]
}

/** Why the cluster does not run this shape; empty: it does. */
export function notRunning(shape: Shape, seen: Seen, { web = shape.replicas, gone }: ByHand): string[] {
  const wanted: [string, readonly number[]][] = [['web', [shape.replicas, web]]]
  if (shape.database !== undefined) wanted.push(['database', [shape.database.replicas]])
  if (shape.elsewhere) wanted.push(['far', [1]])
  const pods = wanted.flatMap(([name, counts]) => {
    const image = `example.test/${name}:${shape.version}`
    const found = seen.pods[name] ?? []
    const isRight = found.every((one) => one === image) && counts.includes(found.length)
    return isRight || gone.includes(name)
      ? []
      : [`pods of ${name}: [${String(found)}] instead of ${counts.join(' or ')} of ${image}`]
  })
  const settings = seen.release['ConfigMap/settings'] as { data?: { version?: string } } | undefined
  const version = settings?.data?.version
  const isSet = version === String(shape.version) || (version === undefined && gone.includes('settings'))
  return [
    ...pods,
    ...(isSet ? [] : [`settings: ${version ?? 'gone'} instead of ${shape.version}`]),
    ...(shape.custom === (seen.release['Thing/thing'] !== undefined)
      ? []
      : [`Thing/thing: ${shape.custom ? 'gone' : 'there'}`]),
    ...(seen.record.endsWith(' deployed') ? [] : [`helm's record is ${seen.record}`]),
  ]
}

/** What is not field by field as it was, but for claims whose loss was agreed to. */
export function otherwise(before: Seen, after: Seen, agreed: ReadonlySet<string>): string[] {
  const names = new Set([...Object.keys(before.release), ...Object.keys(after.release)])
  return [...names].flatMap((name) => {
    if (agreed.has(name.replace('PersistentVolumeClaim/', ''))) return []
    const told = ({ release }: Seen): string => (name in release ? JSON.stringify(release[name]) : 'not there')
    const [old, now] = [told(before), told(after)]
    return old === now ? [] : [`${name} was ${old} and is ${now}`]
  })
}

/** Claims whose data is gone without anybody having agreed. */
export function lost(before: Seen, after: Seen, agreed: ReadonlySet<string>): string[] {
  return Object.entries(before.claims).flatMap(([name, uid]) =>
    after.claims[name] === uid || agreed.has(name)
      ? []
      : [`claim ${name} is ${after.claims[name] === undefined ? 'gone' : 'another one'}`],
  )
}

/** The kind of the custom resource, once per run of the tests. */
export async function defineThing(group: string): Promise<void> {
  await defineKind(definitionOf(group, 'Thing', { schema: ANYTHING }))
}
