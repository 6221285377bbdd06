import type { Project } from '../domain/config/model.ts'
import { loadProject } from '../flows/project/load.ts'
import type { RenderPorts, WhyPorts } from '../flows/render.ts'
import type { ValidatePorts } from '../flows/validate.ts'
import type { Session } from './session.ts'
import { projectPorts } from './wire.ts'

/** The project that the flags name, for one environment. */
export async function projectFor(session: Session): Promise<Project> {
  const dir = session.dirGiven ? session.dir : undefined
  return await loadProject(projectPorts(session), { dir, env: session.env })
}

/** helm where this machine has it: nothing is fetched for this. */
export async function wireValidate(session: Session): Promise<ValidatePorts> {
  const [{ lookUpHelm }, { helmCharts }] = await Promise.all([
    import('../adapters/tools/helm.ts'),
    import('../adapters/helm/charts.ts'),
  ])
  const found = await lookUpHelm()
  const untrusted = session.untrusted !== undefined
  return { ...projectPorts(session), charts: found === undefined ? undefined : helmCharts({ ...found, untrusted }) }
}

/** helm alone: rendering asks no cluster. */
export async function wireRender(session: Session): Promise<RenderPorts & WhyPorts & Pick<Session, 'redactor'>> {
  const [{ findHelm }, { helmCharts }] = await Promise.all([
    import('../adapters/tools/helm.ts'),
    import('../adapters/helm/charts.ts'),
  ])
  const { path, version } = await findHelm({ signal: session.signal, progress: progressOf(session) })
  const charts = helmCharts({ path, version, untrusted: session.untrusted !== undefined })
  return { ...projectPorts(session), charts, redactor: session.redactor }
}

function progressOf({ json }: Session): (text: string) => void {
  return (text) => {
    if (!json) process.stderr.write(`${text}\n`)
  }
}
