import { styleText } from 'node:util'
import type { LogLine } from '../flows/logs/logs.ts'
import type { Session } from './session.ts'
import { fit } from './width.ts'

/** Told apart on dark and on light ground; red is left to the programs themselves. */
const COLOURS = ['cyan', 'green', 'magenta', 'yellow', 'blue', 'cyanBright', 'greenBright', 'magentaBright'] as const

/** Writes log lines to stdout as they come, each with its source, coloured by source on a terminal (NO_COLOR: not). */
export function linePrinter({ output }: Session): (line: LogLine) => void {
  const canvas = output.canvas(process.stdout)
  const known = new Map<string, (typeof COLOURS)[number]>()
  return ({ source, text }) => {
    const colour = known.get(source) ?? COLOURS[known.size % COLOURS.length] ?? 'cyan'
    known.set(source, colour)
    const prefix = styleText(colour, `${output.shown(source)} │`, { stream: process.stdout })
    output.quote(process.stdout)
    for (const line of output.shown(text).split('\n')) canvas.write(`${prefix} ${line}\n`)
  }
}

/** What is no line of a log goes to stderr, so that a log can be piped on. */
export function notePrinter({ output, json }: Session): (text: string) => void {
  return (text) => {
    if (!json) process.stderr.write(`${fit([`· ${output.shown(text)}`], process.stderr)}\n`)
  }
}

/** A pattern is asked of a line as it will be shown: a secret that is masked cannot be found out by guessing at it. */
export function shownFirst(matches: (line: string) => boolean, { output }: Session): (line: string) => boolean {
  return (text) => matches(output.shown(text))
}
