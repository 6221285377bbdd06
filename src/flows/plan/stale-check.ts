import { newestWritten } from '../../domain/helm/history.ts'
import { SECRET_KIND } from '../../domain/journal/labels.ts'
import { keyOf, type KubeObject } from '../../domain/kube.ts'
import type { ObjectPlan } from '../../domain/plan/model.ts'
import { previousObjects } from '../../domain/plan/objects.ts'
import { movedObjects, preconditionOf, type Precondition } from '../../domain/plan/precondition.ts'
import type { Assessed, Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { stale } from '../observe/stale.ts'
import { readLive } from '../observe/live.ts'

/** One per object that the releases have or will have: what the plan rests on. */
export function preconditionsOf(
  { releases, live, preserved }: Assessed,
  now: ReadonlyMap<string, KubeObject> = live,
): Precondition[] {
  return releases.flatMap((work) => {
    const previous = previousObjects(work)
    const rendered = new Map(
      work.rendered.flatMap(({ object, hook }) => (hook === undefined ? [[keyOf(object), object] as const] : [])),
    )
    const grown = work.plans.flatMap((plan) =>
      plan.grows === undefined ? [] : [[keyOf(plan.ref), sized(plan)] as const],
    )
    const objects = new Map([...previous, ...rendered, ...grown])
    return [...objects].map(([key, object]) => {
      const stated = [rendered.get(key), previous.get(key)].filter((one) => one !== undefined)
      const manifests = stated.length === 0 ? [object] : stated
      return preconditionOf({ ...refWithout(object) }, now.get(key), manifests, preserved(object))
    })
  })
}

/** All that the plan says of a claim that no manifest states. */
function sized({ ref: { apiVersion, kind, name, namespace }, grows }: ObjectPlan): KubeObject {
  const metadata = namespace === undefined ? { name } : { name, namespace }
  return { apiVersion, kind, metadata, spec: { resources: { requests: { storage: grows } } } }
}

function refWithout({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): Precondition['ref'] {
  return namespace === undefined ? { apiVersion, kind, name } : { apiVersion, kind, namespace, name }
}

/**
 * Under the lock, before the first write: is everything still as the plan found it? The lock keeps other forges away, not
 * kubectl, helm or controllers. Returns the live objects. Throws E_PLAN_STALE; nothing has been written then. `isEmpty`: the namespace holds nothing
 * yet, and what stands outside of it is looked at.
 */
export async function requireUnmoved(
  context: Planned,
  ports: Pick<DeployPorts, 'signal'>,
  isEmpty: boolean,
): Promise<Planned['live']> {
  const { releases, cluster, secretPlans, project } = context
  const { namespace } = project.environment
  const changing = isEmpty ? [] : secretPlans.filter(({ object }) => object !== undefined)
  const [live, histories, secrets] = await Promise.all([
    readLive(isEmpty ? { ...context, empty: namespace } : context, ports),
    isEmpty
      ? []
      : all(releases, async ({ release: one }) => await cluster.history(one.name, one.namespace, ports.signal)),
    all(changing, async ({ name }) => await cluster.get({ ...SECRET_KIND, namespace, name }, ports.signal)),
  ])
  const upgraded = releases.flatMap(({ release, history }, at) => {
    const [then, now] = [newestWritten(history), histories[at]?.[0]]
    return then?.revision === now?.revision && then?.status === now?.status
      ? []
      : [`release ${release.name} (revision ${now?.revision ?? 'none'})`]
  })
  const moved = [
    ...upgraded,
    ...movedObjects(preconditionsOf(context), preconditionsOf(context, live)),
    ...changing.flatMap(({ name, revisionBefore }, at) =>
      revisionOf(secrets[at]) === revisionBefore ? [] : [`Secret/${name}`],
    ),
  ]
  if (moved.length > 0) throw stale(moved, context)
  return live
}

async function all<T, Found>(items: readonly T[], read: (item: T) => Promise<Found>): Promise<Found[]> {
  return await Promise.all(items.map(read))
}

function revisionOf(secret: KubeObject | undefined): number | undefined {
  if (secret === undefined) return undefined
  const number = Number(secret.metadata.annotations?.['forge.api-forge.io/revision'])
  return Number.isInteger(number) && number > 0 ? number : 1
}
