import type { StageFailure } from '../follow.ts'
import type { Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { JudgedFailure } from './failure.ts'
import { lastLines, tailOf } from './last-lines.ts'
import { withVault } from './vault-words.ts'

type Context = Pick<Followed, 'cluster' | 'project' | 'keptSecrets' | 'follower'>
type Ports = Pick<DeployPorts, 'clock' | 'signal' | 'redactor'>

/** A verdict as the error that ends the run, with the last lines of what failed. */
export async function judged(
  failed: StageFailure,
  context: Context & Pick<Followed, 'heard'>,
  ports: Ports,
): Promise<JudgedFailure> {
  const told = await inVault(failed, context, ports)
  const lines = told.lines ?? (await lastLines(failed, context, ports))
  return new JudgedFailure({ ...failed, failure: told.failure }, lines)
}

/** What is known of it when its pods ask for an agent of Vault. */
export async function inVault(
  { failure, target }: StageFailure,
  { cluster, project, keptSecrets, follower }: Context,
  ports: Ports,
): ReturnType<typeof withVault> {
  const { namespace: home } = project.environment
  const namespace = target.namespace ?? home
  const within = target.namespace === undefined ? {} : { namespace: target.namespace }
  return await withVault(target.name, failure, {
    cluster,
    signal: ports.signal,
    namespace,
    pod: (name) => follower.cache.get({ apiVersion: 'v1', kind: 'Pod', name, ...within }),
    tail: async (pod, count) => await tailOf({ namespace, ...pod }, { cluster, project, keptSecrets }, ports, count),
  })
}
