import { keyOf, nameOf, resourceName, type ObjectRef } from '../../domain/kube.ts'
import { USERS, otherUses, type OtherUse } from '../../domain/plan/other-uses.ts'
import { mayBeUsed, stillUsed } from '../../domain/plan/still-used.ts'
import type { ErrorDetails } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import { refuse, unchecked, warn, type Check, type Refusal } from '../phases/findings.ts'
import type { Assessed, Foreseen } from '../phases/planned.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { renderedObjects } from './assess.ts'

/**
 * E_STILL_USED for what helm would delete under pods that go on using it: the next of them could not start. What `--confirm`
 * names goes all the same.
 */
export const checkStillUsed: Check<Foreseen> = (known) => {
  const { releases, live, options } = known
  const found = stillUsed(
    releases.flatMap(({ plans }) => plans),
    new Map(renderedObjects(known).map((object) => [keyOf(object), object])),
    live,
  ).filter(({ plan }) => options.confirm?.includes(plan.ref.name) !== true)
  const [first] = found
  if (first === undefined) return []
  const say = ({ plan, by }: (typeof found)[number]): string =>
    `${nameOf(plan.ref)} would be deleted, and ${nameOf(by)} goes on using it`
  const problems = found.map((one) => ({ message: say(one), where: nameOf(one.by) }))
  return [refuseUsed(say(first), first.by, problems)]
}

/** `by`: who would be left without it, and has to be looked at. */
function refuseUsed(message: string, by: ObjectRef, problems: ErrorDetails['problems'] & object): Refusal {
  return refuse('E_STILL_USED', message, {
    hint: kubectl(['get', resourceName(by), by.name, '-o', 'yaml'], by.namespace),
    where: nameOf(by),
    problems,
  })
}

export interface OtherUses {
  readonly uses: readonly OtherUse[]
  /** What could not be looked at. */
  readonly unknown: readonly string[]
}

/** Who else in its namespace needs what goes. No request where nothing goes that pods may need. */
export async function readOtherUses(
  going: readonly ObjectRef[],
  own: readonly ObjectRef[],
  { cluster }: Pick<Assessed, 'cluster'>,
  signal: AbortSignal,
): Promise<OtherUses> {
  const needed = going.filter(mayBeUsed)
  const unknown = new Set<string>()
  const namespaces = new Set(needed.flatMap(({ namespace }) => namespace ?? []))
  const lists = await Promise.all(
    [...namespaces].flatMap((namespace) =>
      USERS.map(async (kind) =>
        unlessForbidden(cluster.list(kind, { namespace }, signal), ({ message }) => unknown.add(message)),
      ),
    ),
  )
  return {
    uses: otherUses(
      needed,
      own,
      lists.flatMap((list) => list ?? []),
    ),
    unknown: [...unknown],
  }
}

/**
 * What is no part of the deploy and goes on using what it deletes could not start its next pod: E_STILL_USED, unless
 * `--confirm` names what goes. A plan warns.
 */
export const checkOtherUses: Check<Assessed> = async (known, { signal }) => {
  const plans = known.releases.flatMap((work) => work.plans)
  const going = plans.filter(({ action }) => action === 'delete').map(({ ref }) => ref)
  const own = plans.map(({ ref }) => ref)
  const { uses, unknown } = await readOtherUses(going, own, known, signal)
  const open = uses.filter(({ object }) => known.options.confirm?.includes(object.name) !== true)
  const told = [
    ...unknown.map((why) => unchecked('whether others use what is deleted', why)),
    ...uses.filter((use) => !open.includes(use)).map((use) => warn(useText(use))),
  ]
  const [first] = open
  if (first === undefined) return told
  const refused = (use: OtherUse): string => `${useText(use)}: --confirm ${use.object.name} deletes it all the same`
  const problems = open.map((use) => ({ message: useText(use), where: nameOf(use.by) }))
  const inPlan = open.map((use) => `a deploy is refused: ${refused(use)}`)
  return [...told, { ...refuseUsed(refused(first), first.by, problems), inPlan }]
}

export function useText({ object, by }: OtherUse): string {
  return `${nameOf(object)} would be deleted, and ${nameOf(by)}, which is not part of this, goes on using it`
}
