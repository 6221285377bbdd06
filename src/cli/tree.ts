import { DefaultRenderer, Listr, ListrLogger, ProcessOutput, type ListrTask } from 'listr2'
import type { Events } from '../domain/events/events.ts'
import type { StepEvent, StepPosition } from '../domain/events/model.ts'
import { cut, oneLine, quoted, stepRow } from '../domain/screen/row.ts'
import { detailText, waitingText } from '../domain/screen/stage.ts'
import type { Step } from '../flows/step.ts'
import type { Clock } from '../ports.ts'
import { passes } from '../time-limit.ts'

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
  const { events, canvas } = parts
  const logger = new ListrLogger({ processOutput: new ProcessOutput(canvas, canvas), useIcons: true })
  const rows = new Map(steps.map(({ position }) => [position, new Row(position, parts)]))
  const tasks = steps.map(({ position, run }): ListrTask<unknown, typeof Tree> => ({
    title: rows.get(position)?.at('') ?? '',
    rendererOptions: { persistentOutput: true, outputBar: Number.POSITIVE_INFINITY },
    async task(_, task) {
      rows.get(position)?.begin(task)
      await run()
    },
  }))
  const leave = events.on(['step', 'detail', 'line', 'stopping'], (event) => rows.get(event.step)?.hear(event))
  const rendererOptions = { ...RENDERER, logger }
  const how = { renderer: Tree, rendererOptions, registerSignalListeners: false, exitOnError: true }
  await new Listr<unknown, typeof Tree>(tasks, how).run().finally(leave)
}

class Row {
  readonly #step: StepPosition
  readonly #parts: TreeParts
  readonly #over = new AbortController()
  #task: Task | undefined
  #begunAt = 0
  #shown = ''
  #waits: ReturnType<typeof waitingText>

  constructor(step: StepPosition, parts: TreeParts) {
    this.#step = step
    this.#parts = parts
  }

  begin(task: Task): void {
    this.#task = task
  }

  at(text: string, time: { readonly seconds?: number; readonly elapsed?: number } = {}): string {
    const { mask, width } = this.#parts
    return stepRow({ ...this.#step, detail: oneLine(mask(text)), width, ...time })
  }

  hear(event: StepEvent): void {
    const task = this.#task
    if (task === undefined) return
    const { mask } = this.#parts
    if (event.type === 'line') task.output = quoted(event.source, event.text, mask)
    else if (event.type === 'stopping') task.output = mask(event.text)
    else if (event.type === 'detail') this.#change(detailText(event.detail), waitingText(event.detail))
    else if (event.state === 'running') this.#start()
    else {
      this.#over.abort()
      task.title = this.at(detailText(event.found), event)
      if (event.state === 'skipped') task.skip(task.title)
    }
  }

  #start(): void {
    this.#begunAt = this.#parts.clock.monotonic()
    void this.#everySecond()
  }

  #change(text: string, waits: ReturnType<typeof waitingText>): void {
    if (text === this.#shown) return
    this.#shown = text
    this.#waits = waits
    this.#draw()
  }

  #draw(): void {
    const { clock, mask, width } = this.#parts
    const elapsed = (clock.monotonic() - this.#begunAt) / 1000
    const waits = this.#waits
    const title = this.at(waits?.short ?? this.#shown, elapsed < LONG_SECONDS ? {} : { elapsed })
    const rows = (waits?.rows ?? []).map((row) => cut(`${INDENT}${oneLine(mask(row))}`, width - 4))
    if (this.#task !== undefined) this.#task.title = [title, ...rows].join('\n')
  }

  /** For the time on the screen alone; nothing is asked. */
  async #everySecond(): Promise<void> {
    while (await passes(1000, { clock: this.#parts.clock, signal: this.#over.signal })) this.#draw()
  }
}
