import { ownObjects } from '../../domain/manifest/hooks.ts'
import { kindKey, keyOf, namespacesOf, type KubeObject } from '../../domain/kube.ts'
import type { PlannedRelease } from '../../domain/plan/document.ts'
import { explainJobs, hasFailed } from '../../domain/plan/jobs.ts'
import { lineOf } from '../../domain/plan/lines.ts'
import { asTheirs, asTheyApply } from '../../domain/plan/managed.ts'
import type { ObjectPlan } from '../../domain/plan/model.ts'
import { planObjects, previousObjects } from '../../domain/plan/objects.ts'
import { checkOwnership } from '../../domain/plan/ownership.ts'
import { givenUpFields, preservedFields, type Preserved } from '../../domain/plan/preserved.ts'
import { takenKeys } from '../../domain/plan/take-over.ts'
import { componentOf } from '../../domain/plan/restarts.ts'
import type { JsonMap } from '../../domain/values/model.ts'
import type { Desired, DesiredRelease } from '../phases/desired.ts'
import type { Opened } from '../phases/opened.ts'
import type { Assessed, Compared } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { planClaims } from './claims.ts'
import { asMoved } from './take-over.ts'
import { predictRelease } from './predict.ts'

/**
 * What each object of each release would become: compared first, and only where something differs asked of the API
 * server, so that a deploy without changes costs no request here.
 */
export async function assess(compared: Compared, { signal }: Pick<DeployPorts, 'signal'>): Promise<Assessed> {
  const given = asManaged(compared)
  const assessed = compareReleases(given, await autoscalersOf(given, signal))
  const growth = await planClaims(assessed, signal)
  const live = new Map([...assessed.live, ...growth.claims.map((claim) => [keyOf(claim), claim] as const)])
  const releases = await Promise.all(
    assessed.releases.map(async (work) => {
      const plans = explainJobs(await predictRelease(work, assessed, signal), {
        rendered: new Map(work.rendered.map(({ object }) => [keyOf(object), object])),
        live,
        schema: schemaOf(work, assessed),
      })
      const all = [...plans, ...(growth.plans.get(work.release.name) ?? [])]
      return { ...work, plans: all.map((plan) => withLines(asMoved(plan, work), work)) }
    }),
  )
  return { ...assessed, live, releases }
}

/** Where Flux or Argo CD deploys, what they wrote is what the release wrote. */
function asManaged(compared: Compared): Compared {
  if (compared.project.environment.managedBy === undefined) return compared
  const live = new Map([...compared.live].map(([key, object]) => [key, asTheirs(object)]))
  const releases = compared.releases.map((work) => ({ ...work, rendered: asTheyApply(work.rendered, compared.live) }))
  return { ...compared, live, releases }
}

/** `from`: null where the deploy that runs did not state it. Null where the release states none, and where no migration is run. */
export function schemaOf(
  { release }: Pick<DesiredRelease, 'release'>,
  { liveEntry, policy }: Pick<Opened, 'liveEntry' | 'policy'>,
): PlannedRelease['schema'] {
  if (!policy.act.isForward) return null
  const before = liveEntry?.configuration.releases.find(({ name }) => name === release.name)?.schema
  return release.schema === undefined ? null : { from: before?.version ?? null, to: release.schema.version }
}

/** Without a request: from the render, the last manifest and the live objects. */
function compareReleases(compared: Compared, autoscalers: readonly KubeObject[]): Assessed {
  const { live } = compared
  const { drift } = compared.project.environment
  const kept = preservedFields([...renderedObjects(compared), ...autoscalers], drift)
  const given = givenUpOf(compared)
  const preserved = (object: KubeObject): Preserved[] => [...kept(object), ...(given.get(keyOf(object)) ?? [])]
  const unreadable = (object: KubeObject): boolean => compared.unreadable.has(kindKey(object))
  const releases = compared.releases.map((work) => {
    const { release, rendered, previous } = work
    // Where Flux or Argo CD deploys, what is there is theirs, and is as good as the release's own.
    if (compared.project.environment.managedBy === undefined)
      checkOwnership(rendered, live, { ...release, isInstalled: work.history.length > 0 }, takenKeys(work.takes ?? []))
    const plans = planObjects({
      release: release.name,
      rendered,
      previous,
      live,
      preserved,
      unreadable,
      settled: work.history[0] === work.before,
      crds: release.crds,
    })
    const again = { action: 'replace', because: 'it failed, and is run again' } as const
    return { ...work, plans: plans.map((plan) => (isFailedJob(plan, live) ? { ...plan, ...again } : plan)) }
  })
  return { ...compared, preserved, releases }
}

/** Fields that a chart gives up and somebody else owns, by the object's key. */
function givenUpOf({ releases, live }: Compared): Map<string, Preserved[]> {
  return new Map(
    releases.flatMap((work) => {
      const previous = previousObjects(work)
      return work.rendered.flatMap(({ object, hook }): [string, Preserved[]][] => {
        const [before, now] = [previous.get(keyOf(object)), live.get(keyOf(object))]
        if (hook !== undefined || before === undefined || now === undefined) return []
        return [[keyOf(object), givenUpFields(before, object, now)]]
      })
    }),
  )
}

const AUTOSCALER = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' }

/** Those beside a workload, whoever made them, where a chart states a count that one of them may have taken over. */
async function autoscalersOf(context: Compared, signal: AbortSignal): Promise<readonly KubeObject[]> {
  const { cluster, facts, live } = context
  const counted = renderedObjects(context).filter(
    (object) =>
      live.has(keyOf(object)) && (object['spec'] as { replicas?: number } | undefined)?.replicas !== undefined,
  )
  const served = facts.resources.some(
    ({ apiVersion, kind }) => apiVersion === AUTOSCALER.apiVersion && kind === AUTOSCALER.kind,
  )
  if (!served) return []
  const lists = await Promise.all(
    namespacesOf(counted).map(async (namespace) => unlessForbidden(cluster.list(AUTOSCALER, { namespace }, signal))),
  )
  return lists.flatMap((list) => list ?? [])
}

export function renderedObjects({ releases }: Pick<Desired, 'releases'>): KubeObject[] {
  return releases.flatMap(({ rendered }) => ownObjects(rendered))
}

/** An upgrade does not run a failed Job of the same name again, and helm reports success (docs/design.md, facts). */
function isFailedJob({ ref, action }: ObjectPlan, live: ReadonlyMap<string, KubeObject>): boolean {
  const object = live.get(keyOf(ref))
  return ref.kind === 'Job' && action !== 'delete' && action !== 'keep' && object !== undefined && hasFailed(object)
}

function withLines(plan: ObjectPlan, { configuration, before, rendered }: DesiredRelease): ObjectPlan {
  if (plan.changes.length === 0) return plan
  const object = rendered.find((one) => keyOf(one.object) === keyOf(plan.ref))?.object
  const input = {
    ref: plan.ref,
    component: componentOf(object, plan.ref.name),
    origins: configuration.origins,
    before: (before?.config ?? {}) as JsonMap,
    isTaken: plan.from !== undefined,
  }
  const changes = plan.changes.map((change) => {
    const at = lineOf(change, input)
    return at === undefined ? change : { ...change, at }
  })
  return { ...plan, changes }
}
