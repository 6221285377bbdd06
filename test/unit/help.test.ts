import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const COMMANDS = join(import.meta.dirname, '..', '..', 'commands')
const COLUMNS = 80

interface Documented {
  readonly summary?: string
  readonly hidden?: boolean
  readonly examples?: readonly (string | { readonly description: string; readonly command: string })[]
}

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
