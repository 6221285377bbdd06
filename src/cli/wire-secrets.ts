import { alone } from '../adapters/files/alone.ts'
import { git } from '../adapters/files/sources.ts'
import { secretMaker } from '../adapters/files/secret-maker.ts'
import { systemClock } from '../adapters/clock.ts'
import { stateFolder } from '../adapters/tools/folders.ts'
import type { Project } from '../domain/config/model.ts'
import type { ApplyPorts } from '../flows/secrets-apply.ts'
import type { Alone, GeneratePorts } from '../flows/secrets-files.ts'
import type { ListPorts } from '../flows/secrets-list.ts'
import type { PullPorts } from '../flows/secrets-pull.ts'
import type { RotatePorts } from '../flows/secrets-rotate.ts'
import { sayTo } from './screen.ts'
import type { Session } from './session.ts'
import { wireDeploy } from './wire-deploy.ts'
import { thisRunner } from './this-runner.ts'
import { clusterOf, connect, preparations, projectPorts } from './wire.ts'

/** The cluster is asked what it holds already, unless the person says that nothing was deployed yet. */
export async function wireGenerate(project: Project, session: Session, offline: boolean): Promise<GeneratePorts> {
  const { cluster: target } = project.environment
  const ports = {
    ...projectPorts(session),
    maker: secretMaker,
    versionControl: git,
    alone: aloneOf(session),
    stateFolder: stateFolder(process.env),
  }
  if (offline || (target.sandbox && !(await isRunning(target, session)))) return ports
  let cluster: ReturnType<typeof clusterOf> | undefined
  return { ...ports, connect: async () => await (cluster ??= clusterOf(target, session)) }
}

/** A sandbox that does not run holds nothing, and is not started to be asked. */
async function isRunning(
  target: Project['environment']['cluster'] & { sandbox: true },
  { kubeconfig, context }: Session,
): Promise<boolean> {
  if (kubeconfig !== undefined || context !== undefined) return true
  const { runningSandbox, sandboxName } = await import('../adapters/sandbox/sandbox.ts')
  return (await runningSandbox(sandboxName(target.name, process.env))) !== undefined
}

export async function wireApply(project: Project, session: Session): Promise<ApplyPorts> {
  const target = project.environment.cluster
  const say = sayTo(session)
  for (const { run } of await preparations(target, session)) await run(say)
  const { cluster, charts } = await connect(target, session)
  return { ...projectPorts(session), cluster, charts, clock: systemClock, runner: thisRunner(), say }
}

export async function wireList(project: Project, session: Session): Promise<ListPorts> {
  const cluster = await clusterOf(project.environment.cluster, session)
  return { project: projectPorts(session), cluster, signal: session.signal }
}

export async function wirePull(project: Project, session: Session): Promise<PullPorts> {
  const cluster = await clusterOf(project.environment.cluster, session)
  return { ...projectPorts(session), cluster, versionControl: git, stateFolder: stateFolder(process.env) }
}

export function wireRotate(session: Session): RotatePorts {
  return {
    ...wireDeploy(session),
    maker: secretMaker,
    versionControl: git,
    alone: aloneOf(session),
    stateFolder: stateFolder(process.env),
  }
}

function aloneOf(session: Session): Alone {
  const say = sayTo(session)
  const waiting = { signal: session.signal, onWait: () => say('another forge makes secrets here; this one waits') }
  return async (folders, work) => await alone(folders, work, waiting)
}
