import type { Environment } from '../../domain/config/model.ts'
import { environmentOf, projectOf } from '../../domain/journal/project.ts'
import type { KubeObject, ObjectRef } from '../../domain/kube.ts'
import type { ObjectPlan } from '../../domain/plan/model.ts'
import { planUninstall, type Uninstall } from '../../domain/plan/uninstall.ts'
import type { Charts } from '../../ports.ts'
import type { Connection, DeployContext, DeployPorts, ReleaseWork } from '../deploy/context.ts'
import { createContext } from '../deploy/create-context.ts'
import { readLive } from '../deploy/live.ts'
import { preconditionsOf } from '../plan/moved.ts'
import type { Place } from '../state/place.ts'
import { checkPrerequisites } from '../steps/prerequisites.ts'
import { forge } from '../../hint.ts'

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
  return context
}

/** Reads only. In the reverse of the order in which the releases were deployed. */
export async function planRemovals(context: DeployContext, ports: DeployPorts): Promise<readonly Removal[]> {
  await checkPrerequisites(context, ports)
  context.live = await readLive(context, ports)
  const { namespace } = context.project.environment
  const claims = await context.cluster.list(
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
    { namespace },
    ports.signal,
  )
  const removals = context.works.toReversed().map((work): Removal => {
    const plan = planUninstall(work.release.name, installed(work) ? work.previous : [], context.live, claims)
    work.plans = plan.goes.map((ref) => goingPlan(ref, work))
    return { work, plan }
  })
  context.preconditions = preconditionsOf(context)
  return removals
}

export function installed({ history }: Pick<ReleaseWork, 'history'>): boolean {
  return history.length > 0
}

function goingPlan(ref: ObjectRef, { release }: ReleaseWork): ObjectPlan {
  return { ref, release: release.name, action: 'delete', changes: [], drift: [], conflicts: [], template: '' }
}

/** The claims of all releases, as objects: each is deleted as the very one that was listed. */
export function listedClaims(removals: readonly Removal[], claims: readonly KubeObject[]): readonly KubeObject[] {
  const names = new Set(removals.flatMap(({ plan }) => plan.claims.map(({ name }) => name)))
  return claims.filter(({ metadata }) => names.has(metadata.name))
}
