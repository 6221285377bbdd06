import { ListrTaskEventType, ListrTaskState, type ListrTaskObject } from 'listr2'

interface PlainOptions {
  readonly write: (line: string) => void
  /** What follows was written by others: a program, a Job. */
  readonly quote?: () => void
  readonly now: () => Date
  /** Calls the action after so many milliseconds, unless what it returns is called first. */
  readonly later: (ms: number, action: () => void) => () => void
}

type AnyTask = ListrTaskObject<unknown>

/** A stage that moves says so this often at most; what it came to, and its end, are always told. */
const CALM_MS = 2000

const MARKS: Partial<Record<ListrTaskState, string>> = {
  [ListrTaskState.COMPLETED]: '✔',
  [ListrTaskState.FAILED]: '✖',
  [ListrTaskState.SKIPPED]: '–',
}

/** For logs: one line per change, with the time of day, nothing redrawn (docs/screens.md, "Plain mode"). */
export class PlainRenderer {
  static nonTTY = true
  static rendererOptions: PlainOptions
  static rendererTaskOptions: Record<string, never>
  readonly #tasks: AnyTask[]
  readonly #options: PlainOptions

  constructor(tasks: AnyTask[], options: PlainOptions) {
    this.#tasks = tasks
    this.#options = options
  }

  render(): void {
    for (const task of this.#tasks) this.#follow(task)
  }

  end(): void {
    // Every line is written when it happens: nothing is left over.
  }

  #follow(task: AnyTask): void {
    let shown = ''
    let shownAt = 0
    let cancel = (): void => undefined
    const show = (mark: string, text: string): void => {
      if (text === shown) return
      shown = text
      shownAt = this.#options.now().getTime()
      this.#options.write(`${timeOf(this.#options.now())} ${mark} ${text}`)
    }
    task.on(ListrTaskEventType.TITLE, (title) => {
      if (!task.isStarted() || !task.isPending() || isEnd(title)) return
      cancel()
      const wait = shownAt + CALM_MS - this.#options.now().getTime()
      if (wait <= 0) show('·', title)
      else cancel = this.#options.later(wait, () => show('·', title))
    })
    task.on(ListrTaskEventType.STATE, (state) => {
      const mark = MARKS[state]
      if (mark === undefined) return
      cancel()
      shown = ''
      show(mark, task.title ?? '')
    })
    task.on(ListrTaskEventType.OUTPUT, (output) => {
      this.#options.quote?.()
      for (const line of output.split('\n')) this.#options.write(`${timeOf(this.#options.now())}      ${line}`)
    })
  }
}

/** A row with its seconds is the end of the step: its state says so in a moment. */
function isEnd(title: string): boolean {
  return /  \d+(?:\.\d)?(?:s|m\d\ds)$/u.test(title)
}

/** `09:14:05`, in the machine's own time zone. */
export function timeOf(date: Date): string {
  return date.toTimeString().slice(0, 8)
}
