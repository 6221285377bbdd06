import { disguisedScene } from '../adapters/helm/disguised-record.ts'
import { rehearsalKey } from '../adapters/rehearsal-key.ts'
import { createDisguise } from '../domain/rehearsal/disguise.ts'
import { ForgeError } from '../errors.ts'
import { Once } from '../flows/once.ts'
import type { DeployPorts } from '../flows/phases/ports.ts'
import type { MadeSandbox, RehearsalPorts } from '../flows/rehearse/ports.ts'
import type { Session } from './session.ts'
import { connect } from './wire.ts'
import { wireDeploy } from './wire-deploy.ts'

export function wireRehearsal(session: Session): RehearsalPorts {
  const disguise = createDisguise({ keyed: rehearsalKey(), redactor: session.redactor })
  let count = 0
  return {
    environment: connectedOnce(wireDeploy(session)),
    disguise,
    copy: (objects) => disguisedScene(objects, disguise),
    makeSandbox: async ({ version }, how) => {
      count += 1
      return await makeSandbox({ number: count, version }, how, session)
    },
  }
}

/** It is planned by, and read. */
function connectedOnce(ports: DeployPorts): DeployPorts {
  const once = new Once<Awaited<ReturnType<DeployPorts['connect']>>>()
  return { ...ports, connect: async (target) => await once.get(async () => await ports.connect(target)) }
}

async function makeSandbox(
  {
    number,
    version,
  }: { readonly number: number; readonly version: { readonly major: number; readonly minor: number } },
  how: Parameters<RehearsalPorts['makeSandbox']>[1],
  session: Session,
): Promise<MadeSandbox> {
  const [{ ensureSandbox, stopSandbox }, { rehearsalName, stopLeftovers }] = await Promise.all([
    import('../adapters/sandbox/sandbox.ts'),
    import('../adapters/sandbox/leftover.ts'),
  ])
  if (number === 1) await stopLeftovers(process.env, how.signal)
  const name = rehearsalName(process.pid, number)
  // A stop has no time limit but the supervisor's own: what is begun is taken down, also after Ctrl-C.
  const stop = async (): Promise<void> => {
    await stopSandbox(name, new AbortController().signal)
  }
  session.onClose(stop)
  const options = { name, nodes: 0, latency: 'instant' }
  const kubernetes = `${version.major}.${version.minor}`
  // One that is older, or newer, than what can be emulated is rehearsed with the sandbox's own.
  const started = await ensureSandbox({ ...options, kubernetes }, how).catch(async (error: unknown) => {
    if (!(error instanceof ForgeError) || error.code !== 'E_USAGE') throw error
    return await ensureSandbox(options, how)
  })
  const inside: Session = {
    ...session,
    kubeconfig: started.kubeconfigPath,
    context: undefined,
    reached: () => undefined,
  }
  const { cluster, charts } = await connect({ sandbox: true, name }, inside)
  const { gitVersion } = await cluster.version(how.signal)
  return {
    cluster,
    charts,
    kubernetes: gitVersion.replace(/^v/u, ''),
    kubeconfig: started.kubeconfigPath,
    stop,
  }
}
