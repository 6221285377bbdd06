import type { DriftPolicy, PreservedField } from '../config/model.ts'
import type { CodedProblem } from '../config/problems.ts'
import { isMap } from '../config/path.ts'
import type { KubeObject } from '../kube.ts'
import type { KeyContent, ResolvedSecret } from './model.ts'
import { dataOf, KEY_REVISIONS, keysOwnedByForge, PROJECT_LABEL, toBase64 } from './plan.ts'

type Desired = Pick<ResolvedSecret, 'spec' | 'keys'>

/**
 * The same without the keys that the drift policy preserves (`Secret/app-secrets:data.session`, or all of `data`): they
 * stay as the cluster has them.
 */
export function withoutPreserved<T extends Desired>(desired: T, live: KubeObject | undefined, drift: DriftPolicy): T {
  const own = drift.preserve.filter(({ kind, name }) => kind === 'Secret' && name === desired.spec.name)
  if (own.length === 0 || live === undefined) return desired
  const has = dataOf(live)
  const keys = [...desired.keys].map(([key, content]): [string, KeyContent] =>
    Object.hasOwn(has, key) && own.some((field) => isPreserved(key, field))
      ? [key, { keep: true, missing: '', optional: true }]
      : [key, content],
  )
  return { ...desired, keys: new Map(keys) }
}

function isPreserved(key: string, { field }: PreservedField): boolean {
  if (field === 'data') return true
  if (!field.startsWith('data.')) return false
  const path = field.slice('data.'.length)
  // A key with dots may be quoted, as in other paths, or not.
  return path === key || path === `'${key}'`
}

/**
 * Keys that would be overwritten although they are somebody else's: of another project, of what makes the Secret, or
 * changed by hand since forge wrote them. A Secret that somebody made before forge came is taken over; its content is kept.
 */
export function heldKeys(desired: Desired, live: KubeObject | undefined, project: string): CodedProblem[] {
  if (live === undefined) return []
  const data = dataOf(live)
  const changing = [...desired.keys].flatMap(([key, content]) =>
    'bytes' in content && data[key] !== toBase64(content.bytes) ? [key] : [],
  )
  if (changing.length === 0) return []
  const maker = makerOf(live, project)
  const held = maker === undefined ? changing.flatMap((key) => changedBy(key, live, project)) : []
  const what = maker === undefined ? held.join(', ') : `it belongs to ${maker}, and ${changing.join(', ')} would change`
  if (what === '') return []
  const { name, at } = desired.spec
  return [{ code: 'E_SECRET_HELD', message: `Secret ${name} in the cluster is not as forge left it: ${what}`, at }]
}

/** Who will write it again, or whose it is by its marks. */
function makerOf({ metadata }: KubeObject, project: string): string | undefined {
  const { labels = {}, annotations = {}, ownerReferences = [] } = metadata
  const other = labels[PROJECT_LABEL]
  if (other !== undefined && other !== project) return `project ${other}`
  const [owner] = ownerReferences
  if (owner !== undefined) return `${owner.kind}/${owner.name}`
  const release = annotations['meta.helm.sh/release-name']
  return release === undefined ? undefined : `Helm release ${release}`
}

/** What became of one key since forge wrote it; nothing where it never did, or where that cannot be told. */
function changedBy(key: string, live: KubeObject, project: string): string[] {
  const isOwn = live.metadata.labels?.[PROJECT_LABEL] === project
  const owned = keysOwnedByForge(live)
  if (owned === undefined || owned.has(key)) return []
  const writer = writerOf(key, live)
  if (writer !== undefined) {
    const declares = writer.operation === 'Apply'
    if (!isOwn && !declares) return []
    return [`${key} ${declares ? 'is declared' : 'was changed'} by ${writer.manager ?? 'somebody'}`]
  }
  const noted = isOwn && (live.metadata.annotations?.[KEY_REVISIONS] ?? '').includes(JSON.stringify(key))
  return noted && !Object.hasOwn(dataOf(live), key) ? [`${key} was taken away`] : []
}

function writerOf(key: string, { metadata }: KubeObject) {
  return metadata.managedFields?.find(({ fieldsV1 }) => {
    const data = isMap(fieldsV1) ? fieldsV1['f:data'] : undefined
    return isMap(data) && Object.hasOwn(data, `f:${key}`)
  })
}
