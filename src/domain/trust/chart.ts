import type { Position, Problem } from '../config/position.ts'
import { localRepositories } from '../helm/dependencies.ts'
import { lookupsIn } from '../helm/template.ts'
import { foreignReferences } from './schema-references.ts'

export interface ChartText {
  /** Below the chart's folder; of a packed chart within it: `charts/web-1.0.0.tgz/Chart.yaml`. */
  readonly name: string
  readonly text: string
}

/** What helm would do while it renders the chart, and `--untrusted` refuses. `shown`: the chart's path, for people. */
export function refusedInChart(texts: readonly ChartText[], shown: string): Problem[] {
  return texts.flatMap(({ name, text }) => {
    const at = (line: number, column = 1): Position => ({ file: `${shown}/${name}`, line, column })
    return [
      ...lookupsIn(text).map((index) => ({
        message: 'would ask the cluster for any object (lookup)',
        at: at(...lineAndColumn(text, index)),
      })),
      ...(isSchema(name) ? refusedInSchema(text, at) : []),
    ]
  })
}

function lineAndColumn(text: string, index: number): [number, number] {
  const lines = text.slice(0, index).split('\n')
  return [lines.length, (lines.at(-1)?.length ?? 0) + 1]
}

/** Of a chart within, too. */
function isSchema(name: string): boolean {
  return /(?:^|\/)values\.schema\.json$/u.test(name)
}

function refusedInSchema(text: string, at: (line: number) => Position): Problem[] {
  const references = foreignReferences(text)
  if (references === undefined)
    return [{ message: 'is no JSON, so what helm would load for it is not known', at: at(1) }]
  return references.map(({ address, line }) => ({ message: `would make helm load ${address}`, at: at(line) }))
}

export interface LocalChart {
  /** As it is written after `file://`. */
  readonly path: string
  /** Folder of the chart that names it, below the whole chart's; empty for the whole chart. */
  readonly from: string
  readonly file: string
  readonly line: number
}

/** Charts of this machine that the chart, or one within, takes from elsewhere (`repository: file://…`). */
export function localChartsIn(texts: readonly ChartText[]): LocalChart[] {
  return texts.flatMap(({ name, text }) =>
    /(?:^|\/)(?:Chart|requirements)\.(?:yaml|lock)$/u.test(name)
      ? localRepositories(text).map((one) => ({ ...one, from: name.split('/').slice(0, -1).join('/'), file: name }))
      : [],
  )
}
