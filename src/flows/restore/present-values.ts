import { keyOf, refOf, type KubeObject } from '../../domain/kube.ts'
import { valueAt } from '../../domain/plan/field-path.ts'
import type { KeptValue } from '../../domain/plan/preserved.ts'
import type { Connection } from '../phases/ports.ts'

/** What stands now in fields that no rollback brings back, by the object's key. Objects that are gone have none. */
export async function presentValues(
  objects: readonly KubeObject[],
  fieldsOf: (object: KubeObject) => readonly Pick<KeptValue, 'path'>[],
  cluster: Pick<Connection, 'get'>,
  signal: AbortSignal,
): Promise<Map<string, KeptValue[]>> {
  const found = objects.map(async (object): Promise<[string, KeptValue[]][]> => {
    const fields = fieldsOf(object)
    const now = fields.length === 0 ? undefined : await cluster.get(refOf(object), signal)
    return now === undefined ? [] : [[keyOf(object), fields.map(({ path }) => ({ path, value: valueAt(now, path) }))]]
  })
  return new Map((await Promise.all(found)).flat())
}
