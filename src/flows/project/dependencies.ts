import { absolutePath, relativeTo } from '../../domain/config/file-path.ts'
import type { Project } from '../../domain/config/model.ts'
import type { Position, Problem } from '../../domain/config/position.ts'
import { isNotEmpty, problemsError } from '../../domain/config/problems.ts'
import { helm } from '../../hint.ts'
import type { ProjectPorts } from './ports.ts'

interface Lack {
  readonly message: string
  readonly at: Position
  readonly chart: string
  readonly from: string | undefined
}

/** helm renders no chart that names others which are not in its charts/. Throws E_CHART_DEPENDENCY for those that are not here either. */
export async function checkDependencies(project: Project, ports: Pick<ProjectPorts, 'missingCharts'>): Promise<void> {
  const lacking = (await lackOf(project, ports)).filter(({ from }) => from === undefined)
  if (!isNotEmpty(lacking)) return
  const [{ chart }] = lacking
  const isPacked = /\.t(?:ar\.)?gz$/u.test(chart)
  throw problemsError(
    'E_CHART_DEPENDENCY',
    lacking,
    helm(isPacked ? ['show', 'chart', chart] : ['dependency', 'build', chart]),
  )
}

/** Those that forge puts into a copy each time. */
export async function builtDependencies(
  project: Project,
  ports: Pick<ProjectPorts, 'missingCharts'>,
): Promise<Problem[]> {
  const lacking = await lackOf(project, ports)
  return lacking.flatMap(({ message, at, from }) =>
    from === undefined ? [] : [{ message: `${message}; each run takes it from ${relativeTo(project.dir, from)}`, at }],
  )
}

async function lackOf(
  { releases, dir }: Project,
  { missingCharts }: Pick<ProjectPorts, 'missingCharts'>,
): Promise<Lack[]> {
  const charts = [...new Set(releases.filter(({ chart }) => chart.local).map(({ chart }) => chart.chart))]
  const found = await Promise.all(
    charts.map(async (chart) =>
      (await missingCharts(chart)).map(({ name, version, file, line, from }): Lack => {
        const shown = relativeTo(dir, chart)
        const at = { file: relativeTo(dir, absolutePath(chart, file)), line, column: 1 }
        return { message: `${shown} needs chart ${name} ${version}, which is not in its charts/`, at, chart, from }
      }),
    ),
  )
  return found.flat()
}
