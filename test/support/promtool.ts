import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { goProgram } from '../../bench/go-program.ts'
import { chartAt } from './chart.ts'
import type { Series } from './exposition.ts'
import { metricsIn } from './promql.ts'
import { selector } from './scraped.ts'

const PROMTOOL = {
  module: 'github.com/prometheus/prometheus/cmd/promtool',
  version: 'v0.316.0',
  takes: 'two minutes and more',
}

/** Prometheus' own tool: that of FORGE_TEST_PROMTOOL, or built once. */
async function promtool(args: readonly string[], input = ''): Promise<{ status: number | undefined; said: string }> {
  const program = process.env['FORGE_TEST_PROMTOOL'] ?? (await goProgram(PROMTOOL))
  const { exitCode, all } = await execa(program, args, { input, all: true, reject: false })
  return { status: exitCode, said: all }
}

/** What `promtool check metrics` has to say of a text: nothing, where it is right and named by the conventions. */
export async function checkMetrics(text: string): Promise<string> {
  const { status, said } = await promtool(['check', 'metrics'], text)
  return status === 0 ? said : `status ${status}: ${said}`
}

export interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly for?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

export interface RuleGroup {
  readonly name: string
  readonly rules: readonly Rule[]
}

/** The groups of the PrometheusRule that the chart temporal-worker makes. */
export async function workerRules(
  values: object,
  release = 'temporal-worker',
  namespace = 'prod',
): Promise<RuleGroup[]> {
  const given = { monitoring: { rules: { enabled: true } }, ...values }
  const chart = chartAt('temporal-worker', release)
  const objects = await chart.render('default-values.yaml', given, namespace)
  const spec = objects.find(({ kind }) => kind === 'PrometheusRule')?.spec
  return (spec?.['groups'] ?? []) as RuleGroup[]
}

/** Values of a series by the minute, in promtool's notation. */
export type Input = Readonly<Record<string, string>>

export interface RuleTest {
  readonly name: string
  readonly input: Input
  /** Expressions, and the samples that each has to have at `at`; a label set as it is written, and a value. */
  readonly expects: readonly {
    readonly expr: string
    readonly at: string
    readonly samples: Readonly<Record<string, number>>
  }[]
}

/** `promtool check rules` and `promtool test rules`: what they say, and their exit status. */
export async function testRules(
  groups: readonly RuleGroup[],
  tests: readonly RuleTest[],
): Promise<{ status: number | undefined; said: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'forge-rules-'))
  try {
    const rules = join(folder, 'rules.yaml')
    await writeFile(rules, JSON.stringify({ groups }))
    const checked = await promtool(['check', 'rules', '--lint=all', '--lint-fatal', rules])
    if (checked.status !== 0) return checked
    const file = join(folder, 'tests.yaml')
    await writeFile(
      file,
      JSON.stringify({
        rule_files: [rules],
        evaluation_interval: '1m',
        tests: tests.map(({ name, input, expects }) => ({
          name,
          interval: '1m',
          input_series: Object.entries(input).map(([series, values]) => ({ series, values })),
          promql_expr_test: expects.map(({ expr, at, samples }) => ({
            expr,
            eval_time: at,
            exp_samples: Object.entries(samples).map(([labels, value]) => ({ labels, value })),
          })),
        })),
      }),
    )
    return await promtool(['test', 'rules', file])
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Series that grow by what they are every minute, for ten: rates of them are something. */
export function asInput(series: readonly Series[]): Input {
  return Object.fromEntries(
    series.map((one) => {
      const value = Number.isFinite(one.value) ? one.value : 0
      return [selector(one), `${value}+${Math.abs(value)}x10`]
    }),
  )
}

/** The queries that find nothing in these series; `failed`: what promtool has to say of one that is no query. */
export async function nothingOf(
  queries: readonly { readonly panel: string; readonly expr: string }[],
  input: Input,
): Promise<{ failed: string; empty: string[] }> {
  const rules = queries.map(({ expr }, at) => ({ record: `query:${at}`, expr }))
  const expects = queries.map((_, at) => ({
    expr: `count(query:${at}) > bool 0`,
    at: '10m',
    samples: { '{}': 1 },
  }))
  const named = new Set(queries.flatMap(({ expr }) => metricsIn(expr)))
  const needed = Object.entries(input).filter(([series]) => named.has(series.replace(/\{.*/su, '')))
  const { status, said } = await testRules(
    [{ name: 'queries', rules }],
    [{ name: 'queries', input: Object.fromEntries(needed), expects }],
  )
  if (status === 0) return { failed: '', empty: [] }
  const empty = [...said.matchAll(/expr: "count\(query:(\d+)\) > bool 0"/gu)].map(
    ([, at]) => queries[Number(at)]?.panel ?? '',
  )
  return { failed: empty.length === 0 ? said : '', empty }
}
