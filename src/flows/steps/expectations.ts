import { keyOf, placedIn, placedName, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import type { Expectation } from '../../domain/readiness/model.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { DeployContext } from '../deploy/context.ts'
import { expectationsOf } from '../follow.ts'

/** What helm left, read once per kind and namespace: no verdict rests on a watch that lags behind helm. */
export async function readExpectations(
  cluster: Pick<DeployContext['cluster'], 'list'>,
  stages: DeployContext['stages'],
  namespace: string,
  signal: AbortSignal,
): Promise<readonly Expectation[]> {
  const targets = stages
    .flatMap((stage) => stage.targets)
    .map((target) => ({ ref: placedIn(target, namespace), vanishes: target.vanishes === true }))
  const lists = await Promise.all(
    [...Map.groupBy(targets, ({ ref }) => `${ref.apiVersion}/${ref.kind}/${ref.namespace ?? ''}`).values()].map(
      async ([first]) => (first === undefined ? [] : await listLike(first.ref, cluster, signal)),
    ),
  )
  const wanted = new Set(targets.map(({ ref }) => keyOf(ref)))
  const found = lists.flat().filter((object) => wanted.has(keyOf(object)))
  requireAll(
    targets.filter(({ vanishes }) => !vanishes).map(({ ref }) => ref),
    found,
    namespace,
  )
  return expectationsOf(found)
}

async function listLike(
  { apiVersion, kind, namespace }: ObjectRef,
  cluster: Pick<DeployContext['cluster'], 'list'>,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const place = namespace === undefined ? {} : { namespace }
  return await cluster.list({ apiVersion, kind }, { ...place, metadataOnly: true }, signal)
}

function requireAll(refs: readonly ObjectRef[], found: readonly KubeObject[], home: string): void {
  const has = new Set(found.map(keyOf))
  const missing = refs.find((ref) => !has.has(keyOf(ref)))
  if (missing === undefined) return
  const name = placedName(missing, home)
  throw new ForgeError('E_OBJECT_GONE', `${name} is not there although helm has just written it: somebody deletes it`, {
    hint: kubectl(['get', 'events', '--sort-by=.lastTimestamp'], missing.namespace ?? home),
    where: name,
  })
}
