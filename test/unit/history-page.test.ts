import { describe, expect, test } from '@jest/globals'
import { PAGE_LIMIT } from '../../src/screen/web/room.ts'
import { indexOf, listed, madeEntry, many } from '../support/history-pages.ts'
import { entry } from '../support/journal-entry.ts'
import { attribute, expectInert, expectNamed, Read, textOf } from '../support/read-page.ts'
import { HOSTILE, hostileEntry, OLD } from '../support/report-pages.ts'

const huge = many(300, (number) => ({
  ...{ ...madeEntry(number, 300), by: '"'.repeat(1000), changes: '日'.repeat(1000) },
  verdict: { code: '&'.repeat(1000), message: '<"日'.repeat(1000), chain: [], log: [] },
}))

const PAGES = {
  'of 300': indexOf(many(300)),
  'of one': indexOf(listed([OLD])),
  'of none': indexOf(listed([])),
  'of hostile ones': indexOf(listed([hostileEntry(), entry(3, 'running')]), { project: HOSTILE, unread: [HOSTILE] }),
  'of long texts': indexOf(huge),
} as const

describe.each(Object.keys(PAGES) as (keyof typeof PAGES)[])('the list %s', (name) => {
  const text = PAGES[name]
  const page = new Read(text)

  test('is HTML without a mistake, with its landmarks, and leads to pages beside it', () => {
    expect(page.problems).toEqual([])
    for (const landmark of ['header', 'main', 'footer', 'h1', 'title']) expect(page.named(landmark)).toHaveLength(1)
    const ids = page.all.flatMap((element) => attribute(element, 'id') ?? [])
    expect(ids).toEqual([...new Set(ids)])
    for (const link of page.named('a').map((a) => attribute(a, 'href') ?? ''))
      expect(link).toMatch(
        link.startsWith('#') ? new RegExp(`^#(?:${ids.join('|')})$`, 'u') : /^forge-report-[\w.-]+\.html$/u,
      )
  })

  test('runs nothing, asks for nothing, and obeys its own style alone', () => expectInert(page))

  test('has tables whose rows and columns are named, and drawings that say nothing of their own', () => {
    expectNamed(page)
  })

  test('has at most 300 kB', () => {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(PAGE_LIMIT)
  })
})

test('of 300 each has a row that leads to its page, by month, of which the newest is open', () => {
  const page = new Read(PAGES['of 300'])
  const to = page.named('a').flatMap((a) => /-(\d+)\.html$/u.exec(attribute(a, 'href') ?? '')?.[1] ?? [])
  expect(new Set(to).size).toBe(300)
  const months = page.texts('summary')
  expect(months[0]).toBe('November 2026: 28 deploys, 7 failed')
  expect(months).toHaveLength(10)
  const open = page.named('details').map((one) => attribute(one, 'open') !== undefined)
  expect(open.slice(0, 3)).toEqual([true, true, false])
  expect(page.texts('nav')[0]).toContain('November 2026')
})

test('a row says in words who, when, how it ended, and what changed', () => {
  const page = new Read(indexOf(listed([madeEntry(3, 3), madeEntry(5, 5), madeEntry(2, 5)], 2)))
  const rows = page.named('tr').map(textOf)
  expect(rows).toContainEqual(
    expect.stringMatching(/#3 restored runner@ci-0E_CRASH_LOOP: app cannot start.*2026-11-28 12:00.*65\.0s/u),
  )
  expect(rows).toContainEqual(expect.stringMatching(/#5 rolled-back #4 runner@ci-2app image/u))
  expect(rows).toContainEqual(expect.stringMatching(/#2 deployed runs now/u))
  expect(page.texts('strong')).toContain('#2 was deployed to prod, and proven ready. It is what runs now.')
  expect(page.texts('dd')[1]).toBe('3: 2 ended well, 1 failed')
})

test('what others have chosen stands there as text', () => {
  const page = new Read(PAGES['of hostile ones'])
  for (const name of ['h1', 'title', 'th', 'p']) expect(page.texts(name).join()).toContain(HOSTILE)
})

test('what does not fit or is too old is counted', () => {
  expect(new Read(PAGES['of long texts']).texts('p').join()).toContain('200 older deploys not listed')
  expect(new Read(indexOf({ ...many(3), more: 7 })).texts('p').join()).toContain('7 older deploys not listed')
  expect(new Read(PAGES['of none']).texts('p').join()).toContain('Nothing was deployed here yet')
})
