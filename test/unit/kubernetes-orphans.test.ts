import { expect, test } from '@jest/globals'
import { execa } from 'execa'

/** A process of its own: what is looked for would end it, and Jest catches that in its own way. */
async function ending(...args: readonly string[]): Promise<string> {
  const script = new URL('../support/late-answers.ts', import.meta.url).pathname
  const { exitCode, stderr } = await execa(process.execPath, [script, ...args], { reject: false })
  return exitCode === 0 ? 'ended well' : stderr
}

test('an answer that comes too late for a request that was given up does not end forge', async () => {
  expect(await ending('--heard')).toBe('ended well')
})

test('without the listener it would, so that this shows something', async () => {
  expect(await ending()).toContain("Unhandled 'error' event")
})
