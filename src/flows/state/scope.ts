import type { ClusterTarget, Project } from '../../domain/config/model.ts'
import { LABELS, SECRET_KIND } from '../../domain/journal/labels.ts'
import type { Redactor } from '../../domain/redact/redactor.ts'
import { ForgeError } from '../../errors.ts'
import { again, againWithout, forge, type HintPlace, kubectl } from '../../hint.ts'
import type { Clock, ClusterReader, Codec } from '../../ports.ts'
import { loadProject } from '../project/load.ts'
import { namespaceRefused } from '../project/namespace-refused.ts'
import type { ProjectPorts } from '../project/ports.ts'
import { requireIdentity } from './identity.ts'
import { missingNamespace } from './missing-namespace.ts'
import { openJournal, type Journal, type JournalCluster } from './journal.ts'

/** What the command line says of where the state is. */
export interface ScopeRequest {
  /** As it is typed, for hints: `status`. */
  readonly command: string
  /** `-C DIR` */
  readonly dir: string | undefined
  readonly env: string | undefined
  readonly namespace: string | undefined
  readonly project: string | undefined
  readonly context: string | undefined
  readonly kubeconfig: string | undefined
}

export type ScopeCluster = JournalCluster &
  Pick<ClusterReader, 'context'> & {
    /** The default namespace of the context, if it names one. */
    readonly namespace?: string | undefined
  }

export interface ScopePorts<T extends { readonly cluster: ScopeCluster }> {
  readonly project: ProjectPorts
  readonly connect: (target: ClusterTarget) => Promise<T>
  readonly clock: Clock
  readonly codec: Codec
  readonly redactor: Redactor
  readonly here: HintPlace
  readonly signal: AbortSignal
}

/** One project in one namespace of one cluster, with what forge has kept there. */
export interface OpenScope<T> {
  readonly project: string
  readonly namespace: string
  /** Without a checkout the one that the last deploy was for. */
  readonly environment: string
  /** How a command line names this scope: `--env prod`, or `--context prod-eu -n api-forge-prod --project api-forge`. */
  readonly flags: readonly string[]
  /** Undefined: only the cluster is known. */
  readonly checkout: Project | undefined
  readonly connected: T
  readonly journal: Journal
  /** That the namespace does not exist, and which one may be meant. Undefined: it is there, or nobody may look. */
  readonly absent?: string | undefined
}

/**
 * Where status, history, rollback and recover look: the environment of forge.yaml, or without a checkout what `--context`,
 * `-n` and `--project` name. `--project` says that the forge.yaml around here is not meant. Throws E_CONFIG_MISSING where
 * neither is given, E_USAGE, E_PROJECT_UNKNOWN, E_CLUSTER_IDENTITY, and what loadProject and the cluster throw.
 */
export async function openScope<T extends { readonly cluster: ScopeCluster }>(
  request: ScopeRequest,
  ports: ScopePorts<T>,
): Promise<OpenScope<T>> {
  const checkout = await checkoutOf(request, ports)
  if (checkout === undefined) return await withoutCheckout(request, ports)
  const { environment, name: project } = checkout
  const { name, namespace, cluster: target } = environment
  const connected = await ports.connect(target)
  const [journal] = await Promise.all([
    readJournal(connected.cluster, { project, namespace }, ports),
    requireIdentity(connected.cluster, environment, ports.signal),
  ])
  const isEmpty = journal.nextNumber === 1
  const absent = isEmpty ? await missingNamespace(namespace, connected.cluster, ports.signal) : undefined
  return { project, namespace, environment: name, flags: ['--env', name], checkout, connected, journal, absent }
}

/** The same scope with its journal read again. */
export async function readAgain<T extends { readonly cluster: ScopeCluster }>(
  scope: OpenScope<T>,
  ports: Omit<ScopePorts<never>, 'connect' | 'project'>,
): Promise<OpenScope<T>> {
  return { ...scope, journal: await readJournal(scope.connected.cluster, scope, ports) }
}

async function checkoutOf(
  request: ScopeRequest,
  ports: Pick<ScopePorts<never>, 'project'>,
): Promise<Project | undefined> {
  const { command, dir, env, namespace, project, context, kubeconfig } = request
  if (project !== undefined) {
    refuseBoth(request, ports)
    return undefined
  }
  try {
    const found = await loadProject(ports.project, { dir, env })
    if (namespace !== undefined) throw namespaceRefused()
    return found
  } catch (error) {
    if (!(error instanceof ForgeError) || error.code !== 'E_CONFIG_MISSING') throw error
    const elsewhere = [namespace, context, kubeconfig].some((flag) => flag !== undefined)
    if (dir === undefined && elsewhere) return undefined
    throw error.with({ hint: forge(...command.split(' '), '--help') })
  }
}

