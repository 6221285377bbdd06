import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import { readDocument } from '../config/document.ts'
import { isMap, type PlainMap } from '../config/path.ts'
import type { Places } from '../config/places.ts'
import { showLine, type Position } from '../config/position.ts'

export interface ComposeFile {
  /** All of it. */
  readonly whole: PlainMap
  readonly services: PlainMap
  readonly places: Places
}

/** Throws E_IMAGE_COMPOSE with the line that is responsible. `file` is as forge.yaml names it, or would. */
export function readComposeFile(text: string, file: string): ComposeFile {
  const { value, places, problems } = readDocument(text, file, 'compose')
  const [problem] = problems
  if (problem !== undefined)
    throw composeRefused(`${file} cannot be read: ${problem.message}`, problem.at ?? { file, line: 1, column: 1 })
  const whole = isMap(value) ? value : {}
  return { whole, services: isMap(whole['services']) ? whole['services'] : {}, places }
}

export function composeRefused(message: string, at: Position): ForgeError {
  return new ForgeError('E_IMAGE_COMPOSE', message, { hint: forge('explain', 'E_IMAGE_COMPOSE'), where: showLine(at) })
}
