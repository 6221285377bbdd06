import { pathKey, type Path } from './path.ts'
import type { Position } from './position.ts'

export interface Place {
  readonly key?: Position
  readonly value: Position
  /** How a scalar is written, before YAML made a number or a boolean of it. */
  readonly text?: string
}

/** Where each path of a document stands in its file. */
export class Places {
  readonly #places: ReadonlyMap<string, Place>
  readonly #moved: ReadonlyMap<string, Path>
  readonly #root: Position

  constructor(root: Position, places: ReadonlyMap<string, Place>, moved: ReadonlyMap<string, Path> = new Map()) {
    this.#root = root
    this.#places = places
    this.#moved = moved
  }

  /** The same document, seen with some paths replaced by others: an environment's overlay at work. */
  withMoved(moved: ReadonlyMap<string, Path>): Places {
    return new Places(this.#root, this.#places, moved)
  }

  /** The path as it stands in the file: `environments.prod.stages.app` for what an overlay brought. */
  actual(path: Path): Path {
    for (let length = path.length; length > 0; length -= 1) {
      const target = this.#moved.get(pathKey(path.slice(0, length)))
      if (target !== undefined) return [...target, ...path.slice(length)]
    }
    return path
  }

  /** Where the value stands; for what is not there, where its nearest parent's key stands. */
  of(path: Path): Position {
    const actual = this.actual(path)
    return this.#places.get(pathKey(actual))?.value ?? this.keyOf(path.slice(0, -1))
  }

  keyOf(path: Path): Position {
    for (let length = path.length; length > 0; length -= 1) {
      const place = this.#places.get(pathKey(this.actual(path.slice(0, length))))
      if (place !== undefined) return place.key ?? place.value
    }
    return this.#root
  }

  textOf(path: Path): string | undefined {
    return this.#places.get(pathKey(this.actual(path)))?.text
  }
}
