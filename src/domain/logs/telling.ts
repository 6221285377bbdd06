/** What programs, in most languages, say of what ended them; then what they say of what went wrong on the way. */
const TELLS = [
  /\b(?:fatal|panic|critical|\w*error|\w*exception)\b/iu,
  /\b(?:cannot|can't|could not|failed|denied|refused|invalid|missing|must)\b/iu,
]
const CALM = /\b(?:no|0|without) (?:errors?|failures?)\b/iu
/** Of a stack: where it happened, not what. */
const FRAME = /^\s*(?:at |File "|goroutine \d|#\d+ )/u
/** Columns, so that a line which is a whole document stays one. */
const LONGEST = 300

/** The line of a log by which somebody would know what is wrong: the last that says so, else the last at all. */
export function tellingLine(lines: readonly string[]): string | undefined {
  const said = lines.map((line) => line.trim()).filter((line) => line !== '')
  const told = said.filter((one) => !CALM.test(one) && !FRAME.test(one))
  const [first, then] = TELLS.map((words) => told.findLast((one) => words.test(one)))
  const line = first ?? then ?? said.at(-1)
  return line === undefined || line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`
}
