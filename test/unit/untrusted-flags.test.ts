import { expect, test } from '@jest/globals'
import { PATH_FLAGS, untrustedFlags } from '../../src/cli/untrusted.ts'
import { commandClasses } from '../support/commands.ts'

const commands = await commandClasses()

test('every command takes --untrusted', () => {
  const without = [...commands].filter(
    ([, { baseFlags }]) => !Object.keys(untrustedFlags).every((flag) => Object.hasOwn(baseFlags ?? {}, flag)),
  )
  expect(without.map(([name]) => name)).toEqual([])
})

test('every flag that names a file or a folder is known as one', () => {
  const flags = [...commands.values()].flatMap(({ flags: own = {} }) => Object.entries(own))
  const named = flags.flatMap(([name, { helpValue }]) => (/^(?:FILE|DIR)$/u.test(String(helpValue)) ? [name] : []))
  expect(named).toContain('events')
  expect(named.filter((name) => name !== 'dir' && !PATH_FLAGS.includes(name))).toEqual([])
})
