import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import { isatty } from 'node:tty'
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { Agent, type Dispatcher } from 'undici'
import { ForgeError } from '../../errors.ts'
import { kubectl, program } from '../../hint.ts'
import type { Clock } from '../../ports.ts'
import { askPlugin, PluginFailure, type ExecPlugin, type PluginCredential } from './exec-plugin.ts'
import { hasLists } from './impersonation.ts'
import type { Access } from './kubeconfig.ts'
import { hearOrphans } from './orphans.ts'
import { expected } from '../../expected.ts'

hearOrphans()

export interface Credentials {
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly dispatcher: Dispatcher
}

/** Tokens from files and plugins are asked for again after this; a plugin is not run while what it gave is valid. */
const TOKEN_AGE_MS = 60_000

/**
 * Headers and the one connection pool of a cluster. client-node's applySecurityAuthentication builds a new pool at every
 * call (each with its own TLS handshakes), so it is called once per minute for the headers, and its pool is taken only
 * at first and after a 401, and when a plugin has issued another client certificate.
 */
export class CredentialStore {
  private access: Access
  private readonly clock: Clock
  private current: { readonly credentials: Credentials; readonly at: number } | undefined
  private pending: Promise<Credentials> | undefined
  /** What the plugin gave last. */
  private given: PluginCredential | undefined
  /** Pools that were replaced: what is under way on them may end, nothing new goes there. */
  private readonly retired = new Set<Dispatcher>()

  constructor(access: Access, clock: Clock) {
    this.access = access
    this.clock = clock
  }

  async get(): Promise<Credentials> {
    if (this.current !== undefined && this.clock.monotonic() - this.current.at < TOKEN_AGE_MS)
      return this.current.credentials
    return await this.ask(this.current?.credentials.dispatcher)
  }

  /** After a 401: everything anew, also what the exec plugin said. The old pool closes when its last request ends. */
  async renew(refused: Credentials): Promise<Credentials> {
    if (this.current !== undefined && this.current.credentials !== refused) return this.current.credentials
    this.access = { ...this.access, config: await fresh(this.access.config) }
    this.given = undefined
    this.retire(refused.dispatcher)
    return await this.ask(undefined)
  }

  /**
   * The next request opens a connection of its own. Over HTTP/2 all requests share one, so that one which is dead without
   * having been closed would swallow every retry, too.
   */
  reconnect(dead: Dispatcher): void {
    if (this.current?.credentials.dispatcher === dead) this.retire(dead)
  }

  private retire(dispatcher: Dispatcher): void {
    this.current = undefined
    this.retired.add(dispatcher)
    dispatcher.close().then(
      () => this.retired.delete(dispatcher),
      () => undefined,
    )
  }

  /** The same credentials for a connection of its own over HTTP/1.1, through the cluster's proxy where it has one. */
  async socketOptions(): Promise<RequestOptions> {
    const { headers } = await this.get()
    const access = this.given === undefined ? this.access : await withCredential(this.access, this.given)
    const options: RequestOptions = {}
    await access.config.applyToHTTPSOptions(options)
    return { ...options, headers: { ...(options.headers as Credentials['headers'] | undefined), ...headers } }
  }

  /** Why the API server may have said 401: the end of the client certificate's life, if that is it. */
  expiredCertificate(): string | undefined {
    const { certData, certFile } = this.access.config.getCurrentUser() ?? {}
    try {
      const pem = certFile == null ? Buffer.from(certData ?? '', 'base64') : readFileSync(certFile)
      const { validToDate } = new X509Certificate(pem)
      return validToDate.getTime() < this.clock.now() ? validToDate.toISOString().slice(0, 10) : undefined
    } catch (error) {
      expected(error)
      return undefined
    }
  }

  /** What was sent last says not who asks: neither a token nor a client certificate. */
  isBare(): boolean {
    const names = Object.keys(this.current?.credentials.headers ?? {}).map((name) => name.toLowerCase())
    const { certData, certFile } = this.access.config.getCurrentUser() ?? {}
    return !names.includes('authorization') && certData == null && certFile == null && this.given === undefined
  }

  async close(): Promise<void> {
    const { dispatcher } = this.current?.credentials ?? {}
    await Promise.all([...this.retired, ...(dispatcher === undefined ? [] : [dispatcher])].map((one) => one.destroy()))
  }

  private async ask(keep: Dispatcher | undefined): Promise<Credentials> {
    this.pending ??= this.authenticate(keep).finally(() => (this.pending = undefined))
    const credentials = await this.pending
    this.current = { credentials, at: this.clock.monotonic() }
    return credentials
  }

