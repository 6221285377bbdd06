import { stateScope } from '../domain/state-scope.ts'
import type { Project } from '../domain/config/model.ts'
import type { Problem } from '../domain/config/position.ts'
import type { AppliedScreen } from '../screen/secrets.ts'
import { consumersOf, isBehind, type Consumer } from '../domain/secrets/consumers.ts'
import type { SecretPlan, SecretsPlan } from '../domain/secrets/model.ts'
import { gitopsOwned, type GitopsOwned } from '../domain/gitops.ts'
import type { Charts, Clock, ClusterReader } from '../ports.ts'
import type { Runner } from './phases/ports.ts'
import { ensureNamespaces } from './apply/namespace.ts'
import { gitopsRefusal, managedRefusal, ownedSecrets, requireWritable } from './observe/gitops.ts'
import { refusal } from './refusal.ts'
import { planSecrets, type PlanSecretsPorts } from './project/plan-secrets.ts'
import type { ProjectPorts, SecretSink } from './project/ports.ts'
import { resolveSecrets } from './project/secrets.ts'
import { usedSecrets } from './used-secrets.ts'
import { readWorkloads } from './secrets-consumers.ts'
import type { LeaseCluster } from './state/lease.ts'
import { highestRevisions } from './state/secret-revisions.ts'
import { underLock } from './state/under-lock.ts'
import { writeSecrets, type SecretScope } from './state/write-secrets.ts'

export interface ApplyPorts extends ProjectPorts {
  readonly cluster: SecretScope['cluster'] & LeaseCluster & Pick<ClusterReader, 'resources'>
  readonly charts: Pick<Charts, 'render' | 'defaults'>
  readonly clock: Clock
  readonly runner: Runner
  /** Who has the lock, while this waits for it. */
  readonly say: (text: string) => void
}

export interface ApplyReport extends AppliedScreen {
  readonly warnings: readonly Problem[]
}

/**
 * Resolves and checks every secret first, then writes those that differ, each with one server-side apply, under the lock.
 * Nothing is deleted, and what is equal is not touched.
 */
export async function applySecrets(
  project: Project,
  ports: ApplyPorts,
  redact: SecretSink,
  { dryRun, held }: { readonly dryRun: boolean; readonly held?: PlanSecretsPorts['held'] },
): Promise<ApplyReport> {
  const { name: environment, namespace } = project.environment
  if (!dryRun) requireWritable(managedRefusal(project))
  const first = await comparedSecrets(project, ports, redact, held)
  const writes = !dryRun && first.plans.some(({ object }) => object !== undefined)
  if (writes) await refuseOwned(ownedSecrets(first.plans), project, ports)
  const { plans, warnings, unused } = writes ? await write(project, ports, redact, held) : first
  const behind = consumersOf(await readWorkloads(namespace, ports), plans).filter(
    (consumer) => isBehind(consumer) || (consumer.runs === undefined && changes(plans, consumer)),
  )
  const { vaultSecrets: vault = [] } = project
  const homes = vault.map(({ name, path }) => ({ name, path }))
  return {
    ...{ environment, namespace, dryRun, secrets: plans, warnings, unused, behind },
    ...(homes.length === 0 ? {} : { vault: homes }),
  }
}

/** Sources and cluster, compared; throws what stands in the way of writing. Reads only. */
export async function comparedSecrets(
  project: Project,
  ports: ProjectPorts & Pick<ApplyPorts, 'cluster' | 'charts'>,
  redact: SecretSink,
  held?: PlanSecretsPorts['held'],
): Promise<SecretsPlan> {
  const { cluster, signal } = ports
  const scope = { cluster, ...stateScope(project) }
  const [resolved, highest] = await Promise.all([
    resolveSecrets(project, ports, redact),
    highestRevisions(scope, signal),
  ])
  const used = async () => await usedSecrets(project, ports)
  return await planSecrets(project, resolved, { cluster, signal, used, held }, redact, highest)
}

/** Compared once more under the lock: what was found before it may have moved. */
async function write(
  project: Project,
  ports: ApplyPorts,
  redact: SecretSink,
  held: PlanSecretsPorts['held'],
): Promise<SecretsPlan> {
  const { cluster, clock, runner, say, signal } = ports
  const scope = { cluster, ...stateScope(project) }
  await ensureOwnNamespace(project, ports)
  return await underLock({ ...scope, clock, holder: runner, note: say }, signal, async (lease) => {
    const both = AbortSignal.any([signal, lease.signal])
    const compared = await comparedSecrets(project, { ...ports, signal: both }, redact, held)
    await refuseOwned(ownedSecrets(compared.plans), project, ports)
    await lease.confirm(signal)
    await writeSecrets(scope, compared.plans, both).catch((error: unknown) => {
      throw refusal(error, both).with({ now: 'what was written stays; forge secrets apply writes the rest' })
    })
    return compared
  })
}

/** A consumer that does not say what it runs is told when this apply changes what it uses. */
function changes(plans: readonly SecretPlan[], { secret, keys }: Consumer): boolean {
  const changed = plans.find(({ name }) => name === secret)?.changedKeys ?? []
  return changed.some((key) => keys?.includes(key) ?? true)
}

async function ensureOwnNamespace(project: Project, ports: ApplyPorts): Promise<void> {
  const { cluster, signal } = ports
  const { namespace: name } = project.environment
  const live = await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name }, signal)
  if (live === undefined) await ensureNamespaces([name], project, cluster, signal)
  else await refuseOwned(gitopsOwned([live]), project, ports)
}

/** E_GITOPS_OWNED, before anything is written. */
async function refuseOwned(
  owned: readonly GitopsOwned[],
  { environment }: Project,
  { cluster, signal }: ApplyPorts,
): Promise<void> {
  if (owned.length > 0) requireWritable(gitopsRefusal(owned, environment.namespace, await cluster.resources(signal)))
}
