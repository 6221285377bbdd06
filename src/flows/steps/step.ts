import { Listr, type ListrRendererFactory, type ListrTask } from 'listr2'
import { stepRow } from '../../domain/screen/row.ts'
import type { Clock } from '../../ports.ts'

/** How tasks are shown: a renderer class of listr2 with its options, and the width to fit (undefined: no terminal). */
export interface TaskScreen {
  readonly renderer: ListrRendererFactory
  readonly rendererOptions: Readonly<Record<string, unknown>>
  readonly width: number | undefined
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
  detail(text: string): void
  /** A line of output that belongs to the step: a Job's log, a build. */
  line(source: string, text: string): void
}

/** Thrown by a step that did not come to its end because another one failed: it is marked – and nothing is counted. */
export class StepLeft extends Error {
  override readonly name = 'StepLeft'
}

export interface StepPorts {
  readonly clock: Clock
  readonly screen: TaskScreen
}

export interface StepPlace {
  readonly index: number
  readonly total: number
  readonly name: string
}

/**
 * One of the numbered steps as a listr2 task. `work` returns what the step found, in one line; what it throws marks
 * the step and travels on.
 */
export function step<Context extends StepContext>(
  { clock, screen }: StepPorts,
  place: StepPlace,
  work: (context: Context, report: StepReport) => Promise<string>,
): ListrTask<Context, ListrRendererFactory> {
  const row = (detail: string, seconds?: number): string => stepRow({ ...place, detail, seconds, width: screen.width })
  return {
    title: row(''),
    rendererOptions: { persistentOutput: true, outputBar: Number.POSITIVE_INFINITY },
    async task(context, task) {
      const startedAt = new Date(clock.now()).toISOString()
      const begin = clock.monotonic()
      const seconds = (): number => (clock.monotonic() - begin) / 1000
      let shown = ''
      const remember = (outcome: StepRecord['outcome'], detail: string): void => {
        task.title = row(detail, seconds())
        context.steps.push({
          name: place.name,
          outcome,
          startedAt,
          seconds: Math.round(seconds() * 1000) / 1000,
          detail,
        })
      }
      try {
        const found = await work(context, {
          detail: (text) => {
            shown = text
            task.title = row(text)
          },
          line: (source, text) => (task.output = `${source} │ ${text}`),
        })
        remember('done', found)
      } catch (error) {
        if (!(error instanceof StepLeft)) {
          remember('failed', shown)
          throw error
        }
        remember('skipped', error.message)
        task.skip(row(error.message, seconds()))
      }
    },
  }
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
