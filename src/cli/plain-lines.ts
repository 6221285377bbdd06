import type { Events } from '../domain/events/events.ts'
import type { StepPosition } from '../domain/events/model.ts'
import { oneLine, quoted, stepRow } from '../screen/row.ts'
import { detailText } from '../screen/detail.ts'

interface PlainParts {
  readonly write: (line: string) => void
  /** What follows was written by others: a program, a Job. */
  readonly quote?: () => void
  readonly mask: (text: string) => string
  readonly now: () => Date
  /** Calls the action after so many milliseconds, unless what it returns is called first. */
  readonly later: (ms: number, action: () => void) => () => void
  /** What folds in the log that this is written to. */
  readonly section?: Section | undefined
}

export interface Section {
  readonly begin: (title: string) => void
  readonly end: () => void
}

/** A stage that moves says so this often at most; what it came to, and its end, are always told. */
const CALM_MS = 2000

const MARKS = { done: '✔', failed: '✖', skipped: '–' } as const

/** For logs: one line per change, with the time of day, nothing redrawn (docs/screens.md, "Plain mode"). */
export function plainLines(events: Events, { write, quote, mask, now, later, section }: PlainParts): void {
  let running: StepPosition | undefined
  let heard = ''
  let shown = ''
  let shownAt = 0
  let cancel = (): void => undefined
  let folded = false
  // A step that says nothing while it runs has no fold; how it ended is never in one.
  const fold = (): void => {
    if (section === undefined || folded || running === undefined) return
    folded = true
    section.begin(oneLine(mask(stepRow({ ...running, detail: '', seconds: undefined }))).trim())
  }
  const unfold = (): void => {
    if (folded) section?.end()
    folded = false
  }
  const line = (text: string): void => write(`${timeOf(now())} ${text}`)
  const row = (step: StepPosition, text: string, seconds?: number): string =>
    stepRow({ ...step, detail: oneLine(mask(text)), seconds })
  const show = (text: string): void => {
    if (text === shown) return
    shown = text
    shownAt = now().getTime()
    fold()
    line(`· ${text}`)
  }
  const change = (text: string): void => {
    if (text === heard) return
    heard = text
    cancel()
    const wait = shownAt + CALM_MS - now().getTime()
    if (wait <= 0) show(text)
    else cancel = later(wait, () => show(text))
  }
  const ofOthers = (text: string): void => {
    quote?.()
    fold()
    for (const one of text.split('\n')) line(`     ${one}`)
  }
  events.on(['step', 'detail', 'line', 'stopping'], (event) => {
    const { step } = event
    if (step === undefined) return write(mask(event.text))
    if (event.type === 'line') ofOthers(quoted(event.source, event.text, mask))
    else if (event.type === 'stopping') ofOthers(mask(event.text))
    else if (event.type === 'detail') {
      if (step === running) change(row(step, detailText(event.detail)))
    } else {
      cancel()
      unfold()
      ;[heard, shown, shownAt] = ['', '', 0]
      running = event.state === 'running' ? step : undefined
      if (event.state !== 'running') line(`${MARKS[event.state]} ${row(step, detailText(event.found), event.seconds)}`)
    }
  })
}

/** `09:14:05`, in the machine's own time zone. */
export function timeOf(date: Date): string {
  return date.toTimeString().slice(0, 8)
}
