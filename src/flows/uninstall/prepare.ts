import { projectOf } from '../../domain/journal/project.ts'
import { keyOf, namespacesOf, refOf, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import type { ObjectPlan } from '../../domain/plan/model.ts'
import { planUninstall, type Uninstall } from '../../domain/plan/uninstall.ts'
import type { ForgeError } from '../../errors.ts'
import type { Charts } from '../../ports.ts'
import { environmentIn } from '../observe/environment.ts'
import { connected, pastOf } from '../observe/open.ts'
import { toApply, type Applied, type AppliedRelease } from '../phases/applied.ts'
import { asked, tellOnce } from '../phases/asked.ts'
import { AS_RECORDED, NO_IMAGES, type Desired } from '../phases/desired.ts'
import type { Observed, ObservedRelease } from '../phases/observed.ts'
import type { Opened } from '../phases/opened.ts'
import { NOTHING_PLANNED, type Compared, type Losses, type Planned } from '../phases/planned.ts'
import { writing } from '../phases/policy.ts'
import type { Connection, DeployPorts } from '../phases/ports.ts'
import { readLive } from '../observe/live.ts'
import { readInstances, readLosses } from '../plan/losses.ts'
import { readOtherUses, type OtherUses } from '../plan/still-used.ts'
import { unreadEntries } from '../state/journal.ts'
import type { OpenScope } from '../state/scope.ts'
import { observe, OF_REMOVAL } from '../observe/observe.ts'
import { extended, forge, helm } from '../../hint.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

export type UninstallScope = OpenScope<{ readonly cluster: Connection; readonly charts: Charts }>

/** One release that is installed, and what taking it away does. */
export interface Removal {
  readonly work: AppliedRelease
  readonly plan: Uninstall
}

/** What is installed is known from the journal; forge.yaml may name other releases by now. Undefined: nothing ever was. */
export function openRemoval(
  scope: UninstallScope,
  { yes, timeoutMs }: Pick<Opened['options'], 'yes' | 'timeoutMs'>,
): Opened | undefined {
  const { journal, connected: connection, flags } = scope
  const entry = journal.live ?? journal.entries[0]
  if (entry === undefined) return undefined
  const environment = environmentIn(scope, entry)
  const options = { yes, timeoutMs, skipVerify: true, rollback: false }
  const same = forge('uninstall', ...flags)
  const policy = writing(same, extended(same, '--dry-run'), ({ name, namespace }) =>
    helm(['uninstall', name], namespace),
  )
  const wanted = asked(projectOf(entry, environment), options, policy)
  tellOnce(wanted.warnings, unreadEntries(journal))
  return { ...connected(wanted, connection), ...pastOf(journal), target: undefined }
}

/** What taking all of them away does, and what could not be looked at. */
export interface Removals {
  readonly each: readonly Removal[]
  /** Claims that go with what owns them, whatever is asked for. */
  readonly losses: Losses
  /** Those of the releases among the claims that were listed. */
  readonly claims: readonly KubeObject[]
  /** What stays and needs what goes. */
  readonly others: OtherUses
}

/** Reads only. In the reverse of the order in which the releases were deployed. `context`: what is to be carried out. */
export async function planRemovals(
  opened: Opened,
  deleteData: boolean,
  ports: DeployPorts,
): Promise<{ readonly found: Removals; readonly context: Applied }> {
  const desired = desireNothing((await observe(opened, OF_REMOVAL, ports)).value)
  const live = await readLive(desired, ports)
  const unread: string[] = []
  const claims = await liveClaims({ ...desired, live }, ports, (why) => {
    if (deleteData) throw why
    unread.push(why.message)
  })
  const definitions = [...live.values()].filter(({ kind }) => kind === 'CustomResourceDefinition').map(refOf)
  const scene = { ...desired, live }
  const instances = await readInstances(definitions, scene, ports.signal)
  const facts = { live, claims, instances, deleteData }
  const removals = new Map(
    desired.releases.map((work) => {
      const { name } = work.release
      return [name, planUninstall(name, installed(work) ? work.previous : [], facts)] as const
    }),
  )
  const context = toApply(planRemoval(scene, removals))
  const each = context.releases.toReversed().flatMap((work): Removal[] => {
    const plan = removals.get(work.release.name)
    return plan === undefined ? [] : [{ work, plan }]
  })
  // What runs before and after an uninstallation is told, not compared; its own objects are no part of the release.
  const releases = context.releases.map(({ plans }) => ({ plans, rendered: [], operation: 'upgrade' as const }))
  const losses = await readLosses(releases, scene, ports.signal)
  const unknown = [...new Set([...unread, ...losses.unknown])]
  const own = ownClaims(each, claims)
  const going = each.flatMap(({ plan }) => plan.goes)
  const others = await readOtherUses([...going, ...(deleteData ? own.map(refOf) : [])], going, scene, ports.signal)
  return { found: { each, losses: { ...losses, unknown }, claims: own, others }, context }
}

function desireNothing(observed: Observed): Desired {
  const releases = observed.releases.map((work) => ({
    ...work,
    ...AS_RECORDED,
    values: {},
    manifest: '',
    rendered: [],
  }))
  return { ...observed, ...NO_IMAGES, releases, secretPlans: [] }
}

/** Nothing is waited for, and nothing comes back. */
function planRemoval(compared: Installed, removals: ReadonlyMap<string, Uninstall>): Planned {
  const releases = compared.releases.map((work) => {
    const goes = removals.get(work.release.name)?.goes ?? []
    return { ...work, plans: goes.map((ref) => goingPlan(ref, work)) }
  })
  return { ...compared, ...NOTHING_PLANNED, releases }
}

/** What is there, beside the nothing that is desired. */
type Installed = Desired & Pick<Compared, 'live'>

/** Where the releases have any, or have left some behind. */
async function liveClaims(
  { cluster, project, live }: Installed,
  { signal }: DeployPorts,
  otherwise: (why: ForgeError) => void,
): Promise<readonly KubeObject[]> {
  const kind = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
  const holders = [...live.values()].filter((object) => object.kind === kind.kind || object.kind === 'StatefulSet')
  const namespaces = new Set([project.environment.namespace, ...namespacesOf(holders)])
  const lists = await Promise.all(
    [...namespaces].map(async (namespace) => unlessForbidden(cluster.list(kind, { namespace }, signal), otherwise)),
  )
  return lists.flatMap((list) => list ?? [])
}

export function installed({ history }: Pick<ObservedRelease, 'history'>): boolean {
  return history.length > 0
}

function goingPlan(ref: ObjectRef, { release }: Pick<ObservedRelease, 'release'>): ObjectPlan {
  return { ref, release: release.name, action: 'delete', changes: [], drift: [], conflicts: [], template: '' }
}

/** As objects: each is deleted as the very one that was listed. */
function ownClaims(removals: readonly Removal[], claims: readonly KubeObject[]): readonly KubeObject[] {
  const known = new Set(
    removals.flatMap(({ plan }) =>
      plan.claims.map(({ name, namespace }) =>
        keyOf({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace }),
      ),
    ),
  )
  return claims.filter((claim) => known.has(keyOf(claim)))
}
