import { stackOf, bugOf } from '../errors.ts'
import { isExpected } from '../expected.ts'

/** Where warnings go: the screen. */
export interface Saying {
  readonly say: (lines: readonly string[]) => void
}

/**
 * For a rollback, or whatever is `beside`, which must go on whatever fails on its way: undefined where this failed. A bug is shown with its stack, and
 * the rollback goes on.
 */
export async function inAnyCase<T>(work: Promise<T>, { say }: Saying, beside = 'the way back'): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (!isExpected(error)) say(bugLines(error, beside))
    return undefined
  }
}

function bugLines(error: unknown, beside: string): string[] {
  const bug = bugOf(error)
  return [`warning  forge failed beside ${beside}, which goes on: ${bug.message}`, stackOf(bug) ?? '']
}
