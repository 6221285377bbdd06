import type { Cluster } from '@kubernetes/client-node/dist/config_types.js'
import type { Access } from './kubeconfig.ts'

/** How another program of forge's reaches the same cluster as the same user. */
export interface Route {
  /** Files that hold the entries, in kubectl's order; none inside a cluster. */
  readonly files: readonly string[]
  readonly context: string
  readonly cluster: Cluster
}

const PROXIES = ['HTTPS_PROXY', 'https_proxy']

/**
 * Undefined where a program can be led to the API server in one way only: through the user's own proxy, or without TLS
 * (`kubectl proxy`).
 */
export function routeOf(
  { config, context, files }: Access,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Route | undefined {
  const cluster = config.getCurrentCluster()
  if (cluster === null || !cluster.server.startsWith('https:') || (cluster.proxyUrl ?? '') !== '') return undefined
  if (PROXIES.some((name) => (env[name] ?? '') !== '')) return undefined
  return { files, context, cluster }
}
