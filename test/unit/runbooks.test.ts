import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { commandClasses } from '../support/commands.ts'
import { ROOT } from '../support/forge.ts'
import { ALERTS, runbookOf } from '../support/alerts.ts'

const FOLDER = join(ROOT, 'docs', 'runbooks')
const pages = readdirSync(FOLDER).map((file) => [file, readFileSync(join(FOLDER, file), 'utf8')] as const)
const monitoring = readFileSync(join(ROOT, 'docs', 'monitoring.md'), 'utf8')

test('each alert has a page of its own, and docs/monitoring.md leads to it', () => {
  expect(ALERTS.length).toBeGreaterThan(10)
  expect(pages.map(([file]) => file).toSorted()).toEqual(ALERTS.map(runbookOf).toSorted())
  const told = [...monitoring.matchAll(/^\| \[`(\w+)`\]\(runbooks\/([\w-]+\.md)\)/gmu)].map(([, name, file]) => [
    name,
    file,
  ])
  expect(told.toSorted()).toEqual(ALERTS.map((name) => [name, runbookOf(name)]).toSorted())
})

test.each(ALERTS.map((name) => [name]))('%s: what it means, what to look at, what to do, how to go back', (name) => {
  const [, page = ''] = pages.find(([file]) => file === runbookOf(name)) ?? []
  const headings = [...page.matchAll(/^#+ (.+)$/gmu)].map(([, heading]) => heading)
  expect(headings).toEqual([name, 'What it means', 'Check', 'Mend', 'Roll back'])
  const sections = page.split(/^## .+$/mu).slice(1)
  expect(sections.filter((text) => text.trim().length < 40)).toEqual([])
  expect(sections.at(-1)).toMatch(/^forge rollback .*--env prod/mu)
})

test('every forge command of a runbook, and of docs/monitoring.md, is one, with flags that it has', async () => {
  const commands = await commandClasses()
  const wrong: string[] = []
  let seen = 0
  for (const [file, page] of [...pages, ['monitoring.md', monitoring] as const]) {
    for (const [line] of page.replaceAll(/\n(?=explain)/gu, ' ').matchAll(/(?<=^|`)forge [a-z][^`\n]*/gmu)) {
      seen += 1
      const words = line.split(' ').slice(1)
      const name = [words.slice(0, 2).join(' '), words[0] ?? ''].find((one) => commands.has(one))
      const { flags = {}, baseFlags = {} } = commands.get(name ?? '') ?? {}
      const known = new Set(['--json', ...Object.keys({ ...flags, ...(baseFlags as object) }).map((one) => `--${one}`)])
      const unknown = (line.match(/(?<=\s)--[\w-]+/gu) ?? []).filter((flag) => !known.has(flag))
      if (name === undefined || unknown.length > 0) wrong.push(`${file}: ${line}`)
    }
  }
  expect([seen > 40, wrong]).toEqual([true, []])
})
