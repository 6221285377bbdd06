import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import type { Cluster, User } from '@kubernetes/client-node/dist/config_types.js'
import { closest, distance } from 'fastest-levenshtein'
import { ForgeError } from '../../errors.ts'
import { again, forge, program, type ClusterName } from '../../hint.ts'
import { refuseBrought } from './brought.ts'
import { pluginOf, withAbsoluteCommand, type ExecPlugin } from './exec-plugin.ts'
import { hasLists, impersonationOf, type Impersonation } from './impersonation.ts'

export interface KubeconfigRequest {
  /** The file of `--kubeconfig`; wins over KUBECONFIG. */
  readonly kubeconfig?: string
  /** The context of `--context` or of the environment; else the kubeconfig's current one. */
  readonly context?: string
  /** Nothing that lies in this folder is used (`--untrusted`). */
  readonly checkout?: string | undefined
}

/** The answer to "which cluster, as whom": one context of a kubeconfig. */
export interface Access {
  readonly config: KubeConfig
  readonly context: string
  readonly server: string
  /** The context's own default namespace. */
  readonly namespace: string | undefined
  readonly user: string
  /** Where it was read, in kubectl's order; none inside a cluster. */
  readonly files: readonly string[]
  /** How kubectl and helm are led to the same place. */
  readonly named: ClusterName
  /** The credential plugin that the user's entry names, if that is where its credentials come from. */
  readonly plugin: ExecPlugin | undefined
  /** Headers by which requests are made as somebody else, beside the user's own `as`. */
  readonly impersonation: Impersonation
}

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** What the one cluster is called for a pod without a kubeconfig: no file has a name for it. */
const IN_CLUSTER = 'in-cluster'

/**
 * Loads in kubectl's order: --kubeconfig, KUBECONFIG (a list; the first file that names something wins), ~/.kube/config,
 * in-cluster credentials. https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 * client-node is imported here, late: it costs 50 ms bundled and 250 ms as it ships. `root`: what the folder of a pod's credentials is below.
 */
export async function loadAccess(
  request: KubeconfigRequest,
  env: NodeJS.ProcessEnv = process.env,
  root = '',
): Promise<Access> {
  const { KubeConfig: Config } = await import('@kubernetes/client-node/dist/config.js')
  const files = filesOf(request, env, root)
  if (files.length === 0) return inCluster(new Config(), request, root)
  const config = new Config()
  config.loadFromOptions({ clusters: [], contexts: [], users: [], currentContext: '' })
  for (const file of files) refuseBrought('kubeconfig', file, request.checkout)
  for (const file of files) mergeInto(config, readConfig(new Config(), file))
  const access = choose(config, request, files)
  // Without a slash it is looked for in PATH, which is the caller's.
  const { command = '' } = access.plugin ?? {}
  if (command.includes(path.sep)) refuseBrought('credential plugin', command, request.checkout)
  return access
}

function filesOf({ kubeconfig }: KubeconfigRequest, env: NodeJS.ProcessEnv, root: string): string[] {
  if (kubeconfig !== undefined) {
    if (existsSync(kubeconfig)) return [kubeconfig]
    throw missing(`${kubeconfig}, named by --kubeconfig, does not exist`)
  }
  const listed = (env['KUBECONFIG'] ?? '').split(path.delimiter).filter((file) => file !== '')
  if (listed.length > 0) {
    const present = listed.filter((file) => existsSync(file))
    if (present.length > 0) return present
    throw missing(`${listed.join(', ')}, named by KUBECONFIG, ${listed.length === 1 ? 'does' : 'do'} not exist`)
  }
  const usual = path.join(env['HOME'] ?? homedir(), '.kube', 'config')
  if (existsSync(usual)) return [usual]
  if (existsSync(`${root}${SERVICE_ACCOUNT_TOKEN}`) && env['KUBERNETES_SERVICE_HOST'] !== undefined) return []
  throw missing(`there is no ${usual}, and neither --kubeconfig nor KUBECONFIG names another`)
}

function missing(message: string): ForgeError {
  return new ForgeError('E_KUBECONFIG_MISSING', `no kubeconfig: ${message}`, { hint: forge('sandbox', 'up') })
}

function readConfig(config: KubeConfig, file: string): KubeConfig {
  try {
    config.loadFromFile(path.resolve(file))
    requireTexts(config)
    const folder = path.dirname(path.resolve(file))
    config.users = config.users.map((user) => withAbsoluteCommand(user, folder))
    return config
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    throw invalid(file, reason)
  }
}

/** client-node takes what stands there for what should. */
function requireTexts({ currentContext, clusters, contexts, users }: KubeConfig): void {
  const named: (readonly [string, unknown])[] = [
    ['current-context', currentContext],
    ...clusters.flatMap(
      ({ name, server }) =>
        [
          ['the name of a cluster', name],
          [`the server of cluster ${name}`, server],
        ] as const,
    ),
    ...contexts.flatMap(({ name, cluster, user, namespace }) =>
      [name, cluster, user, namespace].map((text) => [`context ${name}`, text] as const),
    ),
    ...users.map(({ name }) => ['the name of a user', name] as const),
  ]
  const wrong = named.find(([, text]) => typeof (text ?? '') !== 'string')
  if (wrong !== undefined) throw new Error(`${wrong[0]} is not a text`)
}

