import { git } from '../adapters/files/sources.ts'
import { secretMaker } from '../adapters/files/secret-maker.ts'
import type { Project } from '../domain/config/model.ts'
import type { RenderPorts } from '../flows/render.ts'
import type { ApplyPorts } from '../flows/secrets-apply.ts'
import type { GeneratePorts } from '../flows/secrets-files.ts'
import { ForgeError } from '../errors.ts'
import type { Session } from './session.ts'
import { connect, preparations, projectPorts } from './wire.ts'

/** helm alone: rendering asks no cluster. */
export async function wireRender(session: Session): Promise<RenderPorts> {
  const [{ findHelm }, { helmCharts }] = await Promise.all([
    import('../adapters/tools/helm.ts'),
    import('../adapters/helm/charts.ts'),
  ])
  const { path, version } = await findHelm({ signal: session.signal, progress: progressOf(session) })
  return { ...projectPorts(session), charts: helmCharts({ path, version }) }
}

/** A key that the cluster already holds gets no new value; the sandbox, which may not run yet, is asked on demand only. */
export async function wireGenerate(
  project: Project,
  session: Session,
  ask: boolean | undefined,
): Promise<GeneratePorts> {
  const { name, cluster: target } = project.environment
  const ports = { ...projectPorts(session), maker: secretMaker, versionControl: git }
  if (!(ask ?? !target.sandbox)) return ports
  try {
    return { ...ports, cluster: (await connect(target, session)).cluster }
  } catch (error) {
    throw error instanceof ForgeError
      ? error.with({ hint: `forge secrets generate --env ${name} --no-ask-cluster` })
      : error
  }
}

export async function wireApply(project: Project, session: Session): Promise<ApplyPorts> {
  const target = project.environment.cluster
  for (const { run } of await preparations(target, session)) await run(progressOf(session))
  return { ...projectPorts(session), cluster: (await connect(target, session)).cluster }
}

function progressOf({ json }: Session): (text: string) => void {
  return (text) => {
    if (!json) process.stderr.write(`${text}\n`)
  }
}
