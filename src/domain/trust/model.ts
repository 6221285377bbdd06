/**
 * What the caller lets a checkout do that strangers may have changed (`--untrusted`). It comes from the command line and the
 * environment of forge alone: the checkout has no say in it.
 */
export interface Allowance {
  /** Names of environment variables that it may read. */
  readonly variables: readonly string[]
  /** Beginnings of addresses that its charts may come from. */
  readonly charts: readonly string[]
  /** The context in forge.yaml would say which cluster is met. */
  readonly choosesCluster: boolean
  /** Images would be built. */
  readonly builds: boolean
}
