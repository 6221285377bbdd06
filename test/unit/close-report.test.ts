import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { closeReport } from '../../src/cli/close-report.ts'
import type { Session } from '../../src/cli/session.ts'
import { summaryOf } from '../../src/domain/journal/report.ts'
import { visible } from '../../src/domain/redact/inert.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import type { DeployReported } from '../../src/flows/report.ts'
import { RESTORED } from '../support/report-pages.ts'

const SECRET = 'tops3cret-value-of-a-token'
const here = process.cwd()
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forge-report-'))
  process.chdir(folder)
})

afterEach(async () => {
  process.chdir(here)
  delete process.env['BROWSER']
  await rm(folder, { recursive: true, force: true })
})

function session(json = false): Session {
  const redactor = new Redactor()
  redactor.add(SECRET)
  const place = { typed: ['report'], given: {}, cluster: undefined, helm: undefined, conceals: () => false }
  const { signal } = new AbortController()
  const output = { shown: (text: string) => visible(redactor.text(text)) }
  return { json, here: place, signal, output, redactor } as unknown as Session
}

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
  await writeFile('a.html', 'x'.repeat(400_000))
  await closeReport(reported(), { ...wanted, out: 'a.html' }, session(), () => undefined)
  expect((await readFile('a.html', 'utf8')).startsWith('<!doctype html>')).toBe(true)
  expect(await readdir(folder)).toEqual(['a.html'])
  const onto = closeReport(reported(), { ...wanted, out: folder }, session(), () => undefined)
  await expect(onto).rejects.toMatchObject({ code: 'E_FILE_UNWRITABLE' })
})

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
