import { expect, test } from '@jest/globals'
import { CHOSEN, dashboards, queriesOf } from '../support/dashboards.ts'
import { asInput, checkMetrics, nothingOf } from '../support/promtool.ts'
import { forgeMetrics, kept, recorded, SOURCES, TARGETS } from '../support/scraped.ts'

const series = SOURCES.flatMap((source) => recorded(source).map((one) => kept(one, TARGETS[source])))

/** Nothing is right for these, where all is as it was recorded. */
const EMPTY = ['Since the last backup A']

test.each([...dashboards()])('every query of %s finds something in what was scraped', async (_, board) => {
  const { failed, empty } = await nothingOf(queriesOf(board, CHOSEN), asInput(series))
  expect(failed).toBe('')
  expect(empty.filter((panel) => !EMPTY.includes(panel))).toEqual([])
})

test('a query of nothing that is there is told: this test can fail', async () => {
  const queries = [
    { panel: 'there', expr: 'sum(temporal_num_pollers)' },
    { panel: 'nowhere', expr: 'sum(temporal_pollers)' },
  ]
  expect(await nothingOf(queries, asInput(series))).toEqual({ failed: '', empty: ['nowhere'] })
  expect(await nothingOf([{ panel: 'wrong', expr: 'sum(' }], asInput(series))).toMatchObject({
    failed: expect.stringContaining('parse error'),
  })
})

test('what forge writes is the text format, with names as the conventions have them', async () => {
  expect(await checkMetrics(forgeMetrics())).toBe('')
  expect(await checkMetrics('# TYPE a_total gauge\na_total 1\n')).toMatch(/a_total/u)
})
