import { systemClock } from '../adapters/clock.ts'
import type { Connection } from '../adapters/kubernetes/connect.ts'
import { gzipCodec } from '../adapters/state/gzip.ts'
import type { ClusterTarget } from '../domain/config/model.ts'
import type { ScopePorts } from '../flows/state/scope.ts'
import type { Session } from './session.ts'
import { accessBy, connectAs, projectPorts } from './wire.ts'

export type StatePorts = ScopePorts<{ readonly cluster: Connection }>

/** For commands that only read what is in the cluster: no helm is needed, and no sandbox is started for them. */
export function wireState(session: Session): StatePorts {
  return {
    project: projectPorts(session),
    connect: async (target) => ({ cluster: await connectToRunning(target, session) }),
    clock: systemClock,
    codec: gzipCodec,
    redactor: session.redactor,
    here: session.here,
    signal: session.signal,
  }
}

/** Throws E_SANDBOX_NOT_RUNNING (exit status 8): an empty sandbox, started to be looked at, would say nothing. */
async function connectToRunning(target: ClusterTarget, session: Session): Promise<Connection> {
  const { kubeconfig, context } = session
  if (!target.sandbox || kubeconfig !== undefined || context !== undefined)
    return await connectAs(accessBy(target, session), session)
  const { sandboxName, sandboxState } = await import('../adapters/sandbox/sandbox.ts')
  const running = await sandboxState(sandboxName(target.name, process.env))
  return await connectAs({ kubeconfig: running.kubeconfig }, session)
}