/** The first file that names a cluster, a user or a context wins, and so does the first current-context (kubectl's rule). */
function mergeInto(config: KubeConfig, more: KubeConfig): void {
  const add = <T extends { readonly name: string }>(to: T[], from: readonly T[]): void => {
    to.push(...from.filter(({ name }) => !to.some((known) => known.name === name)))
  }
  add(config.clusters, more.clusters)
  add(config.users, more.users)
  add(config.contexts, more.contexts)
  // client-node leaves it undefined when the file has none, whatever its type says.
  const { currentContext } = more as { readonly currentContext?: string | null }
  if (config.currentContext === '') config.currentContext = currentContext ?? ''
}

function choose(config: KubeConfig, request: KubeconfigRequest, files: readonly string[]): Access {
  const context = request.context ?? config.currentContext
  const known = config.contexts.map(({ name }) => name)
  if (!known.includes(context)) throw unknownContext(context, known, files)
  config.setCurrentContext(context)
  if (config.getCurrentCluster() === null) {
    throw new ForgeError(
      'E_KUBECONFIG_INVALID',
      `context ${context} names a cluster that ${files.join(', ')} does not describe`,
      {
        hint: program('kubectl', 'config', 'get-clusters', ...fileFlag(files)),
        where: files.join(', '),
      },
    )
  }
  const { name, server } = config.getCurrentCluster() as Cluster
  if (!/^https?:$/u.test(URL.parse(server)?.protocol ?? ''))
    throw invalid(files.join(', '), `the server of cluster ${name} is no address: ${server}`)
  const file = request.kubeconfig === undefined ? {} : { kubeconfig: request.kubeconfig }
  return accessOf(config, context, files, { ...file, context })
}

function unknownContext(context: string, known: readonly string[], files: readonly string[]): ForgeError {
  const where = files.length === 0 ? 'in-cluster credentials' : files.join(', ')
  const file = fileFlag(files)
  if (context === '') {
    return new ForgeError('E_CONTEXT_UNKNOWN', `${where} has no current context; known: ${listed(known)}`, {
      hint:
        known[0] === undefined
          ? program('kubectl', 'config', 'get-contexts', ...file)
          : program('kubectl', 'config', 'use-context', known[0], ...file),
      where,
    })
  }
  const near = known.length === 0 ? undefined : closest(context, known)
  const meant = near !== undefined && distance(near, context) <= Math.max(2, context.length / 3) ? near : undefined
  const guess = meant === undefined ? '' : ` (did you mean ${meant}?)`
  return new ForgeError(
    'E_CONTEXT_UNKNOWN',
    `${where} ${files.length === 0 ? 'have' : 'has'} no context ${context}${guess}; known: ${listed(known)}`,
    {
      hint: files.length === 0 ? again('--context', IN_CLUSTER) : program('kubectl', 'config', 'get-contexts', ...file),
      where,
    },
  )
}

/** One file may be another than kubectl would take by itself; a list is what kubectl takes. */
function fileFlag(files: readonly string[]): string[] {
  return files.length === 1 ? files.flatMap((file) => ['--kubeconfig', file]) : []
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}

function inCluster(config: KubeConfig, { context = IN_CLUSTER }: KubeconfigRequest, root: string): Access {
  config.loadFromCluster(root)
  config.contexts = config.contexts.map((one) => ({ ...one, name: IN_CLUSTER }))
  config.currentContext = IN_CLUSTER
  // A forge.yaml written for laptops names a context, which may be another cluster's: whoever starts forge in here has to say so.
  if (context !== IN_CLUSTER) throw unknownContext(context, [IN_CLUSTER], [])
  return accessOf(config, IN_CLUSTER, [], {})
}

function accessOf(config: KubeConfig, context: string, files: readonly string[], named: ClusterName): Access {
  const cluster = config.getCurrentCluster()
  const user = config.getCurrentUser()
  return {
    config: allowPlainHttp(config),
    context,
    server: cluster?.server ?? '',
    namespace: config.getContextObject(context)?.namespace,
    user: user?.name ?? '',
    plugin: pluginOf(user, cluster, files),
    impersonation: impersonated(user, cluster, files),
    files,
    named,
  }
}

function impersonated(user: User | null, cluster: Cluster | null, files: readonly string[]): Impersonation {
  let found: Impersonation
  try {
    found = impersonationOf(user, files)
  } catch (error) {
    throw invalid(files.join(', '), (error as Error).message)
  }
  if (!hasLists(found) || (cluster?.proxyUrl ?? '') === '') return found
  throw new ForgeError('E_KUBECONFIG_INVALID', 'forge cannot act with several as-groups through a proxy-url', {
    hint: program('kubectl', 'config', 'view', '--minify'),
    where: files.join(', '),
  })
}

function invalid(file: string, reason: string): ForgeError {
  return new ForgeError('E_KUBECONFIG_INVALID', `${file} is not a valid kubeconfig: ${reason}`, {
    hint: program('kubectl', 'config', 'view', '--kubeconfig', file),
    where: file,
    // No cause: the parser's error holds the whole file, keys and all.
  })
}

/** client-node refuses http:// unless TLS is not verified; kubectl does not (`kubectl proxy`, test servers). */
function allowPlainHttp(config: KubeConfig): KubeConfig {
  config.clusters = config.clusters.map((cluster) =>
    cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster,
  )
  return config
}
