import { leftText, type ValuesFile } from '../domain/migrate/values-file.ts'
import { counted } from './counted.ts'

export interface FoundValues extends Pick<ValuesFile, 'written' | 'left'> {
  readonly file: string
  readonly renders: number
  readonly before: number
  readonly after: number
}

const LABEL = 11
/** The file has them all. */
const MOST = 12

/** The values with which the chart renders what runs: where each comes from, and what none can say. `next`: what goes on from there. */
export function foundValuesRows(found: FoundValues, environment: string, next: string): string[] {
  const { file, written, left, renders, before, after } = found
  const width = Math.max(0, ...written.map(({ path }) => path.length))
  const values = written.map(({ path, object, field, by }) => {
    return `${path.padEnd(width)}  ${object} ${field}${by === undefined ? '' : ` (${by})`}`
  })
  const row = (label: string, texts: readonly string[]): string[] =>
    texts.map((text, at) => `${(at === 0 ? label : '').padEnd(LABEL)}${text}`)
  return [
    '',
    `Written: ${counted(written.length, 'value')} of what runs in ${environment}, found in ${counted(renders, 'render')}.`,
    `The first revision changes ${counted(after, 'field')} with them, and ${counted(before, 'field')} without.`,
    ...row('Values', someRows(values)),
    ...row('Left', someRows(left.map(leftText))),
    ...row('File', [file]),
    ...row('next', [next]),
  ]
}

function someRows(rows: readonly string[]): string[] {
  return rows.length <= MOST ? [...rows] : [...rows.slice(0, MOST), `and ${rows.length - MOST} more, all in the file`]
}
