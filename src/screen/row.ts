import type { StepPosition } from '../domain/events/model.ts'
import { wrap } from './wrap.ts'

/** Columns of a step's line after the renderer's icon: `10/10`, the step's name, what it found, how long it took. */
const COLUMNS = { number: 5, name: 15, seconds: 7 } as const
/** Of the width, for names that are longer than usual ones; of lines without a width. */
const MOST_NAME = 0.4
const PLAIN = 100
/** Of a text that is cut, so that it is cut between words. */
const LEAST_LEFT = 0.6

export interface StepRow extends StepPosition {
  readonly detail: string
  /** Undefined while it runs. */
  readonly seconds?: number | undefined
  /** Seconds so far, while it runs. */
  readonly elapsed?: number
  /** Width of the terminal; undefined: nothing is cut and nothing aligned to the right edge. */
  readonly width?: number | undefined
}

/** One step's line (docs/screens.md), of several lines where it has found more than fits. The icon and the space before it are the renderer's: two columns are left for them. */
export function stepRow({ index, total, name, longest = 0, detail, seconds, elapsed, width }: StepRow): string {
  const number = (index === 0 ? '' : `${index}/${total}`).padStart(COLUMNS.number)
  const column = Math.max(COLUMNS.name - 1, Math.min(longest, Math.floor((width ?? PLAIN) * MOST_NAME)))
  const left = `${number} ${name.padEnd(column)} `
  const time = seconds === undefined ? runningTime(elapsed) : formatSeconds(seconds)
  if (width === undefined) return [left + detail, time].join('  ').trimEnd()
  // A name is never cut: what belongs to one that leaves no room stands below it.
  const isBelow = longest > 0 && name.length > column
  const start = isBelow ? ' '.repeat(number.length + column + 2) : left
  // Two columns for the icon; listr2 leaves two more free and wraps what needs them.
  const room = Math.max(width - 4 - start.length - COLUMNS.seconds, 10)
  // While it runs the row is drawn again and again, and stays one.
  const [first = '', ...more] =
    seconds === undefined ? [cut(detail, room)] : wrap(detail, room).map((line) => cut(line, room))
  const rows = [
    `${start}${first.padEnd(room)}${time.padStart(COLUMNS.seconds)}`,
    ...more.map((line) => `${' '.repeat(start.length)}${line}`),
  ]
  const all = (isBelow ? [left, ...rows] : rows).map((row) => row.trimEnd())
  return all.filter((row, at) => at === 0 || row !== '').join('\n')
}

/** Whole seconds: a tenth that never moves looks as if it were stuck. */
function runningTime(elapsed: number | undefined): string {
  if (elapsed === undefined) return ''
  return elapsed < 120
    ? `${Math.floor(elapsed)}s`
    : `${Math.floor(elapsed / 60)}m${String(Math.floor(elapsed % 60)).padStart(2, '0')}s`
}

export function formatSeconds(seconds: number): string {
  return seconds < 600
    ? `${seconds.toFixed(1)}s`
    : `${Math.floor(seconds / 60)}m${String(Math.round(seconds % 60)).padStart(2, '0')}s`
}

/** Cut to the width, with an ellipsis: between words where little is lost by it. */
export function cut(text: string, width: number): string {
  if (text.length <= width) return text
  const room = Math.max(width - 1, 0)
  const words = text.slice(0, room).lastIndexOf(' ', room - 2) + 1
  return `${text.slice(0, words >= room * LEAST_LEFT ? words : room)}…`
}

/** What others say has no line of its own in the row of a step. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/gu, ' ')
}

/** What others have written below a step: each of its lines says whose it is. */
export function quoted(source: string, text: string, mask: (text: string) => string): string {
  const lines = mask(text).split('\n')
  return lines.map((line) => `${oneLine(mask(source))} │ ${line}`).join('\n')
}
