import { keyOf, nameOf, type KubeObject } from '../kube.ts'
import { isRunning } from '../plan/jobs.ts'
import type { ObjectPlan } from '../plan/model.ts'
import { hasPodTemplate } from '../workload-kinds.ts'
import { claimsOf, mountedClaims } from './claims.ts'

/** Why something may not be migrated as it is. */
export interface Obstacle {
  readonly code: 'E_MIGRATE_CLAIM' | 'E_MIGRATE_KIND' | 'E_MIGRATE_REPLACE' | 'E_MIGRATE_PENDING' | 'E_MIGRATE_TWICE'
  readonly message: string
  readonly object: KubeObject
  /** The claim whose data would be left behind: `--confirm NAME` agrees to that. */
  readonly claim?: string
}

export interface Scene {
  readonly plans: readonly ObjectPlan[]
  readonly rendered: readonly KubeObject[]
  /** What is taken over, as it is live. */
  readonly adopted: ReadonlyMap<string, KubeObject>
  /** Workloads of the old stack that the charts do not render. */
  readonly others: readonly KubeObject[]
  /** Those of them that its source states, or whose name a rendered one has. */
  readonly stack: ReadonlySet<string>
}

/** Made anew without anybody noticing: nothing runs in them, and pods that use them have read them. */
const REPLACEABLE = new Set(['Job', 'ConfigMap', 'Secret'])

/** All that would lose data, or run twice, before anything is written. */
export function obstacles(scene: Scene): Obstacle[] {
  return [
    ...otherKinds(scene),
    ...twoOnOne(scene),
    ...otherClaims(scene),
    ...leftClaims(scene),
    ...pending(scene),
    ...fixed(scene),
  ]
}

/** A workload under another kind would run beside the old one, perhaps on the same volume. */
function otherKinds({ plans, others, rendered }: Scene): Obstacle[] {
  const made = new Set(plans.filter(({ action }) => action === 'create').map(({ ref }) => keyOf(ref)))
  return rendered
    .filter((object) => made.has(keyOf(object)) && hasPodTemplate(object.kind))
    .flatMap((object) => {
      const old = others.find((one) => isSamePlace(one, object) && one.kind !== object.kind && one.kind !== 'Job')
      if (old === undefined) return []
      const message = `${nameOf(old)} runs, and the chart renders ${nameOf(object)}: both would run`
      return [{ code: 'E_MIGRATE_KIND' as const, message, object: old }]
    })
}

function isSamePlace({ metadata: one }: KubeObject, { metadata: other }: KubeObject): boolean {
  return one.name === other.name && one.namespace === other.namespace
}

/**
 * Pods of another workload would start on a volume before those that have it are gone: what is retired goes last of all. Where its
 * claim is for many nodes, several may write there.
 */
function twoOnOne({ rendered, adopted, others }: Scene): Obstacle[] {
  const [after, live] = [new Map(rendered.map((object) => [keyOf(object), object])), [...others, ...adopted.values()]]
  const claims = new Map(
    live.flatMap((one) => (one.kind === 'PersistentVolumeClaim' ? [[placed(one.metadata.name, one), one]] : [])),
  )
  const users = live.filter((one) => hasPodTemplate(one.kind) && countOf(one) > 0)
  return rendered.flatMap((object): Obstacle[] => {
    if (!hasPodTemplate(object.kind) || countOf(object) === 0) return []
    const had = claimsIn(adopted.get(keyOf(object)))
    return [...claimsOf(object)].flatMap((claim): Obstacle[] => {
      const found = claims.get(placed(claim, object))
      if (had.has(claim) || found === undefined || isShared(found)) return []
      const old = users.find((one) => {
        const isThere = placed(claim, one) === placed(claim, object) && claimsOf(one).has(claim)
        return isThere && keyOf(one) !== keyOf(object) && !claimsIn(after.get(keyOf(one))).has(claim)
      })
      // Of one name, they are told of as two kinds.
      if (old === undefined || isSamePlace(old, object)) return []
      const message = `${nameOf(old)} runs on claim ${claim}, and ${nameOf(object)} of the chart would start on it meanwhile`
      return [{ code: 'E_MIGRATE_TWICE', message, object: old }]
    })
  })
}

