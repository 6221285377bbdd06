import { ForgeError, type ErrorCode } from '../../errors.ts'
import type { Hint } from '../../hint.ts'
import { byPosition, showPosition, showProblem, type Problem } from './position.ts'

/** One error for all that is wrong: the message is the first problem and how many more there are. */
export function problemsError(code: ErrorCode, problems: readonly [Problem, ...Problem[]], hint: Hint): ForgeError {
  const [first] = problems
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return new ForgeError(code, `${showProblem(first)}${more}`, {
    hint,
    ...(first.at === undefined ? {} : { where: showPosition(first.at) }),
    problems: problems.map(({ message, at, hint: own }) => ({
      message,
      ...(at === undefined ? {} : { where: showPosition(at) }),
      ...(own === undefined ? {} : { hint: own }),
    })),
  })
}

export function isNotEmpty<T>(list: readonly T[]): list is readonly [T, ...T[]] {
  return list.length > 0
}

/** The same finding reached on two ways (two environments that share a line) is told once. */
export function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [showProblem(problem), problem])).values()]
}

/** A problem of one kind; where several are told at once, the first one's code is the error's. */
export interface CodedProblem extends Problem {
  readonly code: ErrorCode
}

/** All problems in the order of the files; undefined when there is none. */
export function codedError(problems: readonly CodedProblem[], hint: Hint): ForgeError | undefined {
  const sorted = (distinct(problems) as CodedProblem[]).toSorted(byPosition)
  return isNotEmpty(sorted) ? problemsError(sorted[0].code, sorted, sorted[0].hint ?? hint) : undefined
}
