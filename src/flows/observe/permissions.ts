import type { AccessRules } from '../../domain/access/model.ts'
import { askingFor, lackingText, missingPermissions, type Permission } from '../../domain/access/permissions.ts'
import { deployRights, type Work } from '../../domain/access/rights.ts'
import type { Project } from '../../domain/config/model.ts'
import { kubectl } from '../../hint.ts'
import type { ClusterReader } from '../../ports.ts'
import { passedOver, refuse, type Finding } from '../phases/findings.ts'
import type { ClusterFacts } from '../phases/observed.ts'
import type { RunOptions } from '../phases/options.ts'
import type { Policy } from '../phases/policy.ts'

/** What has to be allowed in one place. */
export interface Needed {
  /** Undefined: the cluster. */
  readonly namespace: string | undefined
  readonly rules: AccessRules
  readonly permissions: readonly Permission[]
}

/** A namespace that nobody has: what may be done there is allowed everywhere. */
const ANYWHERE = 'forge-anywhere'

interface Scene {
  readonly project: Project
  readonly facts: Pick<ClusterFacts, 'namespaces' | 'resources'>
  readonly cluster: Pick<ClusterReader, 'rules'>
  readonly options: Pick<RunOptions, 'skipVerify'>
}

/** What these objects make of a deploy, as far as rights go. */
export function workOf(
  { project, facts }: Pick<Scene, 'project' | 'facts'>,
  { objects, definitions }: Pick<Work, 'objects' | 'definitions'>,
): Work {
  const { environment, stages, verify } = project
  return {
    home: environment.namespace,
    namespaces: facts.namespaces.map(({ name }) => name),
    objects,
    definitions,
    stages,
    verify,
    provesCluster: !environment.cluster.sandbox && environment.cluster.uid !== undefined,
    resources: facts.resources,
    backups: (project.backups ?? []).map(({ from }) => from.kind),
  }
}

/** What forge itself writes, and what these objects need, with what is allowed there. */
export async function neededPermissions(
  scene: Scene,
  found: Pick<Work, 'objects' | 'definitions'> & { readonly compares: boolean },
  signal: AbortSignal,
): Promise<Needed[]> {
  const { facts, cluster } = scene
  // Who the cluster is has been asked before.
  const work = { ...workOf(scene, found), provesCluster: false }
  const places = deployRights(scene.options.skipVerify ? { ...work, verify: [] } : work)
  return await Promise.all(
    places.map(async ({ namespace, permissions, comparing }) => {
      const known = facts.namespaces.find(({ name }) => name === namespace)
      const rules = known?.rules ?? (await cluster.rules(namespace ?? ANYWHERE, signal))
      return { namespace, permissions: [...permissions, ...(found.compares ? comparing : [])], rules }
    }),
  )
}

export function permissionCount(needed: readonly Needed[], { rights }: Policy): string {
  if (needed.some(({ rules }) => rules.incomplete)) return 'permissions not checked (the cluster does not list them)'
  const all = needed.reduce((count, { permissions }) => count + permissions.length, 0)
  const lacking = needed.reduce((count, one) => count + lackingIn(one).length, 0)
  return rights(all - lacking, all)
}

/** E_FORBIDDEN for each place that lacks some. A plan goes without. */
export function checkPermissions(needed: readonly Needed[]): readonly Finding[] {
  return needed.flatMap((one) => {
    const { namespace, rules } = one
    if (rules.incomplete) return [passedOver('rights for a deploy', 'the cluster does not list them')]
    const [first, ...rest] = lackingIn(one)
    if (first === undefined) return []
    const where = namespace === undefined ? 'the cluster' : `namespace ${namespace}`
    const lacking = refuse('E_FORBIDDEN', lackingText([first, ...rest], where), {
      hint: kubectl(askingFor(first), namespace),
      where,
    })
    return [{ ...lacking, inPlan: [], lacking: { namespace, permissions: [first, ...rest] } }]
  })
}

/** Of what the cluster does not list nothing is lacking: then its own refusal says it. */
function lackingIn({ rules, permissions }: Needed): Permission[] {
  return rules.incomplete ? [] : missingPermissions(permissions, rules)
}
