import { expect, test } from '@jest/globals'
import { Listr } from 'listr2'
import { PlainRenderer } from '../../src/cli/plain-renderer.ts'
import { FakeClock, settled } from '../support/fake-clock.ts'

test('in a log a change within the calm two seconds is told at their end, once, and never after the end', async () => {
  const clock = new FakeClock()
  const lines: string[] = []
  const later = (ms: number, action: () => void): (() => void) => {
    const over = new AbortController()
    clock.after(ms, over.signal).then(action, () => undefined)
    return () => over.abort()
  }
  const options = {
    write: (line: string) => void lines.push(line.slice('12:00:00 '.length)),
    now: () => new Date(clock.now()),
    later,
  }
  const done = Promise.withResolvers<undefined>()
  let say = (_title: string): void => undefined
  const work = {
    title: 'app',
    task: async (_: unknown, task: { title: string }) => {
      say = (title) => void (task.title = title)
      await done.promise
    },
  }
  const run = new Listr<unknown, typeof PlainRenderer>([work], {
    renderer: PlainRenderer,
    rendererOptions: options,
  }).run()
  await settled()

  say('app 0/2: pulling')
  say('app 0/2: starting')
  say('app 1/2: starting')
  expect(lines).toEqual(['· app 0/2: pulling'])
  await clock.advance(2000)
  await settled()
  expect(lines).toEqual(['· app 0/2: pulling', '· app 1/2: starting'])
  say('app 2/2: settling')
  say('app 2/2')
  done.resolve(undefined)
  await run
  await clock.advance(5000)
  await settled()
  expect(lines.slice(2)).toEqual(['✔ app 2/2'])
})
