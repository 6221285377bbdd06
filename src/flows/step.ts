import { Listr, type ListrRendererFactory, type ListrTask } from 'listr2'
import type { Detail } from '../domain/events/model.ts'
import { cut, stepRow } from '../domain/screen/row.ts'
import { detailText, waitingText } from '../domain/screen/stage.ts'
import type { Clock, Events } from '../ports.ts'
import { passes } from '../time-limit.ts'

const LONG_SECONDS = 2
/** Below the step's name. */
const INDENT = ' '.repeat(4)

/** How tasks are shown: a renderer class of listr2 with its options, and the width to fit (undefined: no terminal). */
export interface TaskScreen {
  readonly renderer: ListrRendererFactory
  readonly rendererOptions: Readonly<Record<string, unknown>>
  readonly width: number | undefined
  /** What may be shown of a text; before it is cut to the width. */
  readonly mask: (text: string) => string
  /** Where nothing is drawn: what must be heard all the same. */
  readonly aside?: (line: string) => void
}

export interface StepRecord {
  readonly name: string
  readonly outcome: 'done' | 'skipped' | 'failed'
  /** ISO 8601. */
  readonly startedAt: string
  readonly seconds: number
  readonly detail: string
}

/** What a context must hold so that its steps are counted and remembered for the report. */
export interface StepContext {
  readonly steps: StepRecord[]
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
  readonly words: () => string
}

export interface StepPorts {
  readonly clock: Clock
  readonly screen: TaskScreen
  readonly stopping?: Stopping
  /** Undefined: nobody asked for them. */
  readonly events?: Events
}

export interface StepPosition {
  readonly index: number
  readonly total: number
  readonly name: string
}

/**
 * One of the numbered steps as a listr2 task. `work` returns what the step found, in one line; what it throws marks
 * the step and travels on.
 */
export function step<Context extends StepContext>(
  { clock, screen, stopping, events }: StepPorts,
  position: StepPosition,
  work: (context: Context, report: StepReport) => Promise<Detail>,
): ListrTask<Context, ListrRendererFactory> {
  const shape = (detail: string) => ({ ...position, detail: oneLine(screen.mask(detail)), width: screen.width })
  const row = (detail: string, seconds?: number): string => stepRow({ ...shape(detail), seconds })
  // Time is told once it begins to matter to somebody who waits.
  const running = (detail: string, seconds: number): string =>
    stepRow({ ...shape(detail), ...(seconds < LONG_SECONDS ? {} : { elapsed: seconds }) })
  return {
    title: row(''),
    rendererOptions: { persistentOutput: true, outputBar: Number.POSITIVE_INFINITY },
    async task(context, task) {
      const startedAt = new Date(clock.now()).toISOString()
      const begin = clock.monotonic()
      const seconds = (): number => (clock.monotonic() - begin) / 1000
      let shown = ''
      let waits: ReturnType<typeof waitingText>
      const draw = (): void => {
        if (screen.width === undefined) task.title = row(shown)
        else task.title = [running(waits?.short ?? shown, seconds()), ...waitRows(waits, screen)].join('\n')
      }
      const over = new AbortController()
      events?.tell({ type: 'step', ...position, state: 'running' })
      answerOn(stopping, screen, (words) => (task.output = words), over.signal)
      const remember = (outcome: StepRecord['outcome'], detail: string): void => {
        over.abort()
        task.title = row(detail, seconds())
        const took = Math.round(seconds() * 1000) / 1000
        context.steps.push({ name: position.name, outcome, startedAt, seconds: took, detail })
        events?.tell({ type: 'step', ...position, state: outcome, seconds: took, text: detail })
      }
      if (screen.width !== undefined) void everySecond(clock, draw, over.signal)
      try {
        const found = await work(context, {
          detail: (detail) => {
            const text = detailText(detail)
            if (text === shown) return
            shown = text
            waits = waitingText(detail)
            draw()
          },
          line: (source, text) => {
            task.output = quoted(source, text, screen)
            events?.tell({ type: 'line', source, text })
          },
        })
        remember('done', detailText(found))
      } catch (error) {
        if (!(error instanceof StepLeft)) {
          remember('failed', shown)
          throw error
        }
        const found = detailText(error.found)
        remember('skipped', found)
        task.skip(row(found, seconds()))
      }
    },
  }
}

function answerOn(
  stopping: Stopping | undefined,
  { mask, aside }: TaskScreen,
  show: (words: string) => void,
  over: AbortSignal,
): void {
  const answer = (): void => {
    const words = mask(stopping?.words() ?? '')
    show(words)
    aside?.(words)
  }
  stopping?.signal.addEventListener('abort', answer, { once: true, signal: over })
}

export async function runSteps<Context extends StepContext>(
  context: Context,
  tasks: ListrTask<Context, ListrRendererFactory>[],
  { screen }: Pick<StepPorts, 'screen'>,
): Promise<void> {
  const { renderer, rendererOptions } = screen
  await new Listr<Context, ListrRendererFactory>(tasks, {
    renderer,
    rendererOptions,
    registerSignalListeners: false,
    exitOnError: true,
  }).run(context)
}

function waitRows(
  waits: ReturnType<typeof waitingText>,
  { mask, width = 0 }: Pick<TaskScreen, 'mask' | 'width'>,
): string[] {
  return (waits?.rows ?? []).map((line) => cut(`${INDENT}${oneLine(mask(line))}`, width - 4))
}

/** What others say has no line of its own on the screen of a step. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/gu, ' ')
}

/** Each of its lines says whose it is. */
function quoted(source: string, text: string, { mask }: TaskScreen): string {
  const lines = mask(text).split('\n')
  return lines.map((line) => `${oneLine(mask(source))} │ ${line}`).join('\n')
}

/** For the time on the screen alone; nothing is asked. */
async function everySecond(clock: Clock, action: () => void, signal: AbortSignal): Promise<void> {
  while (await passes(1000, { clock, signal })) action()
}
