import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { CHOSEN, dashboards, queriesOf } from '../support/dashboards.ts'
import { ROOT } from '../support/forge.ts'
import { interpolated, metricsIn } from '../support/promql.ts'
import { forgeMetrics, recorded, SOURCES } from '../support/scraped.ts'

const BOARDS = [...dashboards()]
const known = new Set(SOURCES.flatMap((source) => recorded(source).map(({ name }) => name)))

const twice = (all: readonly unknown[]): unknown[] => all.filter((one, at) => all.indexOf(one) !== at)

test('no two dashboards have one id', () => {
  expect(BOARDS.length).toBeGreaterThan(3)
  expect(twice(BOARDS.map(([, { uid }]) => uid))).toEqual([])
  expect(BOARDS.filter(([, { uid }]) => !/^forge-[a-z-]{3,34}$/u.test(uid))).toEqual([])
})

describe.each(BOARDS)('%s', (path, board) => {
  const panels = board.panels.filter(({ type }) => type !== 'row')

  test('is of a schema that Grafana 10 and newer read, and lets a person choose the Prometheus', () => {
    expect(board.schemaVersion).toBe(39)
    const [first] = board.templating.list
    expect(first).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' })
    const used = [
      ...panels.map(({ datasource }) => datasource?.uid),
      ...panels.flatMap(({ targets = [] }) => targets.map(({ datasource }) => datasource.uid)),
      ...board.templating.list.flatMap(({ datasource }) => (datasource === undefined ? [] : [datasource.uid])),
      ...board.annotations.list.map(({ datasource }) => datasource.uid),
    ]
    expect(new Set(used)).toEqual(new Set(['${datasource}']))
  })

  test('has panels with a title, a unit and a query, each in a place of its own', () => {
    const ids = board.panels.map(({ id }) => id)
    expect([ids.length > 10, twice(ids)]).toEqual([true, []])
    const bare = panels.filter(({ title, fieldConfig, targets = [] }) => {
      const hasUnit = (fieldConfig?.defaults.unit ?? '') !== ''
      return title === '' || !hasUnit || targets.length === 0 || twice(targets.map(({ refId }) => refId)).length > 0
    })
    expect(bare.map(({ id }) => id)).toEqual([])
    const cells = board.panels.flatMap(({ gridPos: { h, w, x, y } }) =>
      Array.from({ length: h * w }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`),
    )
    expect(twice(cells)).toEqual([])
    expect(board.panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([])
  })

  test('names only metrics that somebody exports, and variables that it has', () => {
    const names = queriesOf(board, CHOSEN).flatMap(({ expr }) => metricsIn(expr))
    const asked = board.templating.list.flatMap(({ type, query }) =>
      type === 'query' && typeof query === 'object' ? [query.query] : [],
    )
    const values = asked.map((query) => interpolated(query, { ...CHOSEN, counter_suffix: '' }))
    const listed = values.map((query) => /^label_values\((\w+)/u.exec(query)?.[1] ?? `not understood: ${query}`)
    expect([...names, ...listed].filter((name) => !known.has(name))).toEqual([])
    const own = new Set(board.templating.list.map(({ name }) => name))
    const text = readFileSync(join(ROOT, path), 'utf8')
    const used = [...text.matchAll(/\$(?:\{(\w+)\}|([a-z]\w+))/gu)].map(([, braced, plain]) => braced ?? plain ?? '')
    expect([...new Set(used)].filter((name) => !own.has(name))).toEqual([])
  })
})

test('what forge writes is in the documentation, and nothing else is', () => {
  const written = new Set([...forgeMetrics().matchAll(/^# TYPE (\S+)/gmu)].map(([, name]) => name))
  const page = readFileSync(join(ROOT, 'docs', 'monitoring.md'), 'utf8')
  const told = new Set([...page.matchAll(/`(forge_deploy_\w+)`/gu)].map(([, name]) => name))
  expect([...told].toSorted()).toEqual([...written].toSorted())
})

test.each([
  ['sum by (a) (rate(x_total{b="y{z}"}[5m])) > 5', ['x_total']],
  ['(a == 0) unless on () (b{c=~"d"} == 0)', ['a', 'b']],
  ['x * on (job) group_left (code) y and z', ['x', 'y', 'z']],
  ['histogram_quantile(0.95, sum by (le) (rate(l_bucket[5m]))) / 1000', ['l_bucket']],
  ['time() - max(t) < 1e3 or absent(up{n="a\\"b"} == 1)', ['t', 'up']],
])('the metrics of %s are %j', (expr, names) => expect(metricsIn(expr)).toEqual(names))
