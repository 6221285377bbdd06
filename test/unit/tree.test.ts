import { stripVTControlCharacters } from 'node:util'
import { expect, test } from '@jest/globals'
import { runTree } from '../../src/cli/tree.ts'
import { Events } from '../../src/domain/events/events.ts'
import { stageStanding } from '../../src/domain/stages/standing.ts'
import type { Verdict } from '../../src/domain/readiness/model.ts'
import { step, StepLeft, type Step, type StepPorts, type StepReport } from '../../src/flows/step.ts'
import { FakeClock, settled } from '../support/fake-clock.ts'

const masked = (text: string): string => text.replaceAll('hunter2', '•••')
const at = (index: number, name: string) => ({ index, total: 3, name })

/** A terminal of 60 columns, and all that was drawn on it. */
class Terminal {
  readonly clock = new FakeClock()
  readonly events = new Events()
  readonly ports: StepPorts = { clock: this.clock, events: this.events, screen: { width: 60, mask: masked } }
  #drawn = ''

  async run(steps: readonly Step[]): Promise<void> {
    const write = (text: string): boolean => ((this.#drawn += text), true)
    // listr2 takes the place of `write` while it draws.
    const canvas = Object.defineProperty({ isTTY: true, columns: 60, rows: 24, on: () => undefined }, 'write', {
      get: () => write,
      set: () => undefined,
    }) as unknown as NodeJS.WriteStream
    await runTree(steps, { events: this.events, clock: this.clock, mask: masked, width: 60, canvas })
  }

  /** Without the spinner, which turns while it waits. */
  get frames(): string {
    return stripVTControlCharacters(this.#drawn).replaceAll(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/gu, '~')
  }
}

const waits = (reason: string): Verdict => ({ state: 'progressing', reason })

/** A stage of two, of which the first waits. */
function stageOf(reason: string) {
  const targets = ['web', 'worker'].map((name) => ({ apiVersion: 'apps/v1', kind: 'Deployment', name }))
  const verdict = ({ name }: { readonly name: string }): Verdict =>
    name === 'web' ? waits(reason) : { state: 'ready', detail: '1/1' }
  const judge = {
    verdict,
    standing: (target: { readonly kind: string; readonly name: string }) => {
      const counts = { ready: target.name === 'web' ? 0 : 1, wanted: 1 }
      return { kind: target.kind, name: target.name, verdict: verdict(target), counts, serving: undefined }
    },
    restarted: () => true,
  }
  return stageStanding(targets, judge, 0, false)
}

test('each step has a row, with what it found and its time; lines of others stay below it', async () => {
  const terminal = new Terminal()
  const { ports } = terminal
  await terminal.run([
    step(ports, at(1, 'upgrade'), async (report) => {
      report.line('migrate', 'uses hunter2')
      await settled()
      return 'shop revision 1 → 2, of which a lot more could be told than there is room for'
    }),
    step(ports, at(2, 'jobs'), async () => await Promise.reject(new StepLeft('not reached'))),
    step(ports, at(3, 'app'), async () => await Promise.resolve({ stage: stageOf('starting'), more: ['GET / 200'] })),
  ])
  const rows = terminal.frames.trimEnd().split('\n').slice(-7)
  expect(rows.map((row) => row.trimEnd())).toEqual([
    '✔   1/3 upgrade        shop revision 1 → 2, of        0.0s',
    '                       which a lot more could be',
    '                       told than there is room for',
    '    migrate │ uses •••',
    '–   2/3 jobs           not reached                    0.0s',
    '✔   3/3 app            web 0/1: starting, worker      0.0s',
    '                       1/1, GET / 200',
  ])
})

test('while a stage waits its row counts, those that wait have one each, and after two seconds the time is told', async () => {
  const terminal = new Terminal()
  const { ports, clock } = terminal
  const done = Promise.withResolvers<string>()
  let report: StepReport | undefined
  const run = terminal.run([step(ports, at(3, 'app'), async (one) => await ((report = one), done.promise))])
  await settled()
  report?.detail({ stage: stageOf('pulling'), isStep: true })
  await clock.advance(3000)
  expect(terminal.frames).toMatch(/~ {3}3\/3 app {12}1 of 2 ready {21}3s\n +web 0\/1: pulling/u)
  done.resolve('over')
  await run
  expect(clock.pending).toBe(0)
  expect(terminal.frames.trimEnd().split('\n').at(-1)).toMatch(/^✔ {3}3\/3 app {12}over +3\.0s$/u)
})

test('what a step throws travels on, and the steps after it are not run', async () => {
  const terminal = new Terminal()
  const { ports } = terminal
  const failure = new Error('it is broken')
  let reached = false
  const steps = [
    step(ports, at(1, 'web'), async (report) => {
      report.detail('web 0/1: crashing')
      return await Promise.reject(failure)
    }),
    step(ports, at(2, 'after'), async () => await Promise.resolve(((reached = true), 'done'))),
  ]
  await expect(terminal.run(steps)).rejects.toBe(failure)
  expect(reached).toBe(false)
  expect(terminal.frames).toContain('✖   1/3 web            web 0/1: crashing              0.0s')
  expect(terminal.events.isHeard('detail')).toBe(false)
})
