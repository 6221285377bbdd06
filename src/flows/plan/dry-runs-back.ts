import { kindKey, keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { imagesOf } from '../../domain/manifest/images.ts'
import type { ObjectPlan } from '../../domain/plan/model.ts'
import { touched } from '../../domain/plan/objects.ts'
import { admissionKinds, admissionReach } from '../../domain/prediction/admission.ts'
import { isBuiltIn } from '../../domain/prediction/three-way.ts'
import type { Foreseen } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { stamped } from '../desire/stamped.ts'
import { inParallel } from '../in-parallel.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { DRY_RUNS_AT_ONCE } from './predict.ts'

type Ports = Pick<DeployPorts, 'signal'>

/** So few dry runs cost less than to find out whether they are needed. */
const FEW = 8

/** What is asked of a deploy here. */
export type Touching = Pick<Foreseen, 'facts' | 'cluster'>

/** An object of a present revision that this deploy touches. */
export interface Changing {
  readonly object: KubeObject
  readonly plan: ObjectPlan
  readonly work: Foreseen['releases'][number]
}

export function changing({ releases }: Pick<Foreseen, 'releases'>): readonly Changing[] {
  return releases.flatMap((work) => {
    const plans = new Map(touched(work.plans).map((plan) => [keyOf(plan.ref), plan]))
    return work.previous.flatMap(({ object, hook }) => {
      const plan = plans.get(keyOf(object))
      return hook !== undefined || plan === undefined ? [] : [{ object, plan, work }]
    })
  })
}

/** The present manifest, as helm would write it again: a policy or webhook that came since may refuse it. */
export async function dryRuns(
  all: readonly Changing[],
  context: Touching,
  { signal }: Ports,
): Promise<{ readonly refused: string[]; readonly unknown: string[] }> {
  const [refused, unknown]: [string[], string[]] = [[], []]
  await inParallel(await doubtful(all, context, signal), DRY_RUNS_AT_ONCE, async ({ object, work }) => {
    const prediction = await context.cluster.predict(stamped(object, work), { mode: 'apply', force: true }, signal)
    if (prediction.kind === 'invalid' || prediction.kind === 'webhook-silent')
      refused.push(`${nameOf(object)} would be refused: ${prediction.message}`)
    if (prediction.kind === 'not-checked') unknown.push(`${nameOf(object)} was not checked: ${prediction.why}`)
  })
  return { refused: refused.sort(), unknown: unknown.sort() }
}

/**
 * Without those that nobody but the API server has a say in, and that are live as they stand in the manifest: it has taken them.
 * Of each kind one is tried all the same, for what an API server is configured to refuse is not seen, and all that has pods.
 */
async function doubtful(
  all: readonly Changing[],
  context: Touching,
  signal: AbortSignal,
): Promise<readonly Changing[]> {
  const first = new Map(all.toReversed().map((one) => [kindKey(one.object), one]))
  const sure = all.filter((one) => first.get(kindKey(one.object)) !== one && isPlain(one))
  const reach = sure.length > FEW ? await admission(context, signal) : undefined
  if (reach === undefined) return all
  const plurals = new Map(context.facts.resources.map((one) => [kindKey(one), one.plural]))
  const spared = new Set(sure.filter((one) => !reach(plurals.get(kindKey(one.object)) ?? '*')))
  return all.filter((one) => !spared.has(one))
}

/** Of the API server's own kinds, without pods, changed by nobody since, and to be changed in place. */
function isPlain({ object, plan }: Changing): boolean {
  const isOwn = isBuiltIn(object) || object.kind === 'CustomResourceDefinition'
  return isOwn && plan.action === 'change' && plan.drift.length === 0 && imagesOf(object).length === 0
}

/** Undefined: it may not be looked at. */
async function admission(
  { cluster, facts }: Touching,
  signal: AbortSignal,
): Promise<((resource: string) => boolean) | undefined> {
  const lists = admissionKinds(facts.resources).map(
    async (kind) => await unlessForbidden(cluster.list(kind, {}, signal)),
  )
  const found = await Promise.all(lists)
  return found.includes(undefined) ? undefined : admissionReach(found.flatMap((list) => list ?? []))
}