function claimsIn(workload: KubeObject | undefined): ReadonlySet<string> {
  return workload === undefined ? new Set() : claimsOf(workload)
}

function countOf({ spec }: KubeObject): number {
  return (spec as { replicas?: number } | undefined)?.replicas ?? 1
}

function isShared({ spec }: KubeObject): boolean {
  const { accessModes = [] } = (spec ?? {}) as { accessModes?: readonly string[] }
  return accessModes.some((mode) => mode.endsWith('Many'))
}

/** The same pods would find another volume where they had their data. */
function otherClaims({ rendered, adopted }: Scene): Obstacle[] {
  return rendered.flatMap((object) => {
    const live = adopted.get(keyOf(object))
    if (live === undefined || !hasPodTemplate(object.kind)) return []
    const after = mountedClaims(object)
    return [...mountedClaims(live)].flatMap(([path, claim]): Obstacle[] => {
      const now = after.get(path)
      if (now === undefined || now === claim) return []
      const message = `${nameOf(object)} has claim ${claim} at ${path}, and the chart puts ${now} there: its data would be left behind`
      return [{ code: 'E_MIGRATE_CLAIM', message, object, claim }]
    })
  })
}

/** Data of the old stack that nothing mounts any more. */
function leftClaims(scene: Scene): Obstacle[] {
  const { rendered, adopted, others, stack } = scene
  const known = new Set(otherClaims(scene).map(({ claim }) => claim))
  const after = new Set(rendered.flatMap((object) => [...claimsOf(object)].map((claim) => placed(claim, object))))
  const old = [...adopted.values(), ...others.filter((one) => stack.has(keyOf(one)))].filter(({ kind }) =>
    hasPodTemplate(kind),
  )
  const found = new Map<string, Obstacle>()
  for (const object of old)
    for (const claim of claimsOf(object)) {
      if (after.has(placed(claim, object)) || known.has(claim)) continue
      const message = `${nameOf(object)} keeps its data in claim ${claim}, and nothing that the charts render mounts it`
      found.set(claim, { code: 'E_MIGRATE_CLAIM', message, object, claim })
    }
  return [...found.values()]
}

function placed(claim: string, { metadata: { namespace } }: KubeObject): string {
  return `${namespace ?? ''}/${claim}`
}

function pending({ adopted }: Scene): Obstacle[] {
  return [...adopted.values()].flatMap((object): Obstacle[] => {
    const phase = (object['status'] as { phase?: string } | undefined)?.phase
    if (object.kind !== 'PersistentVolumeClaim' || phase !== 'Pending') return []
    const message = `${nameOf(object)} has no volume yet: whether the stack runs at all is not known`
    return [{ code: 'E_MIGRATE_PENDING', message, object }]
  })
}

/** What cannot be changed in place, and has pods or an address that others rely on. */
function fixed({ plans, adopted }: Scene): Obstacle[] {
  return plans.flatMap((plan): Obstacle[] => {
    const object = adopted.get(keyOf(plan.ref))
    if (object === undefined || plan.action !== 'replace') return []
    if (object.kind === 'Job' && isRunning(object))
      return [{ code: 'E_MIGRATE_REPLACE', message: `${nameOf(object)} still runs, and would be made anew`, object }]
    if (REPLACEABLE.has(object.kind)) return []
    const why = plan.because === undefined ? '' : ` (${plan.because})`
    const message = `${nameOf(object)} cannot be taken over in place${why}: the chart must render it as it is there`
    return [{ code: 'E_MIGRATE_REPLACE', message, object }]
  })
}
