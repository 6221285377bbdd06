import type { Hint } from '../../hint.ts'

/** A place in a file of the project. `file` is relative to the project's folder; line and column count from 1. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** One thing that is wrong, and where: what a ForgeError lists in `problems`. */
export interface Problem {
  readonly message: string
  readonly at?: Position
  /** What helps against this one, where that is not what helps against all of them. */
  readonly hint?: Hint
}

export function showPosition(at: Position): string {
  return `${at.file}:${at.line}:${at.column}`
}

/** `.env:14`: the form for people where the column says nothing. */
export function showLine(at: Position): string {
  return `${at.file}:${at.line}`
}

export function showProblem({ message, at }: Problem): string {
  return at === undefined ? message : `${showPosition(at)}: ${message}`
}

export function byPosition(a: Problem, b: Problem): number {
  if (a.at === undefined || b.at === undefined) return (a.at === undefined ? 0 : -1) + (b.at === undefined ? 0 : 1)
  return a.at.file === b.at.file ? a.at.line - b.at.line || a.at.column - b.at.column : a.at.file < b.at.file ? -1 : 1
}
