import { createInterface } from 'node:readline/promises'
import type { Session } from './session.ts'

/** Asks on the terminal; anything but `y` or `yes` is No. Undefined where nobody can answer. */
export function askOn({
  json,
  redactor,
  signal,
}: Session): ((question: readonly string[]) => Promise<boolean>) | undefined {
  if (json || !process.stdin.isTTY || !process.stderr.isTTY) return undefined
  return async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr })
    try {
      const answer = await lines.question(redactor.text(question.join('\n')), { signal })
      return /^y(?:es)?$/iu.test(answer.trim())
    } finally {
      lines.close()
    }
  }
}
