import { keyOf, nameOf, type KubeObject, type ObjectRef } from '../kube.ts'
import { judgeApplication } from './application.ts'
import { judgeHelmRelease } from './helm-release.ts'
import { judgeKustomization, type Asking } from './kustomization.ts'
import { commitsOf } from './application.ts'
import { revisionIs } from './revision.ts'
import { applicationStatus, fluxStatus } from './shapes.ts'
import { judgeSource } from './source.ts'
import { placed, type FollowContext, type Standing, type State } from './standing.ts'

/** How each of these, which apply something, stands to the wanted revision. */
export function judgeOwners(owners: readonly ObjectRef[], context: FollowContext): Standing[] {
  return owners.map((ref) => standingOf(ref, context, []))
}

function standingOf(ref: ObjectRef, context: FollowContext, above: readonly string[]): Standing {
  const key = keyOf(ref)
  const own = { on: ref, chain: [placed(ref)] }
  if (above.includes(key)) return { ...own, state: 'waiting', why: `${placed(ref)} waits for itself` }
  const object = context.get(ref)
  if (object === undefined) return { ...own, state: 'waiting', why: `${placed(ref)} is not there` }
  if (object.metadata.deletionTimestamp !== undefined)
    return { ...own, state: 'waiting', why: `${placed(ref)} is being deleted` }
  const ask = (other: ObjectRef): Standing => standingOf(other, context, [...above, key])
  const found = stateOf(object, { ...context, ask })
  if (!('on' in found)) return { ...found, ...own }
  const [first] = found.chain
  return first === placed(ref) ? found : { ...found, chain: [placed(ref), ...found.chain] }
}

function stateOf(object: KubeObject, context: Asking): State | Standing {
  switch (object.kind) {
    case 'Kustomization':
      return judgeKustomization(object, context)
    case 'HelmRelease':
      return judgeHelmRelease(object, context)
    case 'Application':
      return judgeApplication(object, context)
    default:
      return judgeSource(object, context)
  }
}

/**
 * The one that says most: what failed for good, what nobody will go on with, what somebody overtook, what may fail still, what
 * is waited for. Whoever only waits for the health of another one is told after it. `lasted`: for how long a failure has stood.
 */
export function mostTelling(standings: readonly Standing[], lasted: (one: Standing) => number): Standing | undefined {
  return standings.toSorted((a, b) => weightOf(a, lasted) - weightOf(b, lasted))[0]
}

function weightOf(one: Standing, lasted: (one: Standing) => number): number {
  switch (one.state) {
    case 'failing':
      return (isOver(one, lasted(one)) ? 0 : 4) + (one.reason === 'HealthCheckFailed' ? 1 : 0)
    case 'held':
      return 2
    case 'superseded':
      return 3
    case 'waiting':
      return 6
    case 'applied':
      return 7
  }
}

/** Whether a failure counts. */
export function isOver(one: Standing, lastedMs: number): boolean {
  return one.state === 'failing' && lastedMs >= one.lastsMs
}

/** By which a failure is known again while its controller tries anew. */
export function failureKey({ on }: Standing): string {
  return keyOf(on)
}

/** All that is waited for, in one line: `GitRepository flux-system/shop has fetched …`, each once. */
export function waitsText(standings: readonly Standing[]): string {
  const texts = standings.flatMap((one) =>
    one.state === 'waiting' ? [one.why] : one.state === 'failing' ? [failureText(one)] : [],
  )
  return [...new Set(texts)].join('; ')
}

/** `Kustomization flux-system/apps: BuildFailed: …` */
export function failureText(one: Extract<Standing, { state: 'failing' }>): string {
  return `${placed(one.on)}: ${one.reason}: ${one.why}`
}

/** Whether this object has, or has applied, the wanted revision right now: what it has later comes after. */
export function hasWanted(object: KubeObject, { wanted }: Pick<FollowContext, 'wanted'>): boolean {
  return revisionsIn(object).some((one) => revisionIs(wanted, one))
}

/** The revisions that an object says it has. */
export function revisionsIn(object: KubeObject): string[] {
  const status = object['status']
  if (object.kind === 'Application') return commitsOf(applicationStatus(status).sync)
  const { artifact, lastAppliedRevision: applied } = fluxStatus(status)
  return [artifact?.revision, applied].flatMap((one) => one ?? [])
}

/** `Kustomization/apps`, for the row "where". */
export function whereOf({ on }: Standing): string {
  return `${nameOf(on)} in namespace ${on.namespace ?? ''}`
}
