import type { DeployOptions } from './deploy/options.ts'
import type { DeployPorts } from './phases/ports.ts'
import { carryThrough, type DeployEnd } from './deploy/deploy.ts'
import type { Rotated } from '../domain/vault/plan.ts'
import { replayPhases } from './deploy/phases.ts'

export interface RestartRequest extends Pick<
  DeployOptions,
  'dir' | 'dirGiven' | 'env' | 'yes' | 'resume' | 'timeoutMs'
> {
  /** What somebody else changed in these secrets is overwritten. */
  readonly overwrite: boolean
  /** Undefined: all secrets of the project. */
  readonly names: readonly string[] | undefined
  /** As the report names it: `secrets apply`. */
  readonly command: string
  /** New values for one that lives in Vault. */
  readonly rotated?: Rotated
}

/**
 * Writes what changed of the secrets and restarts exactly the workloads that run old values, stage by stage, until all of
 * it is ready: a deploy of its own, with a number, that changes nothing else. If they do not become ready, secrets and
 * releases go back to what they were.
 */
export async function applyAndRestart(ports: DeployPorts, request: RestartRequest): Promise<DeployEnd> {
  const { names, command, overwrite, rotated } = request
  const options = { ...request, values: [], set: [], skipBuild: true, skipVerify: false, rollback: true }
  return await carryThrough(ports, options, { command, phases: replayPhases({ names, overwrite, rotated }, ports) })
}