/** FORGE_ENV may be set for other projects; what was typed must not be dropped in silence. */
function refuseBoth({ dir, env }: ScopeRequest, { project: { sources } }: Pick<ScopePorts<never>, 'project'>): void {
  const typed = env !== undefined && env !== sources.env('FORGE_ENV')
  if (dir === undefined && !typed) return
  const flag = dir === undefined ? '--env' : '-C'
  throw new ForgeError('E_USAGE', `${flag} names a forge.yaml, and --project says to do without one`, {
    hint: againWithout(dir === undefined ? ['--env'] : ['--dir', '--env']),
    where: '--project',
  })
}

async function withoutCheckout<T extends { readonly cluster: ScopeCluster }>(
  request: ScopeRequest,
  ports: ScopePorts<T>,
): Promise<OpenScope<T>> {
  const connected = await ports.connect({ sandbox: false })
  const { cluster } = connected
  const namespace = request.namespace ?? cluster.namespace ?? 'default'
  const project = request.project ?? (await onlyProject({ cluster, namespace }, ports.signal))
  const journal = await readJournal(cluster, { project, namespace }, ports)
  if (journal.nextNumber === 1) throw await unknown(project, { cluster, namespace }, ports.signal)
  const environment = journal.entries[0]?.environment ?? namespace
  return {
    project,
    namespace,
    environment,
    flags: flagsOf(request, project, namespace),
    checkout: undefined,
    connected,
    journal,
  }
}

function flagsOf({ kubeconfig, context }: ScopeRequest, project: string, namespace: string): string[] {
  const file = kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]
  const where = context === undefined ? [] : ['--context', context]
  return [...file, ...where, '-n', namespace, '--project', project]
}

interface Spot {
  readonly cluster: ScopeCluster
  readonly namespace: string
}

/** Most namespaces hold one project: then it need not be named. */
async function onlyProject(spot: Spot, signal: AbortSignal): Promise<string> {
  const { cluster, namespace } = spot
  const found = await projectsIn(spot, signal)
  const [first, second] = found
  if (first === undefined)
    throw new ForgeError('E_PROJECT_UNKNOWN', await nothingIn(namespace, cluster, signal), {
      hint: kubectl(['get', 'secrets', '--all-namespaces', '--selector', LABELS.deploy]),
      where: `namespace ${namespace}, context ${cluster.context}`,
    })
  if (second === undefined) return first
  throw new ForgeError('E_USAGE', `namespace ${namespace} holds ${found.length} projects: ${found.join(', ')}`, {
    hint: again('-n', namespace, '--project', first),
    where: `namespace ${namespace}`,
  })
}

async function nothingIn(namespace: string, cluster: ScopeCluster, signal: AbortSignal): Promise<string> {
  return (await missingNamespace(namespace, cluster, signal)) ?? `forge has deployed nothing to namespace ${namespace}`
}

async function unknown(project: string, spot: Spot, signal: AbortSignal): Promise<ForgeError> {
  const { cluster, namespace } = spot
  const found = await projectsIn(spot, signal)
  const known = found.length === 0 ? '' : `; there is ${found.join(', ')}`
  const absent = found.length === 0 ? await missingNamespace(namespace, cluster, signal) : undefined
  const message = absent ?? `forge has deployed no ${project} to namespace ${namespace}${known}`
  return new ForgeError('E_PROJECT_UNKNOWN', message, {
    hint: kubectl([
      'get',
      'secrets',
      '--all-namespaces',
      '--selector',
      `${LABELS.project}=${project},${LABELS.deploy}`,
    ]),
    where: `namespace ${namespace}, context ${cluster.context}`,
  })
}

/** By the journals that are kept there. */
async function projectsIn({ cluster, namespace }: Spot, signal: AbortSignal): Promise<string[]> {
  const options = { namespace, labelSelector: `${LABELS.project},${LABELS.deploy}`, metadataOnly: true }
  const records = await cluster.list(SECRET_KIND, options, signal)
  return [...new Set(records.flatMap(({ metadata }) => metadata.labels?.[LABELS.project] ?? []))].sort()
}

async function readJournal(
  cluster: ScopeCluster,
  where: { readonly project: string; readonly namespace: string },
  { codec, clock, redactor, signal }: Omit<ScopePorts<never>, 'connect' | 'project'>,
): Promise<Journal> {
  return await openJournal({ cluster, codec, clock, redactor, ...where }, signal)
}
