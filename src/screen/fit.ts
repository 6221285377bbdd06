import { wrap, wrapCommand } from './wrap.ts'

/** The label of a row, and the name that it is about where that is not long. */
const LEAD = /^(?:\S+(?: \S+)*)? {2,}(?:\S{1,24} {2,})?/u
const COMMAND = /^(?:export|forge|helm|kubectl|mv) /u

/** A row of a closing block, over as many lines as it takes; what follows stands under where it began. */
export function fitted(row: string, width: number): string[] {
  if (row.length <= width) return [row]
  const [lead = ''] = LEAD.exec(row) ?? []
  const text = row.slice(lead.length)
  const lines = (COMMAND.test(text) ? wrapCommand : wrap)(text, width - lead.length)
  return lines.map((line, at) => `${at === 0 ? lead : ' '.repeat(lead.length)}${line}`)
}
