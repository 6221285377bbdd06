import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { PATH_FLAGS, untrustedFlags } from '../../src/cli/untrusted.ts'

const COMMANDS = join(import.meta.dirname, '..', '..', 'commands')
const commandFiles = async (): Promise<string[]> =>
  (await readdir(COMMANDS, { recursive: true })).filter((file) => file.endsWith('.ts'))

test('every command takes --untrusted', async () => {
  const files = await commandFiles()
  const without = await Promise.all(
    files.map(async (file) => {
      const { default: command } = (await import(join(COMMANDS, file))) as { default: { baseFlags?: unknown } }
      return command.baseFlags === untrustedFlags ? [] : [file]
    }),
  )
  expect(without.flat()).toEqual([])
})

test('every flag that names a file or a folder is known as one', async () => {
  const files = await commandFiles()
  type Taken = Readonly<Record<string, { readonly helpValue?: string | readonly string[] }>>
  const named = await Promise.all(
    files.map(async (file) => {
      const { default: command } = (await import(join(COMMANDS, file))) as { default: { flags?: Taken } }
      return Object.entries(command.flags ?? {}).flatMap(([name, { helpValue }]) =>
        /^(?:FILE|DIR)$/u.test(String(helpValue)) ? [name] : [],
      )
    }),
  )
  expect(named.flat()).toContain('events')
  expect(named.flat().filter((name) => name !== 'dir' && !PATH_FLAGS.includes(name))).toEqual([])
})
