import type { Purpose } from './lost-output.ts'
import type { Session } from './session.ts'

const WORDS: Readonly<Record<Purpose, string | undefined>> = {
  reading: 'stopping: nothing was written',
  writing: 'stopping after what is being done',
  // There it is the proper end.
  watching: undefined,
}

/**
 * A signal is answered at once, whatever is waited for: by the step or the flow that runs, and where none does by the command's
 * own words, on the screen if there is one.
 */
export function answerSignal(purpose: Purpose, session: Session): void {
  const words = WORDS[purpose]
  if (words === undefined) return
  const { signal, events, output } = session
  const over = new AbortController()
  session.onClose(() => over.abort())
  const answer = (): void => {
    const hasScreen = events.isHeard('stopping')
    let isAnswered = false
    events.on(['stopping'], () => (isAnswered = true))
    // Once all others have heard of the signal.
    setImmediate(() => {
      if (isAnswered || over.signal.aborted) return
      if (hasScreen) events.tell({ type: 'stopping', text: words })
      else process.stderr.write(`${output.shown(words)}\n`)
    })
  }
  signal.addEventListener('abort', answer, { once: true, signal: over.signal })
}
