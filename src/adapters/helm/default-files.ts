import type { ChartText } from '../../ports.ts'
import { chartContent } from './chart-content.ts'
import { missingCharts } from './dependencies.ts'

const READ = /(?:^|\/)(?:Chart|values|requirements)\.yaml$/u
const OWN = /^(?:charts\/[^/]+\/)*[^/]+$/u

/** Of a chart of this machine and of those within it, with those that it takes from elsewhere. Undefined: only helm can follow it. */
export async function defaultFiles(chart: string): Promise<readonly ChartText[] | undefined> {
  const own = await textsIn(chart, '')
  if (own === undefined) return undefined
  const taken = (await missingCharts(chart)).map(async ({ name, from }) =>
    from === undefined ? [] : ((await textsIn(from, `charts/${name}/`)) ?? []),
  )
  return [...own, ...(await Promise.all(taken)).flat()]
}

async function textsIn(chart: string, below: string): Promise<ChartText[] | undefined> {
  const files = await chartContent(chart)
  return files
    ?.filter(({ name }) => READ.test(name) && OWN.test(name))
    .map(({ name, data }) => ({ name: `${below}${name}`, path: `${chart}/${name}`, text: data.toString('utf8') }))
}
