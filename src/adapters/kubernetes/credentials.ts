import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { Agent, type Dispatcher } from 'undici'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { Clock } from '../../ports.ts'
import type { Access } from './kubeconfig.ts'
import { hearOrphans } from './orphans.ts'

hearOrphans()

export interface Credentials {
  readonly headers: Readonly<Record<string, string>>
  readonly dispatcher: Dispatcher
}

/** Tokens from files and exec plugins are asked for again after this; client-node caches those that are still valid. */
const TOKEN_AGE_MS = 60_000

/**
 * Headers and the one connection pool of a cluster. client-node's applySecurityAuthentication builds a new pool at every
 * call (each with its own TLS handshakes), so it is called once per minute for the headers, and its pool is taken only
 * at first and after a 401, when an exec plugin may have issued another client certificate.
 */
export class CredentialStore {
  private access: Access
  private readonly clock: Clock
  private current: { readonly credentials: Credentials; readonly at: number } | undefined
  private pending: Promise<Credentials> | undefined
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

  /** Why the API server may have said 401: the end of the client certificate's life, if that is it. */
  expiredCertificate(): string | undefined {
    const { certData, certFile } = this.access.config.getCurrentUser() ?? {}
    try {
      const pem = certFile == null ? Buffer.from(certData ?? '', 'base64') : readFileSync(certFile)
      const { validToDate } = new X509Certificate(pem)
      return validToDate.getTime() < this.clock.now() ? validToDate.toISOString().slice(0, 10) : undefined
    } catch {
      return undefined
    }
  }

  async close(): Promise<void> {
    const { dispatcher } = this.current?.credentials ?? {}
    await Promise.all([...this.retired, ...(dispatcher === undefined ? [] : [dispatcher])].map((one) => one.destroy()))
  }

  private async ask(keep: Dispatcher | undefined): Promise<Credentials> {
    this.pending ??= authenticate(this.access, keep).finally(() => (this.pending = undefined))
    const credentials = await this.pending
    this.current = { credentials, at: this.clock.monotonic() }
    return credentials
  }
}

async function authenticate(access: Access, keep: Dispatcher | undefined): Promise<Credentials> {
  const { RequestContext, HttpMethod } = await import('@kubernetes/client-node/dist/gen/http/http.js')
  const context = new RequestContext(access.server, HttpMethod.GET)
  try {
    await access.config.applySecurityAuthentication(context)
  } catch (error) {
    throw refusedByPlugin(access, error)
  }
  return { headers: context.getHeaders(), dispatcher: keep ?? context.getDispatcher() ?? new Agent() }
}

function refusedByPlugin(access: Access, error: unknown): ForgeError {
  const exec: unknown = access.config.getCurrentUser()?.exec
  const command = exec !== null && typeof exec === 'object' && 'command' in exec ? String(exec.command) : undefined
  const reason = (error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1) ?? ''
  const message =
    command === undefined
      ? `the credentials of user ${access.user} cannot be used: ${reason}`
      : `the credential plugin ${command} of user ${access.user} failed: ${reason}`
  return new ForgeError('E_CLUSTER_CREDENTIALS', message, { hint: kubectl(['auth', 'whoami']), cause: error })
}

/** The same kubeconfig without what client-node remembers of exec plugins. */
async function fresh(config: KubeConfig): Promise<KubeConfig> {
  const { KubeConfig: Config } = await import('@kubernetes/client-node/dist/config.js')
  const { clusters, users, contexts, currentContext } = config
  const copy = new Config()
  copy.loadFromOptions({ clusters, users, contexts, currentContext })
  return copy
}
