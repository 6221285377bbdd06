import type { WantedRevision } from '../../domain/gitops/revision.ts'
import type { Commits } from '../../gitops-port.ts'
import type { DeployPorts, Connection } from '../phases/ports.ts'
import type { Chain } from './chain.ts'
import type { OpenScope, ScopePorts } from '../state/scope.ts'
import type { StepPorts } from '../step.ts'

export interface FollowPorts
  extends StepPorts, ScopePorts<{ readonly cluster: Connection }>, Pick<DeployPorts, 'evidence' | 'say' | 'leave'> {
  readonly commits: (dir: string) => Commits
}

export type FollowScope = OpenScope<{ readonly cluster: Connection }>

/** One run: what is waited for, and where. */
export interface Following {
  readonly scope: FollowScope
  readonly ports: FollowPorts
  readonly wanted: WantedRevision
  /** Undefined: no checkout is at hand. */
  readonly commits: Commits | undefined
  readonly origin: string | undefined
  /** On `ports.clock`, by `monotonic`: when the wait for the controller ends. */
  readonly until: number
  readonly timeoutMs: number
  /** As it was read or seen last; undefined: it was not come to that. */
  readonly seen: { chain: Chain | undefined }
  /** Keys of what had the wanted revision at a moment. */
  readonly had: Set<string>
}
