import { nameOf, refOf, resourceName, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { ClusterReader, ClusterWriter } from '../../ports.ts'
import { inParallel } from '../in-parallel.ts'

export type Editor = Pick<ClusterReader, 'get'> & Pick<ClusterWriter, 'replace'>

/** Controllers write an object's status now and then; a change that meets one is tried again. */
const CONFLICTS = 5

export const WRITES_AT_ONCE = 8

/** Each of them, some at a time; `confirm` before each is written. */
export async function editObjects(
  objects: readonly KubeObject[],
  change: (live: KubeObject) => KubeObject | undefined,
  { cluster, confirm }: { readonly cluster: Editor; readonly confirm: () => Promise<void> },
  signal: AbortSignal,
): Promise<void> {
  await inParallel(objects, WRITES_AT_ONCE, async (object) => {
    await confirm()
    await editObject(object, change, cluster, signal)
  })
}

/**
 * Changes one object where nobody else does at this moment. `change` returns undefined where nothing has to change. False
 * where it is gone.
 */
export async function editObject(
  object: KubeObject,
  change: (live: KubeObject) => KubeObject | undefined,
  cluster: Editor,
  signal: AbortSignal,
): Promise<boolean> {
  const ref: ObjectRef = refOf(object)
  for (let conflicts = 0; conflicts < CONFLICTS; conflicts++) {
    const live = await cluster.get(ref, signal)
    if (live === undefined) return false
    const wanted = change(live)
    if (wanted === undefined || (await cluster.replace(wanted, signal)) !== undefined) return true
  }
  throw new ForgeError('E_API_CONFLICT', `${nameOf(object)} keeps changing`, {
    hint: kubectl(['get', resourceName(object), ref.name, '-o', 'yaml'], ref.namespace),
    where: nameOf(object),
  })
}
