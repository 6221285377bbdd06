import { isMap } from '../config/path.ts'
import { showLine, type Position } from '../config/position.ts'
import type { Hint } from '../../hint.ts'
import { nameOf, type KubeObject } from '../kube.ts'
import type { Json, Origins } from '../values/model.ts'

/** What stands somewhere and cannot be meant so: nobody is refused for it. */
export interface Mistake {
  readonly text: string
  /** A file and line where the project has it, else the object. */
  readonly where: string
  readonly hint: Hint
}

/** A rendered object, and where somebody wrote it as it is. */
export interface Written {
  readonly object: KubeObject
  /** Undefined: a chart renders it. */
  readonly at?: Position
}

/** What a release is told to be, and what becomes of it. */
export interface WrittenRelease {
  readonly name: string
  readonly origins: Origins
  readonly objects: readonly Written[]
}

/** `text` names the object. */
export function mistakeIn({ object, at }: Written, text: string, hint: Hint): Mistake {
  if (at === undefined) return { text, where: nameOf(object), hint }
  const where = showLine(at)
  return { text: `${where}: ${text}`, where, hint }
}

/** The texts below a path, each with its own. */
export function* leavesOf(value: Json | undefined, path: string): Generator<readonly [string, string]> {
  if (typeof value === 'string') yield [path, value]
  else if (Array.isArray(value)) for (const [at, one] of value.entries()) yield* leavesOf(one as Json, `${path}[${at}]`)
  else if (isMap(value)) for (const [key, one] of Object.entries(value)) yield* leavesOf(one, `${path}.${key}`)
}
