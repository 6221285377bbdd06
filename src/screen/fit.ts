import { wrap, wrapCommand } from './wrap.ts'

const LABEL = /^(?:\S+(?: \S+)*)? {2,}/u
/** And the name that the row is about, where that leaves room. */
const LEAD = /^(?:\S+(?: \S+)*)? {2,}\S+ {2,}/u
const MOST = 0.4
const COMMAND = /^(?:export|forge|helm|kubectl|mv) /u

/** A row of a closing block, over as many lines as it takes; what follows stands under where it began. */
export function fitted(row: string, width: number): string[] {
  if (row.length <= width) return [row]
  const [named = row] = LEAD.exec(row) ?? []
  const [label = ''] = LABEL.exec(row) ?? []
  const lead = named.length > width * MOST ? label : named
  const text = row.slice(lead.length)
  const lines = (COMMAND.test(text) ? wrapCommand : wrap)(text, width - lead.length)
  return lines.map((line, at) => `${at === 0 ? lead : ' '.repeat(lead.length)}${line}`.trimEnd())
}