  private async authenticate(keep: Dispatcher | undefined): Promise<Credentials> {
    const { plugin } = this.access
    if (plugin === undefined) return await headersFor(this.access, keep)
    const isOver = (this.given?.expires ?? Number.POSITIVE_INFINITY) <= this.clock.now()
    if (this.given === undefined || isOver) {
      const hasCertificate = this.given?.clientCertificateData !== undefined
      this.given = await ask(plugin, this.access)
      // The pool has the certificate of before.
      if (hasCertificate) return await headersFor(await withCredential(this.access, this.given), undefined)
    }
    return await headersFor(await withCredential(this.access, this.given), keep)
  }
}

async function ask(plugin: ExecPlugin, access: Access): Promise<PluginCredential> {
  try {
    return await askPlugin(plugin, isatty(0))
  } catch (error) {
    throw error instanceof PluginFailure ? noCredential(plugin, access, error) : error
  }
}

/** The same access, with what the plugin gave as if the kubeconfig held it. */
async function withCredential(access: Access, given: PluginCredential): Promise<Access> {
  const { KubeConfig: Config } = await import('@kubernetes/client-node/dist/config.js')
  const { config } = access
  const copy = new Config()
  const base64 = (pem: string | undefined): string | undefined =>
    pem === undefined ? undefined : Buffer.from(pem).toString('base64')
  const users = config.users.map((user) =>
    user.name === access.user
      ? {
          ...user,
          exec: undefined,
          token: given.token,
          certData: base64(given.clientCertificateData),
          keyData: base64(given.clientKeyData),
        }
      : user,
  )
  copy.loadFromOptions({
    clusters: config.clusters,
    users,
    contexts: config.contexts,
    currentContext: config.currentContext,
  })
  return { ...access, config: copy }
}

/** Nobody was asked: the API server does not know of this. */
function noCredential(plugin: ExecPlugin, access: Access, { message, isMissing }: PluginFailure): ForgeError {
  const help = isMissing && plugin.installHint !== undefined ? `\n${plugin.installHint.trim()}` : ''
  const said = isMissing ? 'is not there' : `failed: ${message}`
  return new ForgeError(
    'E_CLUSTER_CREDENTIALS',
    `the credential plugin ${plugin.command} of user ${access.user} ${said}${help}`,
    {
      hint: kubectl(['config', 'view', '--minify']),
      where: `user ${access.user} of ${access.files.join(', ')}`,
      chain: [
        `context ${access.context}`,
        `user ${access.user}`,
        `plugin ${plugin.command}`,
        'the API server was not asked',
      ],
    },
  )
}

async function headersFor(access: Access, keep: Dispatcher | undefined): Promise<Credentials> {
  const { RequestContext, HttpMethod } = await import('@kubernetes/client-node/dist/gen/http/http.js')
  const context = new RequestContext(access.server, HttpMethod.GET)
  try {
    await access.config.applySecurityAuthentication(context)
  } catch (error) {
    throw unreadFile(access, error) ?? unusable(access, error)
  }
  const headers = { ...context.getHeaders(), ...access.impersonation }
  const given = hasLists(access.impersonation) ? await listedAgent(access) : context.getDispatcher()
  return { headers, dispatcher: keep ?? given ?? new Agent() }
}

/** Over HTTP/2 undici makes one header of several with the same name, and the API server one group of several (client-h2.js). */
async function listedAgent({ config }: Access): Promise<Dispatcher> {
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  const { ca, cert, key, rejectUnauthorized, servername } = options
  const given = Object.entries({ ca, cert, key, rejectUnauthorized, servername })
  const tls = Object.fromEntries(given.filter(([, value]) => value !== undefined))
  return new Agent({ connect: { ...tls, allowH2: false } })
}

/** A file that the kubeconfig names: of the cluster, or of the user. */
function unreadFile({ files }: Access, error: unknown): ForgeError | undefined {
  const { syscall, path, code = '' } = error as NodeJS.ErrnoException
  if (syscall !== 'open' || path === undefined) return undefined
  const where = files.join(', ')
  return new ForgeError('E_KUBECONFIG_INVALID', `${where} names ${path}, which cannot be read (${code})`, {
    hint: program('ls', '-l', path),
    where,
    cause: error,
  })
}

function unusable(access: Access, error: unknown): ForgeError {
  const reason = (error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1) ?? ''
  return new ForgeError('E_CLUSTER_CREDENTIALS', `the credentials of user ${access.user} cannot be used: ${reason}`, {
    hint: kubectl(['config', 'view', '--minify']),
    where: `user ${access.user} of ${access.files.join(', ')}`,
    chain: [`context ${access.context}`, `user ${access.user}`, 'the API server was not asked'],
    cause: error,
  })
}

/** The same kubeconfig without what client-node remembers of it. */
async function fresh(config: KubeConfig): Promise<KubeConfig> {
  const { KubeConfig: Config } = await import('@kubernetes/client-node/dist/config.js')
  const { clusters, users, contexts, currentContext } = config
  const copy = new Config()
  copy.loadFromOptions({ clusters, users, contexts, currentContext })
  return copy
}
