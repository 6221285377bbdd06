import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { closeHistoryPages } from '../../src/cli/close-history-pages.ts'
import type { Session } from '../../src/cli/session.ts'
import type { JournalEntry } from '../../src/domain/journal/model.ts'
import { summaryOf } from '../../src/domain/journal/report.ts'
import type { DeployHistory } from '../../src/flows/history.ts'
import { hintLine, type Hint } from '../../src/hint.ts'
import { closingSession, inFolder, SECRET } from '../support/closing.ts'
import { madeEntry } from '../support/history-pages.ts'
import { attribute, Read } from '../support/read-page.ts'

let folder = ''
inFolder((path) => {
  folder = path
})

const session = (json = false): Session => closingSession(['history', '--web'], json)

function told(shown: readonly JournalEntry[], environment = 'prod', unreadable: readonly number[] = []): DeployHistory {
  const deploys = shown.map((one) => summaryOf(one, { live: shown[0]?.number, held: undefined }))
  const scope = { project: 'api-forge', environment, namespace: 'api-forge-prod' }
  return {
    ...{ entry: undefined, shown, absent: undefined, flags: ['--env', environment] },
    report: { apiVersion: 'forge/v1', command: 'history', ...scope, live: null, deploys, unreadable },
  }
}

/** Newest first. */
function entries(from: number, to: number): JournalEntry[] {
  return Array.from({ length: from - to + 1 }, (_, at) => madeEntry(from - at, from))
}

const wanted: Parameters<typeof closeHistoryPages>[1] = { out: 'public', open: false, version: '0.1.0' }

async function write(history: DeployHistory, more: Partial<typeof wanted> = {}): Promise<string[]> {
  const rows: string[] = []
  await closeHistoryPages(history, { ...wanted, ...more }, session(), (row) => rows.push(row))
  return rows
}

/** The pages that the index leads to, all of which are there. */
async function linked(dir = 'public'): Promise<string[]> {
  const page = new Read(await readFile(join(dir, 'index.html'), 'utf8'))
  expect(page.problems).toEqual([])
  const hrefs = page.named('a').map((a) => attribute(a, 'href') ?? '')
  const files = [...new Set(hrefs.filter((href) => !href.startsWith('#')))]
  expect(await readdir(dir)).toEqual(expect.arrayContaining(files))
  return files
}

test('writes the page of each, and one that leads to them and back', async () => {
  const index = join(folder, 'public', 'index.html')
  expect(await write(told(entries(3, 1), 'prod', [9]))).toEqual(['3 deploys of api-forge → prod', index])
  const pages = [3, 2, 1].map((number) => `forge-report-api-forge-prod-${number}.html`)
  expect((await linked()).toSorted()).toEqual(pages.toSorted())
  expect((await readdir('public')).toSorted()).toEqual([...pages, 'forge-history.json', 'index.html'].toSorted())
  const back = new Read(await readFile(join('public', pages[0] ?? ''), 'utf8')).named('a')
  expect(back.map((a) => attribute(a, 'href'))).toContain('index.html')
  expect(await readFile(index, 'utf8')).toContain('not readable by this version of forge: #9')
})

test('what the journal has forgotten stays listed while its page is there, and nothing else is touched', async () => {
  await write(told(entries(3, 1)))
  await writeFile('public/notes.txt', 'mine')
  await rm('public/forge-report-api-forge-prod-2.html')
  await write(told(entries(5, 4)))
  const numbers = (await linked()).map((name) => /-(\d+)\.html$/u.exec(name)?.[1])
  expect(new Set(numbers)).toEqual(new Set(['5', '4', '3', '1']))
  expect(await readFile('public/notes.txt', 'utf8')).toBe('mine')
  const page = await readFile('public/index.html', 'utf8')
  expect(page.match(/<strong>runs now</gu)).toHaveLength(1)
  await rm('public/index.html')
  await write(told(entries(5, 4)))
  expect(await linked()).toHaveLength(4)
})

test('lists at most 300, and counts the others once', async () => {
  await write(told(entries(260, 1)))
  await write(told(entries(320, 261)))
  expect(await linked()).toHaveLength(300)
  expect(await readFile('public/index.html', 'utf8')).toContain('20 older deploys not listed')
  await write(told(entries(320, 301)))
  expect(await readFile('public/index.html', 'utf8')).toContain('20 older deploys not listed')
  expect((await readdir('public')).length).toBe(322)
})

