import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ended } from '../../src/cli/end-with.ts'
import { exposition } from '../../src/domain/metrics/exposition.ts'
import { LastRun } from '../../src/domain/metrics/last-run.ts'
import { seriesOf, type Series } from './exposition.ts'
import { ROOT } from './forge.ts'

/** What was scraped on a real cluster, where test/real/monitoring.test.ts looks again. */
export const SCRAPED = ['worker', 'server', 'cnpg', 'kubelet'] as const

/**
 * Where metrics come from. `documented`: what could not be run here, as its own documentation or source has it; `forge`: what forge
 * itself writes.
 */
export const SOURCES = [...SCRAPED, 'documented', 'forge'] as const

export type Source = (typeof SOURCES)[number]

/** What is known of a source: its metrics that rules and dashboards name, a few series of each. */
export function recorded(source: Source): Series[] {
  if (source === 'forge') return seriesOf(forgeMetrics())
  return seriesOf(readFileSync(join(ROOT, 'test', 'fixtures', 'metrics', `${source}.prom`), 'utf8'))
}

/** As `--metrics FILE` has them, of a deploy that failed. */
export function forgeMetrics(): string {
  const run = new LastRun({ command: 'deploy', project: 'shop', environment: 'prod' }, '0.1.0')
  const verdict = { code: 'E_CRASH_LOOP', message: '', chain: [], now: null, where: null, hint: '' }
  run.hear({ type: 'step', step: { index: 1, total: 1, name: 'web' }, state: 'failed', seconds: 5, found: '' })
  run.hear({ type: 'operation', operation: 'return', release: 'shop', state: 'done' })
  run.hear(ended({ outcome: 'restored', deploy: 3, verdict }))
  return exposition(run.metrics({ finishedAt: 1_790_000_000, seconds: 12.5 }) ?? [])
}

/** Labels that Prometheus gives a target; null: the target's own stand (`honor_labels`). */
export const TARGETS: Readonly<Record<Source, Readonly<Record<string, string>> | null>> = {
  worker: { namespace: 'prod', job: 'temporal-worker', pod: 'temporal-worker-0', instance: '10.0.0.1:9090' },
  server: { namespace: 'prod', job: 'temporal-server', pod: 'temporal-server-0', instance: '10.0.0.2:9090' },
  cnpg: { namespace: 'prod', job: 'prod/db', pod: 'db-1', instance: '10.0.0.3:9187' },
  kubelet: null,
  documented: null,
  forge: { job: 'node', instance: 'ci-1' },
}

/** The series as Prometheus keeps it: where a label of the target is the series' own already, the own one is renamed. */
export function kept({ name, labels, value }: Series, target: Readonly<Record<string, string>> | null): Series {
  if (target === null) return { name, labels, value }
  const own = Object.entries(labels).map(([label, text]) => [label in target ? `exported_${label}` : label, text])
  return { name, labels: { ...(Object.fromEntries(own) as Record<string, string>), ...target }, value }
}

/** `name{label="value"}`, as promtool takes it. */
export function selector({ name, labels }: Series): string {
  return `${name}{${Object.entries(labels)
    .map(([label, text]) => `${label}=${JSON.stringify(text)}`)
    .join(',')}}`
}

/** The base name of a histogram's series, as its type is told by. */
export const familyOf = (name: string): string => name.replace(/_(?:bucket|sum|count)$/u, '')

/**
 * Of what was scraped the series of these metrics, a few of each, with their types: what is worth being recorded. `words`: values of
 * labels that are asked for.
 */
export function excerpt(text: string, names: ReadonlySet<string>, words: ReadonlySet<string>): string {
  const groups = new Map<string, Map<string, Series[]>>()
  for (const series of seriesOf(text)) {
    if (!names.has(series.name)) continue
    const { le: _, ...rest } = series.labels
    const of = groups.get(series.name) ?? new Map<string, Series[]>()
    const key = JSON.stringify(rest)
    groups.set(series.name, of.set(key, [...(of.get(key) ?? []), series]))
  }
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gmu)].map(([, name = '', type = '']) => [name, type]))
  return [...groups]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, of]) => {
      const family = types.has(name) ? name : familyOf(name)
      const chosen = [...of.values()].toSorted((one, other) => weight(other, words) - weight(one, words)).slice(0, FEW)
      const lines = chosen.flat().map((series) => `${selector(series)} ${series.value}\n`)
      return [`# TYPE ${family} ${types.get(family) ?? 'untyped'}\n`, ...lines]
    })
    .join('')
}

const FEW = 2

/** What is asked for, is not the server's own, or has a value, tells more. */
function weight(series: readonly Series[], words: ReadonlySet<string>): number {
  const has = (test: (value: string) => boolean): boolean =>
    series.some(({ labels }) => Object.values(labels).some((value) => test(value)))
  return (
    (has((value) => words.has(value)) ? 4 : 0) +
    (has((value) => value === 'temporal_system') ? 0 : 2) +
    (series.some(({ value }) => value > 0) ? 1 : 0)
  )
}
