import { nameOf, refOf, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import { isLeaving } from '../../domain/leaving.ts'
import { helmMarks, helmOwner } from '../../domain/plan/ownership.ts'
import { isSame, type ReleaseName } from '../../domain/plan/take-over.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { Connection } from '../phases/ports.ts'

const CONFLICTS = 5

export interface ReOwned {
  readonly objects: readonly ObjectRef[]
  readonly from: ReleaseName
  readonly to: ReleaseName
}

interface Held {
  readonly cluster: Pick<Connection, 'get' | 'mark'>
  /** Asked before every write. */
  readonly confirm: () => Promise<void>
}

/**
 * Puts the marks of another release on objects, which stay what they are otherwise. What is gone is passed over: helm makes it. Returns them as they are then.
 * E_PLAN_STALE where one belongs to somebody else by now.
 */
export async function reOwn({ objects, from, to }: ReOwned, held: Held, signal: AbortSignal): Promise<KubeObject[]> {
  const marked: KubeObject[] = []
  for (const ref of objects) marked.push(...(await reOwnOne(ref, from, to, held, signal)))
  return marked
}

async function reOwnOne(
  ref: ObjectRef,
  from: ReleaseName,
  to: ReleaseName,
  { cluster, confirm }: Held,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  // A controller writes its status at any moment.
  for (let conflicts = 0; conflicts < CONFLICTS; conflicts++) {
    const live = await cluster.get(ref, signal)
    if (live === undefined || isLeaving(live) || isSame(helmOwner(live), to)) return live === undefined ? [] : [live]
    if (!isSame(helmOwner(live), from)) throw stale(live)
    await confirm()
    const marked = await cluster.mark(live, helmMarks(to), signal)
    if (marked !== undefined) return [marked]
  }
  throw stale({ ...ref, metadata: ref })
}

function stale(object: KubeObject): ForgeError {
  const { name, namespace } = refOf(object)
  return new ForgeError('E_PLAN_STALE', `${nameOf(object)} was changed by somebody else at this moment`, {
    hint: kubectl(['get', object.kind.toLowerCase(), name, '-o', 'yaml'], namespace),
    where: nameOf(object),
    exit: 5,
  })
}
