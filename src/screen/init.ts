import { showLine, type Problem } from '../domain/config/position.ts'
import { counted } from './counted.ts'
import { wrap } from './wrap.ts'

export interface InitScreen {
  readonly project: string
  readonly from: { readonly name: string }
  readonly unused: readonly string[]
  readonly written: readonly { readonly file: string; readonly about: string }[]
  readonly warnings: readonly Problem[]
}

const WIDTH = 80

/** What was found and written, and what was not taken over. */
export function initRows({ project, from, unused, written, warnings }: InitScreen): string[] {
  const width = Math.max(...written.map(({ file }) => file.length))
  return [
    `Project ${project}, from ${from.name}`,
    ...written.map(({ file, about }) => `+ ${file.padEnd(width)}  ${about}`.trimEnd()),
    ...warnings.flatMap(warningRows),
    ...unused.map((name) => `! ${name} is there too, and is not used`),
    `Wrote ${counted(written.length, 'file')}. They are yours to change.`,
  ]
}

function warningRows({ message, at }: Problem): string[] {
  const text = at === undefined ? message : `${message} (${showLine(at)})`
  return wrap(text, WIDTH - 2).map((line, index) => `${index === 0 ? '! ' : '  '}${line}`)
}
