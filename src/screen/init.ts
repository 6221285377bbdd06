import { showLine, type Problem } from '../domain/config/position.ts'
import { counted } from './counted.ts'

export interface InitScreen {
  readonly project: string
  readonly from: { readonly name: string }
  readonly unused: readonly string[]
  readonly written: readonly { readonly file: string; readonly about: string }[]
  readonly warnings: readonly Problem[]
}

/** What was found and written, and what was not taken over. */
export function initRows({ project, from, unused, written, warnings }: InitScreen): string[] {
  const width = Math.max(...written.map(({ file }) => file.length))
  return [
    `Project ${project}, from ${from.name}`,
    ...written.map(({ file, about }) => `+ ${file.padEnd(width)}  ${about}`.trimEnd()),
    ...warnings.map(({ message, at }) => `! ${message}${at === undefined ? '' : ` (${showLine(at)})`}`),
    ...unused.map((name) => `! ${name} is there too, and is not used`),
    `Wrote ${counted(written.length, 'file')}. They are yours to change.`,
  ]
}
