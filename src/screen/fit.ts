import { headLines } from './head.ts'
import { wrap, wrapCommand } from './wrap.ts'

/** The mark of what becomes of a thing, or how it is. */
const MARK = /^ *(?:[-+~=±!?·✔✖–] +)?/u
const LABEL = /^(?:\S+(?: \S+)*)? {2,}/u
/** And the name that the row is about, where that leaves room. */
const LEAD = /^(?:\S+(?: \S+)*)? {2,}\S+ {2,}/u
const MOST = 0.4
const MOST_OF_LABEL = 0.6
const COMMAND = /^(?:export|forge|helm|kubectl|mv) /u

/** A row of a screen, over as many lines as it takes; what follows stands under where it began. */
export function fitted(row: string, width: number): string[] {
  if (row.length <= width) return [row]
  const head = headLines(row, width)
  if (head !== undefined) return head
  const [named = row] = LEAD.exec(row) ?? []
  const [label = row] = LABEL.exec(row) ?? []
  const lead = named.length <= width * MOST ? named : label.length <= width * MOST_OF_LABEL ? label : undefined
  return lead === undefined ? hanging(row, width) : under(lead, row.slice(lead.length), width)
}

/** The rows of a screen as they stand in a terminal of that width. */
export function fittedAll(rows: readonly string[], width: number): string[] {
  return rows.flatMap((row) => row.split('\n')).flatMap((row) => fitted(row, width))
}

function under(lead: string, text: string, width: number): string[] {
  const lines = (COMMAND.test(text) ? wrapCommand : wrap)(text, width - lead.length)
  return lines.map((line, at) => `${at === 0 ? lead : ' '.repeat(lead.length)}${line}`.trimEnd())
}

/** A sentence, or a row whose name leaves no room beside it. */
function hanging(row: string, width: number): string[] {
  const [mark = ''] = MARK.exec(row) ?? []
  const indent = mark.length
  const [first = '', ...more] = wrap(row.slice(mark.length), width - indent)
  return [`${mark}${first}`, ...more.map((line) => `${' '.repeat(indent)}${line}`)]
}
