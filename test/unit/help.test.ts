import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { GROUPS } from '../../src/cli/groups.ts'
import { commandPage, type Listed } from '../../src/screen/front-page.ts'

const COMMANDS = join(import.meta.dirname, '..', '..', 'commands')
const COLUMNS = 80

interface Documented {
  readonly summary?: string
  readonly group?: string
  readonly hidden?: boolean
  readonly examples?: readonly (string | { readonly description: string; readonly command: string })[]
}

test('every command says what people do with it, and its line in forge --help fits 80 columns', async () => {
  const listed: Listed[] = []
  for (const file of (await readdir(COMMANDS, { recursive: true })).filter((one) => one.endsWith('.ts'))) {
    const { default: command } = (await import(join(COMMANDS, file))) as { default: Documented }
    if (command.hidden === true) continue
    const [topic = '', below] = file.replace(/\.ts$/u, '').split('/')
    const name = below === undefined ? topic : `${topic} ${below}`
    listed.push({ name, summary: command.summary ?? '', group: below === undefined ? command.group : topic })
  }
  const known: readonly string[] = GROUPS
  expect(listed.filter(({ group = '' }) => !known.includes(group))).toEqual([])
  expect(commandPage(listed, GROUPS).filter(({ length }) => length > COLUMNS)).toEqual([])
})

test('what is in no group stands at the end, and a group without commands is left out', () => {
  const page = commandPage(
    [
      { name: 'b', summary: 'B.', group: 'look' },
      { name: 'new', summary: 'N.', group: undefined },
      { name: 'a', summary: 'A.', group: 'look' },
    ],
    ['deploy', 'look'],
  )
  expect(page.slice(2, -3)).toEqual(['LOOK', '  a    A.', '  b    B.', '', 'MORE', '  new  N.'])
})

/** oclif wraps descriptions, but neither summaries nor examples. */
test('every command has a summary and examples, and --help fits 80 columns', async () => {
  const files = (await readdir(COMMANDS, { recursive: true })).filter((file) => file.endsWith('.ts')).toSorted()
  expect(files.length).toBeGreaterThan(20)
  const wrong: string[] = []
  for (const file of files) {
    const { default: command } = (await import(join(COMMANDS, file))) as { default: Documented }
    const { summary = '', examples = [], hidden = false } = command
    if (hidden) continue
    const shown = examples.map((one) => `  $ ${typeof one === 'string' ? one : one.command}`)
    const lines = [summary, ...shown.map((one) => one.replaceAll('<%= config.bin %>', 'forge'))]
    if (summary === '') wrong.push(`${file}: no summary`)
    if (examples.length === 0) wrong.push(`${file}: no examples`)
    wrong.push(...lines.filter(({ length }) => length > COLUMNS).map((line) => `${file}: ${line.length}: ${line}`))
  }
  expect(wrong).toEqual([])
})
