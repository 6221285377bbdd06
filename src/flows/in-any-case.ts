import { stackOf, bugOf } from '../errors.ts'
import { isExpected } from '../expected.ts'

/** Where warnings go: the screen. */
export interface Saying {
  readonly say: (lines: readonly string[]) => void
}

/**
 * For a rollback, which must go on whatever fails on its way: undefined where this failed. A bug is shown with its stack, and
 * the rollback goes on.
 */
export async function inAnyCase<T>(work: Promise<T>, { say }: Saying): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (!isExpected(error)) say(bugLines(error))
    return undefined
  }
}

function bugLines(error: unknown): string[] {
  const bug = bugOf(error)
  return [`warning  forge failed beside the way back, which goes on: ${bug.message}`, stackOf(bug) ?? '']
}
