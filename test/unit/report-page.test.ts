import { describe, expect, test } from '@jest/globals'
import { summaryOf } from '../../src/domain/journal/report.ts'
import { PAGE_LIMIT } from '../../src/screen/web/room.ts'
import { verdictWords } from '../../src/screen/web/words.ts'
import { entry } from '../support/journal-entry.ts'
import { attribute, expectInert, expectNamed, Read, textOf } from '../support/read-page.ts'
import { DEPLOYED, HOSTILE, hostileEntry, hugeEntry, OLD, pageOf, RESTORED } from '../support/report-pages.ts'

const PAGES = {
  deployed: DEPLOYED,
  restored: RESTORED,
  'of an older forge': OLD,
  'of next to nothing': entry(1, 'interrupted'),
  hostile: hostileEntry(),
  huge: hugeEntry(),
} as const

describe.each(Object.keys(PAGES) as (keyof typeof PAGES)[])('the page of one that is %s', (name) => {
  const text = pageOf(PAGES[name])
  const page = new Read(text)

  test('is HTML without a mistake, in one language, with its landmarks and one heading of each kind', () => {
    expect(page.problems).toEqual([])
    expect(page.named('html').map((html) => attribute(html, 'lang'))).toEqual(['en'])
    for (const landmark of ['header', 'nav', 'main', 'footer', 'h1', 'title'])
      expect(page.named(landmark)).toHaveLength(1)
    expect(page.texts('h2').slice(0, 3)).toEqual(['Verdict', 'Timeline', 'What it was to change'])
    const ids = page.all.flatMap((element) => attribute(element, 'id') ?? [])
    expect(ids).toEqual([...new Set(ids)])
    for (const link of page.named('a').map((a) => attribute(a, 'href') ?? ''))
      expect(link).toMatch(link.startsWith('#') ? new RegExp(`^#(?:${ids.join('|')})$`, 'u') : /^file:\/\/\//u)
  })

  test('runs nothing, asks for nothing, and obeys its own style alone', () => expectInert(page))

  test('has tables whose rows and columns are named, and drawings that say nothing of their own', () => {
    expectNamed(page)
  })

  test('has at most 300 kB', () => {
    expect(PAGE_LIMIT).toBe(300_000)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(PAGE_LIMIT)
  })
})

test('what others have chosen stands there as text', () => {
  const page = new Read(pageOf(hostileEntry()))
  expect(page.texts('h1')[0]).toContain(HOSTILE)
  expect(page.texts('title')[0]).toContain(HOSTILE)
  expect(page.texts('summary').join()).toContain(HOSTILE)
  expect(page.texts('th').join()).toContain(HOSTILE)
})

test('says what happened in words, and when', () => {
  const page = new Read(pageOf(RESTORED))
  const rows = page.named('tr').map(textOf)
  expect(page.texts('strong')).toEqual(['#42 failed in prod, and what ran before runs again.'])
  expect(rows).toContainEqual(expect.stringMatching(/Stage apps ✖ failed.*\+8\.0s.*9\.0s/u))
  expect(rows).toContainEqual(
    expect.stringMatching(/Deployment\/app ✖ failed.*ready again after 29\.0s, during the rollback/u),
  )
  expect(rows).toContainEqual(
    expect.stringMatching(
      /never ready.*on node-2, scheduled \+0\.1s, images and containers \+1\.9s, restarted 3 times, gone after 14\.0s.*after 3\.0s: app: Error \(status 1\)/u,
    ),
  )
  expect(page.texts('li')).toContain('app: image 1f3c9a2e, app-env LOG_LEVEL')
  expect(page.texts('pre').join()).toContain('unknown key "colour"')
  const links = page.named('a').map((a) => attribute(a, 'href'))
  expect(links).toContain('file:///home/ops/.local/state/forge/api-forge/prod/42')
})

test('of many pods it says how many more there were', () => {
  expect(new Read(pageOf(DEPLOYED)).named('tr').map(textOf)).toContainEqual(expect.stringContaining('and 18 more pods'))
})

test('what was ready before its stage began has taken no less than nothing', () => {
  const { times } = DEPLOYED
  const workloads = times?.workloads.map((one) => ({ ...one, readyAt: DEPLOYED.startedAt, pods: [] })) ?? []
  const page = pageOf({ ...DEPLOYED, ...(times === undefined ? {} : { times: { ...times, workloads } }) })
  expect(workloads).not.toHaveLength(0)
  expect(new Read(page).texts('td').filter((text) => text.startsWith('-'))).toEqual([])
})

test('of an older forge it says that it has no times, and tells what was written', () => {
  const page = new Read(pageOf(OLD))
  expect(page.texts('p').join()).toContain('The journal has no times of steps and pods of it: an older forge wrote it')
  expect(page.named('tr').map(textOf)).toContainEqual(expect.stringContaining('helm upgrade app'))
})

test('of what does not fit it says so', () => {
  const page = new Read(pageOf(hugeEntry()))
  expect(page.texts('footer')[0]).toContain('It was too much for one page: forge history 42 --json has all of it')
  expect(page.texts('p').join()).toMatch(/and \d+ more objects/u)
  expect(new Read(pageOf(RESTORED)).texts('footer')[0]).not.toContain('too much')
})

test.each([
  ['deployed', 42, 'good', '#42 was deployed to prod, and proven ready. It is what runs now.'],
  ['deployed', 43, 'good', '#42 was deployed to prod, and proven ready.'],
  ['rolled-back', 42, 'good', '#42 took prod back to #40, and proved it ready.'],
  ['restored', 41, 'bad', '#42 failed in prod, and what ran before runs again.'],
  ['failed', 41, 'bad', '#42 failed in prod, and what ran before was not brought back.'],
  ['interrupted', 41, 'warn', '#42 was stopped in prod before its end; forge recover ends it.'],
  ['running', 41, 'warn', '#42 was killed in prod in the middle; forge recover ends it.'],
  ['uninstalled', 41, 'good', '#42 took the releases away from prod.'],
  ['paused', 41, 'good', '#42 brought what runs in prod to rest.'],
  ['resumed', 41, 'good', '#42 woke what runs in prod.'],
] as const)('%s is told so', (state, live, tone, text) => {
  const one = { ...RESTORED, state, ...(state === 'rolled-back' ? { target: 40 } : {}) }
  expect(verdictWords(summaryOf(one, { live, held: undefined }))).toEqual({ tone, text })
})
