import type { KubeObject } from '../../domain/kube.ts'
import type { Disguise } from '../../domain/rehearsal/disguise.ts'
import type { Charts, ClusterVersion } from '../../ports.ts'
import type { Connection, DeployPorts } from '../phases/ports.ts'
import type { ToBeKilled } from './kill.ts'

/** A control plane of its own, without a node, for one scene. */
export interface MadeSandbox {
  readonly cluster: Connection
  readonly charts: Charts
  /** `1.36`: the minor that it serves. */
  readonly kubernetes: string
  /** For programs beside forge. */
  readonly kubeconfig: string
  /** Throws E_SANDBOX_CRASHED when it has ended by itself: what failed in it then says nothing of the environment. */
  readonly check: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface SandboxWish {
  /** To be served, where the program can. */
  readonly version: ClusterVersion
}

export interface RehearsalPorts {
  /** Into the environment. Nothing is written through it. */
  readonly environment: DeployPorts
  readonly makeSandbox: (
    wish: SandboxWish,
    how: { readonly signal: AbortSignal; readonly progress: (text: string) => void },
  ) => Promise<MadeSandbox>
  /** Runs forge in a process of its own, which ends itself (kill.ts). */
  readonly killed: (
    request: ToBeKilled,
    signal: AbortSignal,
  ) => Promise<{ readonly isKilled: boolean; readonly status: number | undefined }>
  /** One for the whole run: equal values stay equal. */
  readonly disguise: Disguise
  /** Copies of objects and of helm's records without a secret of theirs; `left`: sentences, which records are not among them. */
  readonly copy: (objects: readonly KubeObject[]) => {
    readonly objects: readonly KubeObject[]
    readonly left: readonly string[]
  }
}
