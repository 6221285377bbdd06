import type { Hidden, Watched } from '../phases/planned.ts'
import { missingPermissions, type Permission } from '../../domain/access/permissions.ts'
import { groupOf, placedName } from '../../domain/kube.ts'
import { watchedKinds } from '../../domain/readiness/kinds.ts'
import type { WatchedKind } from '../../domain/readiness/model.ts'
import { placedStages, workloadsAmong, type StageTarget, type StageTargets } from '../../domain/stages/stages.ts'
import type { Desired } from '../phases/desired.ts'
import type { DeployPorts } from '../phases/ports.ts'

type Asked = Pick<Desired['cluster'], 'resources' | 'rules'>

/**
 * The stages without what forge may not watch: that is said to be not checked, never that it is ready. Looks at what the
 * deploy may go back to as well.
 */
export async function lookAround(
  stages: readonly StageTargets[],
  context: Desired,
  { signal }: Pick<DeployPorts, 'signal'>,
): Promise<Watched> {
  const { releases, project, cluster } = context
  const home = project.environment.namespace
  const before = workloadsAmong(releases.flatMap(({ previous }) => previous.map(({ object }) => object)))
  const targets = stages.flatMap((stage) => stage.targets)
  const hidden = await hiddenNamespaces([...targets, ...before], home, cluster, signal)
  const unseen = targets.flatMap((target) => {
    const right = hidden.get(target.namespace ?? home)
    return right === undefined ? [] : [`${placedName(target, home)}: not checked, you may not ${right} there`]
  })
  context.notChecked.push(...unseen)
  return { stages: seenStages(placedStages(stages, home), hidden), hidden, unseen }
}

export function seenStages(stages: readonly StageTargets[], hidden: Hidden): readonly StageTargets[] {
  if (hidden.size === 0) return stages
  return stages.map((stage) => ({
    ...stage,
    targets: stage.targets.filter(({ namespace = '' }) => !hidden.has(namespace)),
  }))
}

/** Asks for the rights in every other namespace that has targets; no request where there is none. */
export async function hiddenNamespaces(
  targets: readonly StageTarget[],
  home: string,
  cluster: Asked,
  signal: AbortSignal,
): Promise<Hidden> {
  const away = watchedKinds(targets, home).filter(({ optional }) => optional !== true)
  const byNamespace = Map.groupBy(away, ({ namespace }) => namespace)
  const found = await Promise.all(
    [...byNamespace].map(async ([namespace, kinds]) => {
      const lacking = namespace === undefined ? undefined : await lackingRight(namespace, kinds, cluster, signal)
      return namespace === undefined || lacking === undefined ? [] : [[namespace, lacking] as const]
    }),
  )
  return new Map(found.flat())
}

/** Where the cluster does not say what forge may watch, the watch itself will fail and say it. */
async function lackingRight(
  namespace: string,
  kinds: readonly WatchedKind[],
  cluster: Asked,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [rules, resources] = await Promise.all([cluster.rules(namespace, signal), cluster.resources(signal)])
  const needed = kinds.flatMap(({ apiVersion, kind }): Permission[] => {
    const found = resources.find((one) => one.apiVersion === apiVersion && one.kind === kind)
    const resource = found?.namespaced === true ? found.plural : undefined
    return resource === undefined
      ? []
      : ['list', 'watch'].map((verb) => ({ verb, group: groupOf(apiVersion), resource }))
  })
  const missing = rules.incomplete ? [] : missingPermissions(needed, rules)
  // Everybody knows what pods are.
  const first = missing.find(({ resource }) => resource === 'pods') ?? missing[0]
  return first === undefined ? undefined : `${first.verb} ${first.resource}`
}
