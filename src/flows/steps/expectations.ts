import { keyOf, type KubeObject } from '../../domain/kube.ts'
import type { Expectation } from '../../domain/readiness/model.ts'
import { ForgeError } from '../../errors.ts'
import type { DeployContext } from '../deploy/context.ts'
import { expectationsOf } from '../follow.ts'

/** What helm left, read once per kind: no verdict rests on a watch that lags behind helm. */
export async function readExpectations(
  cluster: Pick<DeployContext['cluster'], 'list'>,
  stages: DeployContext['stages'],
  namespace: string,
  signal: AbortSignal,
): Promise<readonly Expectation[]> {
  const targets = stages.flatMap((stage) => stage.targets)
  const kinds = new Map(targets.map(({ apiVersion, kind }) => [`${apiVersion}/${kind}`, { apiVersion, kind }]))
  const lists = await Promise.all(
    [...kinds.values()].map(async (kind) => await cluster.list(kind, { namespace, metadataOnly: true }, signal)),
  )
  const wanted = new Set(targets.map(keyOf))
  const found = lists.flat().filter((object) => wanted.has(keyOf(object)))
  requireAll(targets.filter(({ vanishes }) => vanishes !== true).map(keyOf), found)
  return expectationsOf(found)
}

function requireAll(keys: readonly string[], found: readonly KubeObject[]): void {
  const has = new Set(found.map(keyOf))
  const missing = keys.find((key) => !has.has(key))
  if (missing === undefined) return
  const name = missing
    .split('/')
    .filter((_part, at) => at !== 0 && at !== 2)
    .join('/')
  throw new ForgeError('E_OBJECT_GONE', `${name} is not there although helm has just written it: somebody deletes it`, {
    hint: 'kubectl get events --sort-by=.lastTimestamp',
    where: name,
  })
}
