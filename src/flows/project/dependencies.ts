import { EXACT_VERSION } from '../../domain/config/checks.ts'
import { absolutePath, relativeTo } from '../../domain/config/file-path.ts'
import type { Project } from '../../domain/config/model.ts'
import type { Position, Problem } from '../../domain/config/position.ts'
import { isNotEmpty, problemsError } from '../../domain/config/problems.ts'
import { helm } from '../../hint.ts'
import type { MissingChart } from '../../ports.ts'
import type { ProjectPorts } from './ports.ts'

interface Lack {
  readonly message: string
  readonly at: Position
  readonly chart: string
  readonly missing: MissingChart
}

type DependencyPorts = Pick<ProjectPorts, 'missingCharts' | 'fetchChart'>

/**
 * helm renders no chart that names others which are not in its charts/. Those that are not on this machine are fetched, once.
 * Throws E_CHART_DEPENDENCY for those that cannot be had.
 */
export async function checkDependencies(project: Project, ports: DependencyPorts): Promise<void> {
  const problems: Problem[] = []
  for (const lack of await lackOf(project, ports)) {
    const problem = await problemOf(lack, ports)
    if (problem !== undefined) problems.push(problem)
  }
  if (isNotEmpty(problems)) throw problemsError('E_CHART_DEPENDENCY', problems, problems[0].hint ?? helm(['version']))
}

async function problemOf({ message, at, chart, missing }: Lack, ports: DependencyPorts): Promise<Problem | undefined> {
  const { from, version, repository, isStale } = missing
  if (isStale) {
    const stale = `${message}, and its Chart.lock is of other dependencies than its Chart.yaml`
    return { message: stale, at, hint: helm(['dependency', 'update', chart]) }
  }
  if (from !== undefined) return undefined
  const isPacked = /\.t(?:ar\.)?gz$/u.test(chart)
  const hint = helm(isPacked ? ['show', 'chart', chart] : ['dependency', 'build', chart])
  const isRemote = repository !== '' && !repository.startsWith('file://')
  if (isPacked || !isRemote || ports.fetchChart === undefined) return { message, at, hint }
  if (!EXACT_VERSION.test(version)) {
    const open = `${message}, and no Chart.lock says which version that is`
    return { message: open, at, hint: helm(['dependency', 'update', chart]) }
  }
  const why = await ports.fetchChart(missing)
  if (why === undefined) return undefined
  const host = /^oci:\/\/([^/]+)/u.exec(repository)?.[1]
  const isRefused = host !== undefined && /\b40[13]\b|unauthorized|denied|basic (?:auth|credential)/iu.test(why)
  const login = isRefused ? { hint: helm(['registry', 'login', host]) } : {}
  return { message: `${message}, and ${repository} gave none: ${why}`, at, hint, ...login }
}

/** Those that forge puts into a copy each time. */
export async function builtDependencies(
  project: Project,
  ports: Pick<ProjectPorts, 'missingCharts'>,
): Promise<Problem[]> {
  const lacking = await lackOf(project, ports)
  return lacking.flatMap(({ message, at, missing: { from } }) =>
    from === undefined ? [] : [{ message: `${message}; each run takes it from ${relativeTo(project.dir, from)}`, at }],
  )
}

async function lackOf(
  { releases, dir }: Project,
  { missingCharts }: Pick<ProjectPorts, 'missingCharts'>,
): Promise<Lack[]> {
  const charts = [
    ...new Set(
      releases.filter(({ chart, plain }) => chart.local && plain === undefined).map(({ chart }) => chart.chart),
    ),
  ]
  const found = await Promise.all(
    charts.map(async (chart) =>
      (await missingCharts(chart)).map((missing): Lack => {
        const { name, version, file, line } = missing
        const shown = relativeTo(dir, chart)
        const at = { file: relativeTo(dir, absolutePath(chart, file)), line, column: 1 }
        return { message: `${shown} needs chart ${name} ${version}, which is not in its charts/`, at, chart, missing }
      }),
    ),
  )
  return found.flat()
}
