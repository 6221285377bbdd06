import { expect, test } from '@jest/globals'
import { plainLines } from '../../src/cli/plain-lines.ts'
import { Events } from '../../src/domain/events/events.ts'
import { runSteps, step, StepLeft, type StepReport } from '../../src/flows/step.ts'
import { FakeClock, settled } from '../support/fake-clock.ts'

/** What a log has of steps, without the time of day. */
class Log {
  readonly clock = new FakeClock()
  readonly lines: string[] = []
  readonly ports = { clock: this.clock, events: new Events(), screen: { width: undefined, mask: masked } }

  constructor(folds = false) {
    const section = {
      begin: (title: string) => void this.lines.push(`[ ${title}`),
      end: () => void this.lines.push(']'),
    }
    plainLines(this.ports.events, {
      ...(folds ? { section } : {}),
      write: (line) => void this.lines.push(line.slice('12:00:00 '.length)),
      mask: masked,
      now: () => new Date(this.clock.now()),
      later: (ms, action) => {
        const over = new AbortController()
        this.clock.after(ms, over.signal).then(action, () => undefined)
        return () => over.abort()
      },
    })
  }
}

const masked = (text: string): string => text.replaceAll('hunter2', '•••')
const at = (index: number, name = 'app') => ({ index, total: 2, name })

test('in a log a change within the calm two seconds is told at their end, once, and never after the end', async () => {
  const log = new Log()
  const done = Promise.withResolvers<string>()
  let report: StepReport | undefined
  const run = runSteps([step(log.ports, at(1), async (one) => await ((report = one), done.promise))], log.ports)
  await settled()

  report?.detail('app 0/2: pulling')
  report?.detail('app 0/2: starting')
  report?.detail('app 1/2: starting')
  expect(log.lines).toEqual(['·   1/2 app            app 0/2: pulling'])
  await log.clock.advance(2000)
  expect(log.lines.slice(1)).toEqual(['·   1/2 app            app 1/2: starting'])
  report?.detail('app 2/2: settling')
  report?.detail('app 2/2')
  done.resolve('app 2/2')
  await run
  report?.detail('app 2/2: too late')
  await log.clock.advance(5000)
  expect(log.lines.slice(2)).toEqual(['✔   1/2 app            app 2/2  2.0s'])
})

test('steps end with their marks, and lines of others stand below them, whosever step runs', async () => {
  const log = new Log()
  const { ports } = log
  let first: StepReport | undefined
  const failure = new Error('it is broken')
  const steps = [
    step(ports, at(1, 'jobs'), async (report) => {
      first = report
      report.line('migrate', 'one\nhunter2')
      return await Promise.resolve('migrate\n  done')
    }),
    step(ports, at(2, 'left'), async () => await Promise.reject(new StepLeft('not reached'))),
    step(ports, at(0, 'web'), async (report) => {
      report.detail('web 0/1: crashing')
      first?.line('migrate', 'a late line')
      return await Promise.reject(failure)
    }),
    step(ports, at(2, 'never'), async () => await Promise.resolve('')),
  ]
  await expect(runSteps(steps, ports)).rejects.toBe(failure)
  expect(log.lines).toEqual([
    '     migrate │ one',
    '     migrate │ •••',
    '✔   1/2 jobs           migrate done  0.0s',
    '–   2/2 left           not reached  0.0s',
    '·       web            web 0/1: crashing',
    '     migrate │ a late line',
    '✖       web            web 0/1: crashing  0.0s',
  ])
})

test('Ctrl-C is answered below the step that runs, and by it alone', async () => {
  const log = new Log()
  const stop = new AbortController()
  const ports = { ...log.ports, stopping: { signal: stop.signal, words: () => 'going back to #1' } }
  const steps = ['one', 'two'].map((name, index) =>
    step(ports, at(index + 1, name), async () => {
      if (name === 'two') stop.abort()
      return await Promise.resolve('done')
    }),
  )
  await runSteps(steps, ports)
  expect(log.lines.filter((line) => line.includes('going back'))).toEqual(['     going back to #1'])
})

test('where the log folds, what a step says meanwhile is folded, and how it ended is not', async () => {
  const log = new Log(true)
  const { ports } = log
  const steps = [
    step(ports, at(1, 'quiet'), async () => await Promise.resolve('nothing said')),
    step(ports, at(2, 'jobs'), async (report) => {
      report.line('migrate', 'hunter2')
      report.detail('jobs 0/1')
      return await Promise.resolve('jobs 1/1')
    }),
  ]
  await runSteps(steps, ports)
  expect(log.lines).toEqual([
    '✔   1/2 quiet          nothing said  0.0s',
    '[ 2/2 jobs',
    '     migrate │ •••',
    '·   2/2 jobs           jobs 0/1',
    ']',
    '✔   2/2 jobs           jobs 1/1  0.0s',
  ])
})
