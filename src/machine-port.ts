import type { ClusterTarget } from './domain/config/model.ts'
import type { CredentialFacts } from './domain/doctor/credentials.ts'
import type { Hint } from './hint.ts'

/** What `forge doctor` looks at beside the cluster and the project: this machine, and how it leads to the cluster. */
export interface Machine {
  /** Of Node: `24.21.0`. */
  readonly node: string
  /** What a program of PATH says that it is. Undefined: it is not there, or does not run. */
  version(program: 'kubectl' | 'sops', signal: AbortSignal): Promise<string | undefined>
  /** How to get a program that is not there. */
  getting(program: 'sops'): Hint
  /** How the kubeconfig leads to a cluster, without asking it. Undefined: forge leads there itself. Throws E_KUBECONFIG_MISSING, E_KUBECONFIG_INVALID, E_CONTEXT_UNKNOWN. */
  credentials(target: ClusterTarget): Promise<CredentialFacts | undefined>
}
