import type { Environment } from '../../domain/config/model.ts'
import { environmentOf, projectOf } from '../../domain/journal/project.ts'
import { keyOf, namespacesOf, refOf, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import type { ObjectPlan } from '../../domain/plan/model.ts'
import { planUninstall, type Uninstall } from '../../domain/plan/uninstall.ts'
import type { ForgeError } from '../../errors.ts'
import type { Charts } from '../../ports.ts'
import type { Connection, DeployContext, DeployPorts, ReleaseWork } from '../deploy/context.ts'
import { createContext } from '../deploy/create-context.ts'
import { readLive } from '../deploy/live.ts'
import { readInstances, readLosses, type Losses } from '../plan/losses.ts'
import { readOtherUses, type OtherUses } from '../plan/other-uses.ts'
import { unreadEntries } from '../state/journal.ts'
import type { Place } from '../state/place.ts'
import { checkPrerequisites } from '../steps/prerequisites.ts'
import { forge } from '../../hint.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

export type UninstallPlace = Place<{ readonly cluster: Connection; readonly charts: Charts }>

/** One release that is installed, and what taking it away does. */
export interface Removal {
  readonly work: ReleaseWork
  readonly plan: Uninstall
}

/** What is installed is known from the journal; forge.yaml may name other releases by now. Undefined: nothing ever was. */
export function uninstallContext(
  place: UninstallPlace,
  { yes, timeoutMs }: Pick<DeployContext['options'], 'yes' | 'timeoutMs'>,
): DeployContext | undefined {
  const { journal, connected, checkout, flags } = place
  const entry = journal.live ?? journal.entries[0]
  if (entry === undefined) return undefined
  const sandbox = connected.cluster.context.startsWith('forge-sandbox-')
  const cluster = sandbox ? ({ sandbox } as const) : ({ sandbox, context: connected.cluster.context } as const)
  const known = environmentOf(entry, cluster, journal.live)
  const environment: Environment = checkout === undefined ? known : { ...checkout.environment, drift: known.drift }
  const context = createContext(projectOf(entry, environment), {
    dir: '',
    dirGiven: false,
    env: environment.name,
    values: [],
    set: [],
    yes,
    timeoutMs,
    skipBuild: true,
    skipVerify: true,
    rollback: false,
    removes: true,
    again: forge('uninstall', ...flags),
  })
  context.cluster = connected.cluster
  context.charts = connected.charts
  context.journal = journal
  context.previous = journal.entries[0]
  context.liveEntry = journal.live
  context.number = journal.live?.number ?? 0
  context.warnings = unreadEntries(journal)
  return context
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

/** Reads only. In the reverse of the order in which the releases were deployed. */
export async function planRemovals(context: DeployContext, deleteData: boolean, ports: DeployPorts): Promise<Removals> {
  await checkPrerequisites(context, ports)
  context.live = await readLive(context, ports)
  const unread: string[] = []
  const claims = await liveClaims(context, ports, (why) => {
    if (deleteData) throw why
    unread.push(why.message)
  })
  const definitions = [...context.live.values()].filter(({ kind }) => kind === 'CustomResourceDefinition').map(refOf)
  const instances = await readInstances(definitions, context, ports.signal)
  const facts = { live: context.live, claims, instances, deleteData }
  const each = context.works.toReversed().map((work): Removal => {
    const plan = planUninstall(work.release.name, installed(work) ? work.previous : [], facts)
    work.plans = plan.goes.map((ref) => goingPlan(ref, work))
    return { work, plan }
  })
  // What runs before and after an uninstallation is told, not compared; its own objects are no part of the release.
  const works = context.works.map(({ plans }) => ({ plans, rendered: [], operation: 'upgrade' as const }))
  const losses = await readLosses(works, context, ports.signal)
  const unknown = [...new Set([...unread, ...losses.unknown])]
  const own = ownClaims(each, claims)
  const going = each.flatMap(({ plan }) => plan.goes)
  const others = await readOtherUses([...going, ...(deleteData ? own.map(refOf) : [])], going, context, ports.signal)
  return { each, losses: { ...losses, unknown }, claims: own, others }
}

/** Where the releases have any, or have left some behind. */
async function liveClaims(
  { cluster, project, live }: DeployContext,
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

export function installed({ history }: Pick<ReleaseWork, 'history'>): boolean {
  return history.length > 0
}

function goingPlan(ref: ObjectRef, { release }: ReleaseWork): ObjectPlan {
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
