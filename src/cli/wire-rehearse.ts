import { text } from 'node:stream/consumers'
import { disguisedScene } from '../adapters/helm/disguised-record.ts'
import { giveVariables, withheldVariables } from '../adapters/files/sources.ts'
import { removeLeftNow } from '../adapters/files/temporary.ts'
import { run } from '../adapters/process.ts'
import { newKey, rehearsalKey } from '../adapters/rehearsal-key.ts'
import { createDisguise } from '../domain/rehearsal/disguise.ts'
import { ForgeError } from '../errors.ts'
import { Once } from '../flows/once.ts'
import type { DeployPorts } from '../flows/phases/ports.ts'
import { deployToBeKilled, type ToBeKilled } from '../flows/rehearse/kill.ts'
import { onlyReading } from '../flows/rehearse/read-only.ts'
import type { MadeSandbox, RehearsalPorts } from '../flows/rehearse/ports.ts'
import type { ClusterVersion } from '../ports.ts'
import type { Session } from './session.ts'
import { connect } from './wire.ts'
import { wireDeploy } from './wire-deploy.ts'

/** Set for the process that is to be killed. */
const TO_BE_KILLED = 'FORGE_REHEARSAL_KILLED'

interface Handed {
  readonly request: ToBeKilled
  /** Base64: what values are made up by, so that they are the same there. */
  readonly key: string
  readonly variables: Readonly<Record<string, string>>
}

export function wireRehearsal(session: Session, key = newKey()): RehearsalPorts {
  const disguise = createDisguise({ keyed: rehearsalKey(key), redactor: session.redactor })
  let count = 0
  return {
    environment: connectedOnce(wireDeploy(session)),
    disguise,
    copy: (objects) => disguisedScene(objects, disguise),
    makeSandbox: async ({ version }, how) => {
      count += 1
      return await makeSandbox({ number: count, version }, how, session)
    },
    killed: async (request, signal) => {
      const handed = { request, key: Buffer.from(key).toString('base64'), variables: withheldVariables() }
      const { status, signal: ended } = await run(process.execPath, withoutValues(process.argv.slice(1)), {
        ...{ input: JSON.stringify(handed satisfies Handed), env: { [TO_BE_KILLED]: '1' } },
        ...{ ownGroup: true, endsWithForge: true, signal },
      })
      await removeLeftNow()
      return { isKilled: ended === 'SIGKILL', status }
    },
  }
}

const SET = /^--set(?:-[a-z]+)?(?<given>=.*)?$/su

/** Of a command line: what `--set` and the like give may be secret, and goes through the pipe. */
function withoutValues(args: readonly string[]): string[] {
  return args.filter((one, at) => {
    const before = SET.exec(args[at - 1] ?? '')
    return !SET.test(one) && (before === null || before.groups?.['given'] !== undefined)
  })
}

/** Whether this process was started by a rehearsal, to deploy in its sandbox until it is killed. */
export function isToBeKilled(): boolean {
  return process.env[TO_BE_KILLED] === '1'
}

/** What it does, by what is handed to it through stdin. */
export async function runToBeKilled(session: Session): Promise<void> {
  const { request, key, variables } = JSON.parse(await text(process.stdin)) as Handed
  giveVariables(variables)
  const ports = wireRehearsal(session, Buffer.from(key, 'base64'))
  const { cluster, charts } = await connectInside(request.kubeconfig, session)
  await deployToBeKilled(request, { cluster, charts }, ports, () => process.kill(process.pid, 'SIGKILL'))
}

/** It is planned by, and read: nothing can be written through it. */
function connectedOnce(ports: DeployPorts): DeployPorts {
  const once = new Once<Awaited<ReturnType<DeployPorts['connect']>>>()
  return { ...ports, connect: async (target) => await once.get(async () => onlyReading(await ports.connect(target))) }
}

async function connectInside(kubeconfig: string, session: Session): ReturnType<typeof connect> {
  return await connect({ sandbox: true }, { ...session, kubeconfig, context: undefined, reached: () => undefined })
}

async function makeSandbox(
  { number, version }: { readonly number: number; readonly version: ClusterVersion },
  how: Parameters<RehearsalPorts['makeSandbox']>[1],
  session: Session,
): Promise<MadeSandbox> {
  const [{ assertRunning, ensureSandbox, discardSandbox }, { rehearsalName, stopLeftovers }] = await Promise.all([
    import('../adapters/sandbox/sandbox.ts'),
    import('../adapters/sandbox/leftover.ts'),
  ])
  if (number === 1) await stopLeftovers(process.env, how.signal)
  const name = rehearsalName(number)
  // Also after Ctrl-C: what is begun is taken down.
  const stop = async (): Promise<void> => await discardSandbox(name)
  session.onClose(stop)
  const options = { name, nodes: 0, latency: 'instant' }
  const kubernetes = version.gitVersion
  // One that is older, or newer, than what can be emulated is rehearsed with the sandbox's own.
  const started = await ensureSandbox({ ...options, kubernetes }, how).catch(async (error: unknown) => {
    if (!(error instanceof ForgeError) || error.code !== 'E_USAGE') throw error
    return await ensureSandbox(options, how)
  })
  const { cluster, charts } = await connectInside(started.kubeconfigPath, session)
  const { major, minor } = await cluster.version(how.signal)
  return {
    cluster,
    charts,
    kubernetes: `${major}.${minor}`,
    kubeconfig: started.kubeconfigPath,
    check: async () => await assertRunning(name),
    stop,
  }
}
