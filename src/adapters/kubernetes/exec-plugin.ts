import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Cluster, User } from '@kubernetes/client-node/dist/config_types.js'
import { run } from '../process.ts'
import { loadHelmYaml } from '../../domain/manifest/yaml.ts'
import { isMap } from '../../domain/config/path.ts'
import { parseJson } from '../../domain/json.ts'

/**
 * A credential plugin as a kubeconfig names it, run as client-go runs it
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
 */
export interface ExecPlugin {
  readonly apiVersion: string
  /** Absolute where it was a path. */
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly interactiveMode: 'Never' | 'IfAvailable' | 'Always'
  /** What the kubeconfig says about getting it. */
  readonly installHint: string | undefined
  /** Undefined: the plugin does not want to know the cluster. */
  readonly cluster: Readonly<Record<string, unknown>> | undefined
}

/** What a plugin gives: a token, a client certificate with its key, or both. */
export interface PluginCredential {
  readonly token?: string
  readonly clientCertificateData?: string
  readonly clientKeyData?: string
  /** Milliseconds of the wall clock. Undefined: valid until it is refused. */
  readonly expires: number | undefined
}

interface RawExec {
  readonly apiVersion?: string
  readonly command?: string
  readonly args?: readonly string[] | null
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null
  readonly installHint?: string
  readonly provideClusterInfo?: boolean
  readonly interactiveMode?: ExecPlugin['interactiveMode']
}

/** A command with a slash is meant from the folder of the file that names it; without one it is looked for in PATH. */
export function withAbsoluteCommand(user: User, folder: string): User {
  const exec = user.exec as RawExec | null | undefined
  if (exec?.command?.includes(path.sep) !== true || path.isAbsolute(exec.command)) return user
  return { ...user, exec: { ...exec, command: path.join(folder, exec.command) } }
}

/**
 * The plugin of a user. None where the user has credentials of another kind: those win. `files`: where the cluster is
 * described; the first that names it counts.
 */
export function pluginOf(user: User | null, cluster: Cluster | null, files: readonly string[]): ExecPlugin | undefined {
  const exec = user?.exec as RawExec | null | undefined
  if (user === null || exec?.command === undefined) return undefined
  if ([user.token, user.username, user.certData, user.certFile].some((one) => (one ?? '') !== '')) return undefined
  const { apiVersion = 'client.authentication.k8s.io/v1', command, args, env, installHint } = exec
  return {
    apiVersion,
    command,
    args: args ?? [],
    env: Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
    interactiveMode: exec.interactiveMode ?? 'IfAvailable',
    installHint,
    cluster: exec.provideClusterInfo === true && cluster !== null ? clusterInfo(cluster, files) : undefined,
  }
}

/** Why a plugin gave nothing; no server was asked then. */
export class PluginFailure extends Error {
  readonly isMissing: boolean

  constructor(message: string, isMissing = false) {
    super(message)
    this.isMissing = isMissing
  }
}

/** Throws PluginFailure. It may speak with the person where there is one, unless it says that it never does. */
export async function askPlugin(plugin: ExecPlugin, hasTerminal: boolean): Promise<PluginCredential> {
  const { command, args, env, apiVersion, cluster, interactiveMode } = plugin
  if (interactiveMode === 'Always' && !hasTerminal)
    throw new PluginFailure('it needs a terminal (interactiveMode: Always), and there is none')
  const interactive = interactiveMode !== 'Never' && hasTerminal
  const spec = { interactive, ...(cluster === undefined ? {} : { cluster }) }
  const info = JSON.stringify({ kind: 'ExecCredential', apiVersion, spec })
  const result = await run(command, args, { env: { ...env, KUBERNETES_EXEC_INFO: info }, hasTerminal: interactive })
  if (result.startError === 'ENOENT') throw new PluginFailure('it is not there', true)
  if (result.startError !== undefined) throw new PluginFailure(`it cannot be started (${result.startError})`)
  if (result.status !== 0)
    throw new PluginFailure(saidLast(result.stderr) ?? `it ended with status ${result.status ?? 'unknown'}`)
  return credentialIn(result.stdout)
}

function saidLast(text: string): string | undefined {
  return text
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line !== '')
}

function credentialIn(printed: string): PluginCredential {
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = statusIn(printed)
  const expires = Date.parse(expirationTimestamp ?? '')
  const hasPair = clientCertificateData !== undefined && clientKeyData !== undefined
  if (token === undefined && !hasPair) throw new PluginFailure('it gave neither a token nor a certificate with its key')
  return {
    ...(token === undefined ? {} : { token }),
    ...(hasPair ? { clientCertificateData, clientKeyData } : {}),
    expires: Number.isNaN(expires) ? undefined : expires,
  }
}

type Status = Partial<Record<'token' | 'clientCertificateData' | 'clientKeyData' | 'expirationTimestamp', string>>

function statusIn(printed: string): Status {
  const document = parseJson(printed)
  if (isMap(document) && document['kind'] === 'ExecCredential') return document['status'] ?? {}
  // What it printed may be a secret, so that it is not told.
  throw new PluginFailure('what it printed is no ExecCredential')
}

/** As client-go tells it: the same keys as in a kubeconfig, the CA always as bytes. */
function clusterInfo(cluster: Cluster, files: readonly string[]): Record<string, unknown> {
  const { name, server, tlsServerName, skipTLSVerify, caData, caFile, proxyUrl } = cluster
  const authority = caData ?? (caFile === undefined ? undefined : readFileSync(caFile).toString('base64'))
  const config = extensionOf(name, files)
  return {
    server,
    ...(tlsServerName === undefined ? {} : { 'tls-server-name': tlsServerName }),
    ...(skipTLSVerify ? { 'insecure-skip-tls-verify': true } : {}),
    ...(authority === undefined ? {} : { 'certificate-authority-data': authority }),
    ...(proxyUrl === undefined ? {} : { 'proxy-url': proxyUrl }),
    ...(config === undefined ? {} : { config }),
  }
}

interface RawFile {
  readonly clusters?: readonly {
    readonly name: string
    readonly cluster?: { readonly extensions?: readonly { readonly name: string; readonly extension: unknown }[] }
  }[]
}

/** What the cluster's entry keeps for plugins; client-node leaves extensions out. */
function extensionOf(cluster: string, files: readonly string[]): unknown {
  for (const file of files) {
    const { clusters = [] } = (loadHelmYaml(readFileSync(file, 'utf8')).value ?? {}) as RawFile
    const found = clusters.find(({ name }) => name === cluster)
    if (found === undefined) continue
    return found.cluster?.extensions?.find(({ name }) => name === 'client.authentication.k8s.io/exec')?.extension
  }
  return undefined
}
