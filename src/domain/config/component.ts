import type { Position } from './position.ts'

/** What people call a part of the stack. `target`: `Kind/name`, as stages name what they wait for. */
export interface Component {
  readonly name: string
  readonly target: string
  readonly at: Position
}
