import { keyOf, nameOf, refOf, type KindRef, type KubeObject, type ObjectRef } from '../kube.ts'
import { isLeaving } from '../leaving.ts'
import { partsOf } from './still-used.ts'
import { hasEnded } from '../pod-phase.ts'
import { ROLLED_OUT } from '../workload-kinds.ts'

/** Something that goes, and what is no part of the deploy and needs it for its next pod. */
export interface OtherUse {
  readonly object: ObjectRef
  readonly by: ObjectRef
}

/** What is looked at. Pods tell of all else that makes pods: Jobs, custom resources, hands. */
export const USERS: readonly KindRef[] = [
  ...ROLLED_OUT,
  { apiVersion: 'batch/v1', kind: 'CronJob' },
  { apiVersion: 'v1', kind: 'Pod' },
]

/** `own`: all that the deploy itself judges. `objects`: those of `USERS` in the namespaces of what goes. */
export function otherUses(
  going: readonly ObjectRef[],
  own: readonly ObjectRef[],
  objects: readonly KubeObject[],
): OtherUse[] {
  const mine = new Set(own.map(keyOf))
  const makers = [...own, ...objects.map(refOf)]
  const found = objects.flatMap((object) => {
    const by = userOf(object, mine, makers)
    if (by === undefined) return []
    const uses = partsOf(object)
    return going
      .filter((ref) => ref.namespace === by.namespace && uses.has(nameOf(ref)))
      .map((ref): [string, OtherUse] => [`${keyOf(ref)} ${keyOf(by)}`, { object: ref, by }])
  })
  return [...new Map(found).values()]
}

/** Who is to be named for an object that makes pods, or is one. Undefined: it counts elsewhere, is over, or is the deploy's own. */
function userOf(object: KubeObject, mine: ReadonlySet<string>, makers: readonly ObjectRef[]): ObjectRef | undefined {
  if (isLeaving(object) || (object.kind === 'Pod' && hasEnded(object)) || mine.has(keyOf(object))) return undefined
  const { namespace, ownerReferences = [] } = object.metadata
  const owner = ownerReferences.find(({ controller }) => controller === true)
  if (owner === undefined) return refOf(object)
  const { apiVersion, kind, name } = owner
  const above = { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) }
  if (mine.has(keyOf(above))) return undefined
  if (object.kind !== 'Pod') return refOf(object)
  return makers.some((maker) => maker.namespace === namespace && stands(maker, above)) ? undefined : above
}

/** A StatefulSet for itself, a Deployment for its ReplicaSets, a CronJob for its Jobs: their names begin with its own. */
function stands(maker: ObjectRef, { kind, name }: ObjectRef): boolean {
  const between = { ReplicaSet: 'Deployment', Job: 'CronJob' }[kind]
  return between === undefined
    ? maker.kind === kind && maker.name === name
    : maker.kind === between && name.startsWith(`${maker.name}-`)
}
