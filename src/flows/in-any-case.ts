import { stackOf, bugOf } from '../errors.ts'
import { isExpected } from '../expected.ts'

/** Where warnings go: the screen. */
export interface Saying {
  readonly say: (lines: readonly string[]) => void
}

/**
 * On the way back nothing may keep the old state from coming back: undefined where this failed. A bug is no answer, so it is
 * said with its stack, and the way back goes on.
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