test.each<[string, () => Promise<unknown>]>([
  ['of somebody else', async () => await writeFile('public/index.html', 'my site')],
  ['of another environment', async () => await write(told(entries(1, 1), 'staging'))],
  ['with a list that is none', async () => await writeFile('public/forge-history.json', '{"v":1,"deploys":[{}]}')],
])('a folder %s is left as it is', async (_, before) => {
  await mkdir('public')
  await before()
  const names = await readdir('public')
  const failed = await write(told(entries(2, 1))).catch((error: unknown) => error)
  expect(failed).toMatchObject({ code: 'E_FILE_UNWRITABLE' })
  const { hint } = (failed as { readonly details: { readonly hint: Hint } }).details
  expect(hintLine(hint, session().here)).toBe(`forge history --web --out ${folder}/public/forge-history-api-forge-prod`)
  expect(await readdir('public')).toEqual(names)
})

test('where a page cannot be written, the index is not written either', async () => {
  await mkdir('public/forge-report-api-forge-prod-1.html', { recursive: true })
  await expect(write(told(entries(2, 1)))).rejects.toMatchObject({ code: 'E_FILE_UNWRITABLE' })
  expect(await readdir('public')).not.toContain('index.html')
})

test('a list that somebody has edited is text, and leads nowhere else', async () => {
  await write(told(entries(2, 1)))
  const file = 'public/forge-history.json'
  const list = (await readFile(file, 'utf8')).replaceAll('runner@ci', '<script>alert(1)</script>')
  await writeFile(file, list)
  await write(told(entries(3, 3)))
  expect(new Read(await readFile('public/index.html', 'utf8')).named('script')).toEqual([])
  await writeFile(file, list.replace('"number": 1,', '"number": "../../x",'))
  await expect(write(told(entries(3, 3)))).rejects.toMatchObject({ code: 'E_FILE_UNWRITABLE' })
})

test('what an edited entry says of its times is not taken for one', async () => {
  await write(told([{ ...madeEntry(2, 2), startedAt: 'yesterday', endedAt: '2026-11-28T12:00:00Z' }]))
  await write(told(entries(3, 3)))
  expect(await linked()).toHaveLength(2)
})

test('no secret is in any of the files', async () => {
  const verdict = { code: 'E_PROBE', message: `says \u001B[2J${SECRET}`, chain: [SECRET], log: [`token ${SECRET}`] }
  const all = [
    { ...madeEntry(3, 3), verdict },
    { ...madeEntry(2, 3), command: `forge deploy --set a=${SECRET}` },
  ]
  await write(told([...all, { ...madeEntry(1, 3), by: SECRET, changes: SECRET }]))
  for (const name of await readdir('public')) {
    const text = await readFile(join('public', name), 'utf8')
    expect(text).not.toContain(SECRET)
    expect(text).not.toContain('\u001B')
  }
  expect(await readFile('public/index.html', 'utf8')).toContain('•••')
})

test('without --out it is a folder named after the environment; with --json alone nothing is written', async () => {
  const history = told(entries(1, 1))
  const asJson = await closeHistoryPages(history, { ...wanted, out: undefined }, session(true), () => undefined)
  expect(asJson).toBe(history.report)
  expect(await readdir(folder)).toEqual([])
  await write(history, { out: undefined })
  expect(await readdir(folder)).toEqual(['forge-history-api-forge-prod'])
  const named = await closeHistoryPages(history, wanted, session(true), () => undefined)
  expect(named).toMatchObject({ folder: join(folder, 'public') })
})

test('--open shows the list, also of an environment without a deploy', async () => {
  const browser = join(folder, 'browser')
  await writeFile(browser, `#!/bin/sh\nprintf %s "$1" > '${folder}/opened'\n`)
  await chmod(browser, 0o755)
  process.env['BROWSER'] = browser
  await write(told([]), { open: true })
  expect(await readFile('opened', 'utf8')).toBe(`file://${folder}/public/index.html`)
  expect(await readFile('public/index.html', 'utf8')).toContain('Nothing was deployed here yet')
})
