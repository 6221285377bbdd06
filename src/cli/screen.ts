import { DefaultRenderer, ListrLogger, ProcessOutput, SilentRenderer } from 'listr2'
import { systemClock } from '../adapters/clock.ts'
import type { TaskScreen } from '../flows/step.ts'
import { PlainRenderer } from './plain-renderer.ts'
import type { Session } from './session.ts'

/** Progress goes to stderr, in every form that it takes; stdout is the result's. */
export function screenFor({ live, json, output }: Session): TaskScreen {
  const mask = output.shown
  const write = (line: string): void => void process.stderr.write(`${mask(line)}\n`)
  if (json) return { renderer: SilentRenderer, rendererOptions: {}, width: undefined, mask, aside: write }
  if (!live) {
    const quote = (): void => output.quote(process.stderr)
    const rendererOptions = { write, quote, now: () => new Date(), later }
    return { renderer: PlainRenderer, rendererOptions, width: undefined, mask }
  }
  const canvas = output.canvas(process.stderr)
  const logger = new ListrLogger({ processOutput: new ProcessOutput(canvas, canvas), useIcons: true })
  return {
    renderer: DefaultRenderer,
    rendererOptions: {
      logger,
      collapseSubtasks: false,
      collapseErrors: true,
      collapseSkips: false,
      showErrorMessage: false,
      showSkipMessage: false,
      suffixSkips: false,
      suffixRetries: false,
      clearOutput: false,
      icon: {
        COMPLETED: '✔',
        FAILED: '✖',
        SKIPPED_WITH_COLLAPSE: '–',
        SKIPPED_WITHOUT_COLLAPSE: '–',
        OUTPUT: ' ',
        OUTPUT_WITH_BOTTOMBAR: ' ',
      },
    },
    width: Math.min(Math.max(process.stderr.columns || 80, 60), 120),
    mask,
  }
}

function later(ms: number, action: () => void): () => void {
  const over = new AbortController()
  systemClock.after(ms, over.signal).then(action, () => undefined)
  return () => over.abort()
}
