import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './forge.ts'
import { interpolated } from './promql.ts'

export interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly datasource?: { readonly type: string; readonly uid: string }
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number }
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } }
  readonly targets?: readonly {
    readonly refId: string
    readonly expr: string
    readonly datasource: { readonly uid: string }
  }[]
}

interface Variable {
  readonly name: string
  readonly type: string
  readonly query: string | { readonly query: string }
  readonly datasource?: { readonly uid: string }
}

export interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly schemaVersion: number
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly Variable[] }
  readonly annotations: {
    readonly list: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[]
  }
}

/** The dashboards of both charts, by their paths. */
export function dashboards(): Map<string, Dashboard> {
  const found = ['temporal-worker', 'temporal'].flatMap((chart) => {
    const folder = join(ROOT, 'k8s', 'charts', chart, 'files', 'dashboards')
    return readdirSync(folder).map((file) => join(folder, file))
  })
  return new Map(
    found.map((path) => [path.slice(ROOT.length), JSON.parse(readFileSync(path, 'utf8')) as Dashboard] as const),
  )
}

export interface Query {
  readonly panel: string
  readonly expr: string
}

/** Every query of a dashboard with its variables put in: its constants, and for what a person chooses what is `chosen`. */
export function queriesOf(
  { panels, templating, annotations }: Dashboard,
  chosen: Readonly<Record<string, string>>,
): Query[] {
  const constants = templating.list.flatMap(({ name, type, query }) =>
    type === 'constant' && typeof query === 'string' ? [[name, query] as const] : [],
  )
  const variables = { ...chosen, ...(Object.fromEntries(constants) as Record<string, string>), __rate_interval: '5m' }
  const own = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr }) => ({ panel: `${title} ${refId}`, expr })),
  )
  const marks = annotations.list.map(({ expr }) => ({ panel: 'annotation', expr }))
  return [...own, ...marks].map(({ panel, expr }) => ({ panel, expr: interpolated(expr, variables) }))
}

/** What a person has chosen in each dashboard: all of the worker `temporal-worker` in `prod`. */
export const CHOSEN: Readonly<Record<string, string>> = {
  ...{
    datasource: 'prometheus',
    namespace: 'prod',
    job: 'temporal-worker',
    task_queue: '.*',
    service: '.*',
    pod: '.*',
  },
  ...{ project: '.*', environment: '.*' },
}

/** Values of labels that queries ask for by name. */
export function wordsOf(queries: readonly Query[]): Set<string> {
  const chosen = new Set(Object.values(CHOSEN))
  const all = queries.flatMap(({ expr }) => [...expr.matchAll(/(?<!!)="([^"]+)"/gu)].map(([, word = '']) => word))
  return new Set(all.filter((word) => !chosen.has(word)))
}
