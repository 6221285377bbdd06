import { absolutePath, relativeTo } from '../../domain/config/file-path.ts'
import type { Project } from '../../domain/config/model.ts'
import { byPosition, type Position, type Problem } from '../../domain/config/position.ts'
import { distinct, isNotEmpty, problemsError } from '../../domain/config/problems.ts'
import { localChartsIn, refusedInChart } from '../../domain/trust/chart.ts'
import { pathsIn, refusedIn } from '../../domain/trust/refused.ts'
import { filesIn } from '../../domain/values/set-option.ts'
import { forge } from '../../hint.ts'
import type { Confinement, Files } from '../../ports.ts'
import type { ProjectPorts } from './ports.ts'

/**
 * `--untrusted`: throws one E_UNTRUSTED for all that these projects (one checkout, seen from its environments) ask for and a
 * stranger's checkout does not get, each with its place. Before anything but forge.yaml itself is read.
 */
export async function refuseUntrusted(
  projects: readonly Project[],
  { confinement, files }: Pick<ProjectPorts, 'confinement' | 'files'>,
): Promise<void> {
  if (confinement === undefined) return
  const problems: Problem[] = []
  for (const project of projects) {
    problems.push(...refusedIn(project, confinement))
    problems.push(...(await outside(project, confinement)))
  }
  const charts = new Charts(confinement, files)
  for (const { releases, dir } of projects)
    for (const { chart, plain } of releases)
      if (chart.local && plain === undefined) await charts.look(chart.chart, chart.at, dir)
  const all = distinct([...problems, ...charts.problems]).toSorted(byPosition)
  if (!isNotEmpty(all)) return
  const [first, ...others] = all
  throw problemsError(
    'E_UNTRUSTED',
    all,
    (others.length === 0 ? first.hint : undefined) ?? forge('explain', 'E_UNTRUSTED'),
  )
}

/** Files that forge.yaml, or a saved plan, names. */
async function outside(project: Project, { fault }: Confinement): Promise<Problem[]> {
  const { dir, overrides } = project
  const given = [...overrides.values, ...(overrides['set-file'] ?? []).flatMap(filesIn)].map((path) => {
    return { path, at: { file: relativeTo(dir, path), line: 1, column: 1 }, by: 'named for this run' }
  })
  const found = await Promise.all(
    [...pathsIn(project), ...given].map(async ({ path, at, by }): Promise<Problem[]> => {
      const full = absolutePath(dir, path)
      const why = await fault(full)
      return why === undefined ? [] : [{ message: `would open ${relativeTo(dir, full)}, which ${why} (${by})`, at }]
    }),
  )
  return found.flat()
}

/** Looks at each chart once, and at those of this machine that it takes others from. */
class Charts {
  readonly problems: Problem[] = []
  readonly #confinement: Confinement
  readonly #files: Pick<Files, 'exists'>
  readonly #seen = new Set<string>()

  constructor(confinement: Confinement, files: Pick<Files, 'exists'>) {
    this.#confinement = confinement
    this.#files = files
  }

  /** `at`: what names it. */
  async look(chart: string, at: Position, dir: string): Promise<void> {
    if (this.#seen.has(chart)) return
    this.#seen.add(chart)
    // forge.yaml's own paths are told by `outside`.
    if ((await this.#confinement.fault(chart)) !== undefined) return
    const shown = relativeTo(dir, chart)
    const faults = await this.#confinement.faultsBelow(chart)
    this.problems.push(
      ...faults.map(({ path, fault }) => ({ message: `chart ${shown} holds ${path}, which ${fault}`, at })),
    )
    // Not opened: helm would follow the link.
    if (faults.length > 0) return
    const texts = await this.#confinement.chartTexts(chart)
    if (texts === undefined) {
      this.problems.push({ message: `chart ${shown} cannot be looked into`, at })
      return
    }
    this.problems.push(...refusedInChart(texts, shown))
    for (const { path, from, file, line } of localChartsIn(texts)) {
      const next = absolutePath(absolutePath(chart, from), path)
      const place = { file: `${shown}/${file}`, line, column: 1 }
      const why = await this.#confinement.fault(next)
      // What is in charts/ already needs no place where it was taken from.
      if (why === undefined && (await this.#files.exists(next))) await this.look(next, place, dir)
      if (why !== undefined)
        this.problems.push({ message: `would take a chart from file://${path}, which ${why}`, at: place })
    }
  }
}
