import { expect, test } from '@jest/globals'
import { usageError, type Known, type KnownFlag } from '../../src/cli/usage.ts'
import { ForgeError } from '../../src/errors.ts'
import { hintLine } from '../../src/hint.ts'
import { commandClasses } from '../support/commands.ts'
import { HERE } from '../support/hints.ts'

const classes = await commandClasses()

function knownOf(command: string): Known {
  const { flags = {} } = classes.get(command) ?? {}
  return { command, flags: flags as Readonly<Record<string, KnownFlag>>, takes: 0 }
}

function unknownFlag(known: Known, flag: string): ForgeError {
  const error = usageError(Object.assign(new Error('Nonexistent flag'), { flags: [flag], parse: {} }), known, [
    ...known.command.split(' '),
    flag,
  ])
  if (error instanceof ForgeError) return error
  throw new Error('is not told as an error of usage', { cause: error })
}

test('a flag of any command with two letters that changed places is known again', () => {
  const wrong: string[] = []
  for (const command of classes.keys()) {
    const known = knownOf(command)
    for (const [name, { hidden }] of Object.entries(known.flags)) {
      if (hidden === true) continue
      const swapped = `--${name.slice(0, 1)}${name[2] ?? ''}${name[1] ?? ''}${name.slice(3)}`
      const line = hintLine(unknownFlag(known, swapped).hint, HERE)
      if (swapped !== `--${name}` && line !== `forge ${command} --${name}`) wrong.push(`${swapped}: ${line}`)
    }
  }
  expect(wrong).toEqual([])
})

test('nothing is guessed from a single letter, or from what has other letters', () => {
  for (const flag of ['-x', '-Y', '--out', '--xyz'])
    expect(hintLine(unknownFlag(knownOf('deploy'), flag).hint, HERE)).toBe('forge deploy --help')
})

test('what is no error of parsing stays as it is', () => {
  for (const bug of [
    new TypeError('x is not a function'),
    new Error('Missing 1 required arg'),
    new Error('Unexpected argument'),
  ])
    expect(usageError(bug, knownOf('deploy'), [])).toBe(bug)
  expect(usageError('text', knownOf('deploy'), [])).toBe('text')
})
