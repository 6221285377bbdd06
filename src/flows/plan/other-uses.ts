import { nameOf, type ObjectRef } from '../../domain/kube.ts'
import { otherUses, USERS, type OtherUse } from '../../domain/plan/other-uses.ts'
import { mayBeUsed } from '../../domain/plan/still-used.ts'
import type { Assessed } from '../phases/planned.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { stillUsedError } from './still-used.ts'

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
 * What is no part of the deploy and goes on using what it deletes could not start its next pod. Throws E_STILL_USED, unless
 * `--confirm` names what goes; a plan warns.
 */
export async function checkOtherUses(context: Assessed, signal: AbortSignal): Promise<void> {
  const { works, options, warnings, notChecked } = context
  const plans = works.flatMap((work) => work.plans)
  const going = plans.filter(({ action }) => action === 'delete').map(({ ref }) => ref)
  const own = plans.map(({ ref }) => ref)
  const { uses, unknown } = await readOtherUses(going, own, context, signal)
  notChecked.push(...unknown.map((why) => `whether others use what is deleted: not checked, ${why}`))
  const open = uses.filter(({ object }) => options.confirm?.includes(object.name) !== true)
  warnings.push(...uses.filter((use) => !open.includes(use)).map(useText))
  const [first] = open
  if (first === undefined) return
  const refused = (use: OtherUse): string => `${useText(use)}: --confirm ${use.object.name} deletes it all the same`
  if (options.planOnly === true) {
    warnings.push(...open.map((use) => `a deploy is refused: ${refused(use)}`))
    return
  }
  throw stillUsedError(
    refused(first),
    first.by,
    open.map((use) => ({ message: useText(use), where: nameOf(use.by) })),
  )
}

export function useText({ object, by }: OtherUse): string {
  return `${nameOf(object)} would be deleted, and ${nameOf(by)}, which is not part of this, goes on using it`
}
