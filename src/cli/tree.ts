import { DefaultRenderer, Listr, ListrLogger, ProcessOutput, type ListrTask } from 'listr2'
import type { Events } from '../domain/events/events.ts'
import type { StepPosition } from '../domain/events/model.ts'
import { cut, oneLine, quoted, stepRow } from '../screen/row.ts'
import { detailText } from '../screen/detail.ts'
import { waitingText } from '../screen/stage.ts'
import type { Step } from '../flows/step.ts'
import type { Clock } from '../ports.ts'
import { passes, type Timed } from '../time-limit.ts'

/** Time is told once it begins to matter to somebody who waits. */
const LONG_SECONDS = 2
/** Below the step's name. */
const INDENT = ' '.repeat(4)

const RENDERER = {
  collapseSubtasks: false,
  collapseErrors: true,
  collapseSkips: false,
  showErrorMessage: false,
  showSkipMessage: false,
  suffixSkips: false,
  suffixRetries: false,
  clearOutput: false,
  icon: {
    COMPLETED: '✔',
    FAILED: '✖',
    SKIPPED_WITH_COLLAPSE: '–',
    SKIPPED_WITHOUT_COLLAPSE: '–',
    OUTPUT: ' ',
    OUTPUT_WITH_BOTTOMBAR: ' ',
  },
}

export interface TreeParts {
  readonly events: Events
  readonly clock: Clock
  readonly mask: (text: string) => string
  readonly width: number
  readonly canvas: NodeJS.WriteStream
}

/** That of listr2 asks whether stdout is a terminal, which only gets the result: `forge plan > plan.txt`. */
class Tree extends DefaultRenderer {
  static override nonTTY = true
}

type Task = Parameters<ListrTask<unknown, typeof Tree>['task']>[1]

/** The live tree: a task of listr2 per step, which draws what the step tells. */
export async function runTree(steps: readonly Step[], parts: TreeParts): Promise<void> {
  const logger = new ListrLogger({ processOutput: new ProcessOutput(parts.canvas, parts.canvas), useIcons: true })
  const leave: (() => void)[] = []
  const tasks = steps.map(({ position, run }): ListrTask<unknown, typeof Tree> => ({
    title: titleOf(position, '', parts),
    rendererOptions: { persistentOutput: true, outputBar: Number.POSITIVE_INFINITY },
    async task(_, task) {
      leave.push(follow(task, position, parts))
      await run()
    },
  }))
  const rendererOptions = { ...RENDERER, logger }
  const how = { renderer: Tree, rendererOptions, registerSignalListeners: false, exitOnError: true }
  // A line of a log may come after the end of its step, while others run.
  await new Listr<unknown, typeof Tree>(tasks, how).run().finally(() => leave.forEach((one) => one()))
}

function titleOf(
  step: StepPosition,
  text: string,
  { mask, width }: TreeParts,
  time: { readonly seconds?: number; readonly elapsed?: number } = {},
): string {
  return stepRow({ ...step, detail: oneLine(mask(text)), width, ...time })
}

/** Draws the row of one step, and what stands below it, until what it returns is called. */
function follow(task: Task, step: StepPosition, parts: TreeParts): () => void {
  const { events, clock, mask, width } = parts
  const begin = clock.monotonic()
  const over = new AbortController()
  let text = ''
  let waits: ReturnType<typeof waitingText>
  const draw = (): void => {
    const elapsed = (clock.monotonic() - begin) / 1000
    const title = titleOf(step, waits?.short ?? text, parts, elapsed < LONG_SECONDS ? {} : { elapsed })
    const rows = (waits?.rows ?? []).map((row) => cut(`${INDENT}${oneLine(mask(row))}`, width - 4))
    task.title = [title, ...rows].join('\n')
  }
  void everySecond(draw, { clock, signal: over.signal })
  let isRunning = true
  return events.on(['step', 'detail', 'line', 'stopping'], (event) => {
    // What is said of no step belongs below the one that runs.
    if (event.step !== step && !(event.step === undefined && isRunning)) return
    if (event.type === 'line') task.output = quoted(event.source, event.text, mask)
    else if (event.type === 'stopping') task.output = mask(event.text)
    else if (event.type === 'detail') {
      const now = detailText(event.detail)
      if (now === text) return
      text = now
      waits = waitingText(event.detail)
      draw()
    } else if (event.state !== 'running') {
      isRunning = false
      over.abort()
      task.title = titleOf(step, detailText(event.found), parts, event)
      if (event.state === 'skipped') task.skip(task.title)
    }
  })
}

/** For the time on the screen alone; nothing is asked. */
async function everySecond(action: () => void, timed: Timed): Promise<void> {
  while (await passes(1000, timed)) action()
}
