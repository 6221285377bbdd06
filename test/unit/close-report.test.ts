import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { closeReport } from '../../src/cli/close-report.ts'
import type { Session } from '../../src/cli/session.ts'
import { summaryOf } from '../../src/domain/journal/report.ts'
import type { DeployReported } from '../../src/flows/report.ts'
import { closingSession, inFolder, SECRET } from '../support/closing.ts'
import { RESTORED } from '../support/report-pages.ts'

let folder = ''
inFolder((path) => {
  folder = path
})

const session = (json = false): Session => closingSession(['report'], json)

function reported(): DeployReported {
  const verdict = { code: 'E_PROBE', message: `says \u001B[2J${SECRET}`, chain: [], log: [`token ${SECRET}`] }
  const entry = { ...RESTORED, project: '../shop', verdict }
  const summary = summaryOf(entry, { live: undefined, held: undefined })
  const { environment, namespace, project } = entry
  const scope = { project, environment, namespace, deploy: summary, file: null }
  return {
    entry,
    summary,
    report: { apiVersion: 'forge/v1', command: 'report', ...scope, entry: { v: 1, ...entry, steps: [] } },
  }
}

const wanted = { out: undefined, open: false, version: '0.1.0' }

test('the page is written where forge was started, by a name that leads nowhere else, and its path is the result', async () => {
  const rows: string[] = []
  const { file } = await closeReport(reported(), wanted, session(), (row) => rows.push(row))
  expect(await readdir(folder)).toEqual(['forge-report-..-shop-prod-42.html'])
  expect(rows).toEqual(['#42 failed in prod, and what ran before runs again.', file])
  const page = await readFile(file ?? '', 'utf8')
  expect(page).not.toContain(SECRET)
  expect(page).not.toContain('\u001B')
  expect(page).toContain('token •••')
})

test('one that is there is replaced as a whole, and a path that is no file is refused', async () => {
  await closeReport(reported(), { ...wanted, out: 'a.html' }, session(), () => undefined)
  const first = await readFile('a.html', 'utf8')
  await writeFile('a.html', first + 'x'.repeat(400_000))
  await closeReport(reported(), { ...wanted, out: 'a.html' }, session(), () => undefined)
  expect(await readFile('a.html', 'utf8')).not.toContain('xxx')
  expect(await readdir(folder)).toEqual(['a.html'])
  const onto = closeReport(reported(), { ...wanted, out: folder }, session(), () => undefined)
  await expect(onto).rejects.toMatchObject({ code: 'E_FILE_UNWRITABLE' })
})

test.each(['<!doctype html>\n<html lang="en"><head><title>Mine</title>', 'version: 1\nproject: shop\n'])(
  'what forge did not write is not written over: %p',
  async (text) => {
    await writeFile('mine', text)
    const onto = closeReport(reported(), { ...wanted, out: 'mine' }, session(), () => undefined)
    await expect(onto).rejects.toMatchObject({ code: 'E_FILE_UNWRITABLE', hint: expect.anything() })
    expect(await readFile('mine', 'utf8')).toBe(text)
  },
)

test('with --json alone nothing is written', async () => {
  expect(await closeReport(reported(), wanted, session(true), () => undefined)).toMatchObject({ file: null })
  expect(await readdir(folder)).toEqual([])
})

test('--open shows the file in the browser of the person', async () => {
  const browser = join(folder, 'browser')
  await writeFile(browser, `#!/bin/sh\nprintf %s "$1" > '${folder}/opened'\n`)
  await chmod(browser, 0o755)
  process.env['BROWSER'] = browser
  await closeReport(reported(), { ...wanted, out: 'a b.html', open: true }, session(), () => undefined)
  expect(await readFile('opened', 'utf8')).toBe(`file://${process.cwd()}/a%20b.html`)
})
