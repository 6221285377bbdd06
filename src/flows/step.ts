import type { Events } from '../domain/events/events.ts'
import type { Detail, StepPosition } from '../domain/events/model.ts'
import type { Clock } from '../ports.ts'

/** Where the steps of a run are shown. */
export interface StepScreen {
  /** Of the terminal; undefined: there is none. */
  readonly width: number | undefined
  /** What may be shown of a text; before it is cut to the width. */
  readonly mask: (text: string) => string
  /** Runs the steps one after another, each in the row of a tree that draws what it tells. Undefined: there is no tree. */
  readonly run?: (steps: readonly Step[]) => Promise<void>
}

export interface Step {
  readonly position: StepPosition
  readonly run: () => Promise<void>
}

export interface StepReport {
  /** What the step is doing, or waits for; replaces what stood there. */
  readonly detail: (detail: Detail) => void
  /** A line of output that belongs to the step: a Job's log, a build. */
  readonly line: (source: string, text: string) => void
}

/** Thrown by a step that did not come to its end because another one failed: it is marked – and nothing is counted. */
export class StepLeft extends Error {
  override readonly name = 'StepLeft'
  readonly found: Detail

  constructor(found: Detail) {
    super()
    this.found = found
  }
}

/** How a person's signal is answered by the step that runs, before it comes to its end. */
export interface Stopping {
  readonly signal: AbortSignal
  /** Aborted by a second one. */
  readonly leave?: AbortSignal
  readonly words: () => string
}

export interface StepPorts {
  readonly clock: Clock
  readonly events: Events
  readonly screen: StepScreen
  readonly stopping?: Stopping
}

type Work = (report: StepReport) => Promise<Detail>

/** One of the numbered steps, which tells what becomes of it. `work` returns what it found; what it throws travels on. */
export function step({ clock, events, stopping }: StepPorts, position: StepPosition, work: Work): Step {
  const told = { step: position }
  const run = async (): Promise<void> => {
    const begin = clock.monotonic()
    const over = new AbortController()
    let last: Detail = ''
    const end = (state: 'done' | 'skipped' | 'failed', found: Detail): void => {
      over.abort()
      const seconds = Math.round(clock.monotonic() - begin) / 1000
      events.tell({ ...told, type: 'step', state, seconds, found })
    }
    events.tell({ ...told, type: 'step', state: 'running' })
    let answered = ''
    const answer = (): void => {
      const text = stopping?.words() ?? ''
      if (text !== answered) events.tell({ ...told, type: 'stopping', text: (answered = text) })
    }
    for (const signal of [stopping?.signal, stopping?.leave])
      signal?.addEventListener('abort', answer, { once: true, signal: over.signal })
    try {
      const found = await work({
        detail: (detail) => events.tell({ ...told, type: 'detail', detail: (last = detail) }),
        line: (source, text) => events.tell({ ...told, type: 'line', source, text }),
      })
      end('done', found)
    } catch (error) {
      if (!(error instanceof StepLeft)) {
        end('failed', last)
        throw error
      }
      end('skipped', error.found)
    }
  }
  return { position, run }
}

/** A signal is answered while `work` lasts, by its own words where no step has others. */
export async function answering<T>(
  { events }: Pick<StepPorts, 'events'>,
  { signal, leave, words }: Stopping,
  work: () => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  let answers = 0
  const off = events.on(['stopping'], () => (answers += 1))
  const answer = (): void => {
    const before = answers
    // The step that runs, which hears of it after this, knows better.
    queueMicrotask(() => {
      if (answers === before) events.tell({ type: 'stopping', text: words() })
    })
  }
  for (const one of [signal, leave]) one?.addEventListener('abort', answer, { once: true, signal: over.signal })
  return await work().finally(() => {
    over.abort()
    off()
  })
}

export async function runSteps(steps: readonly Step[], { screen }: Pick<StepPorts, 'screen'>): Promise<void> {
  if (screen.run !== undefined) return await screen.run(steps)
  for (const { run } of steps) await run()
}

/** One that stands alone. */
export async function runStep(ports: StepPorts, position: StepPosition, work: Work): Promise<void> {
  await runSteps([step(ports, position, work)], ports)
}

export interface StepRecord {
  readonly name: string
  readonly outcome: 'done' | 'skipped' | 'failed'
  /** ISO 8601. */
  readonly startedAt: string
  readonly seconds: number
}

/** The step of a recovery, which tells of itself (`recover`), also where another command begins with it. */
export const RECOVERY: StepPosition = { index: 0, total: 0, name: 'recovery' }

/** What becomes of the steps from now on, for the report. */
export function recordSteps(
  { clock, events }: Pick<StepPorts, 'clock' | 'events'>,
  isOwn: (step: StepPosition) => boolean = (step) => step !== RECOVERY,
): readonly StepRecord[] {
  const records: StepRecord[] = []
  let startedAt = ''
  events.on(['step'], (event) => {
    const { name } = event.step
    if (event.state === 'running') startedAt = new Date(clock.now()).toISOString()
    else if (isOwn(event.step)) records.push({ name, outcome: event.state, startedAt, seconds: event.seconds })
  })
  return records
}
