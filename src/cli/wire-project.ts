import type { Project } from '../domain/config/model.ts'
import { loadProject } from '../flows/project/load.ts'
import type { RenderPorts, WhyPorts } from '../flows/render.ts'
import type { ValidatePorts } from '../flows/validate.ts'
import { sayTo } from './screen.ts'
import type { Session } from './session.ts'
import { projectPorts } from './wire.ts'

/** The project that the flags name, for one environment. */
export async function projectFor(session: Session): Promise<Project> {
  const dir = session.dirGiven ? session.dir : undefined
  return await loadProject(projectPorts(session), { dir, env: session.env })
}

/**
 * helm where this machine has it: nothing is fetched for this. It is not asked for its version before forge.yaml has said
 * which variables are secrets, and are withheld from programs.
 */
export function wireValidate(session: Session): ValidatePorts {
  const untrusted = session.untrusted !== undefined
  let found: ReturnType<NonNullable<ValidatePorts['charts']>> | undefined
  const charts = async (): ReturnType<NonNullable<ValidatePorts['charts']>> => {
    const [{ lookUpHelm }, { helmCharts }] = await Promise.all([
      import('../adapters/tools/helm.ts'),
      import('../adapters/helm/charts.ts'),
    ])
    const helm = await lookUpHelm()
    return helm === undefined ? undefined : helmCharts({ ...helm, untrusted })
  }
  return { ...projectPorts(session), charts: async () => await (found ??= charts()) }
}

/** helm alone: rendering asks no cluster. */
export async function wireRender(session: Session): Promise<RenderPorts & WhyPorts & Pick<Session, 'redactor'>> {
  const [{ findHelm }, { helmCharts }] = await Promise.all([
    import('../adapters/tools/helm.ts'),
    import('../adapters/helm/charts.ts'),
  ])
  const { path, version } = await findHelm({ signal: session.signal, progress: sayTo(session) })
  const charts = helmCharts({ path, version, untrusted: session.untrusted !== undefined })
  return { ...projectPorts(session), charts, redactor: session.redactor }
}
