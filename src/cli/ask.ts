import { createInterface } from 'node:readline'
import type { Session } from './session.ts'
import { fit } from './width.ts'

/**
 * Asks on the terminal; anything but `y` or `yes` is No, the end of the input (Ctrl-D) too. Undefined where nobody can
 * answer. Rejects with the signal's reason when that aborts first.
 */
export function askOn({
  json,
  output,
  signal,
}: Session): ((question: readonly string[]) => Promise<boolean>) | undefined {
  if (json || !process.stdin.isTTY || !process.stderr.isTTY) return undefined
  return async (question) => {
    signal.throwIfAborted()
    process.stderr.write(fit(question.map(output.shown), process.stderr))
    const answer = await firstLine(signal)
    return /^y(?:es)?$/iu.test(answer.trim())
  }
}

/**
 * Asks for lines on the terminal; an empty one, or the end of the input, is `fallback`. Undefined where nobody can answer.
 * Rejects with the signal's reason when that aborts first.
 */
export function askLinesOn(session: Session): ((question: string, fallback: string) => Promise<string>) | undefined {
  const { json, output, signal } = session
  if (json || !process.stdin.isTTY || !process.stderr.isTTY) return undefined
  let lines: AsyncIterator<string> | undefined
  return async (question, fallback) => {
    signal.throwIfAborted()
    process.stderr.write(fit([output.shown(`${question}${fallback === '' ? '' : ` [${fallback}]`}: `)], process.stderr))
    // One for all questions: what was typed ahead is not lost.
    const reader = lines === undefined ? createInterface({ input: process.stdin, terminal: false, signal }) : undefined
    if (reader !== undefined) session.onClose(() => reader.close())
    lines ??= reader?.[Symbol.asyncIterator]()
    const answer = await lines?.next()
    signal.throwIfAborted()
    const text = answer?.done === true ? '' : (answer?.value ?? '').trim()
    return text === '' ? fallback : text
  }
}

async function firstLine(signal: AbortSignal): Promise<string> {
  // Not as a terminal: then Ctrl-C reaches the process as the signal that stops forge everywhere else.
  const lines = createInterface({ input: process.stdin, terminal: false })
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve)
      lines.once('close', () => resolve(''))
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    })
  } finally {
    lines.close()
  }
}
