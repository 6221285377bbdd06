import { systemClock } from '../adapters/clock.ts'
import type { Step, StepScreen } from '../flows/step.ts'
import { sectionEnd, sectionStart } from '../screen/gitlab-section.ts'
import { plainLines, type Section } from './plain-lines.ts'
import { fit, treeWidth } from './width.ts'
import type { Session } from './session.ts'

/**
 * Who draws what the phases tell: the live tree, or plain lines; with --json it is drawn by nobody, and only an answer to Ctrl-C
 * is heard. Progress goes to stderr, in every form that it takes; stdout is the result's.
 */
export function screenFor({ live, json, output, events }: Session): StepScreen {
  const mask = output.shown
  const write = (line: string): void => void process.stderr.write(`${mask(line)}\n`)
  if (json) events.on(['stopping'], ({ text }) => write(text))
  else if (!live) {
    const quote = (): void => output.quote(process.stderr)
    const section = process.env['GITLAB_CI'] === 'true' ? gitLabSection(output) : undefined
    plainLines(events, { write, quote, mask, now: () => new Date(), later, section })
  }
  if (!live) return { width: undefined, mask }
  const width = treeWidth(process.stderr)
  const parts = { events, clock: systemClock, mask, width, canvas: output.canvas(process.stderr) }
  let isDrawn = false
  events.on(['stopping'], ({ text, step }) => {
    if (step === undefined && !isDrawn) write(fit([text], process.stderr))
  })
  const run = async (steps: readonly Step[]): Promise<void> => {
    // Where there is no tree, nobody waits for what draws one.
    const { runTree } = await import('./tree.ts')
    isDrawn = true
    await runTree(steps, parts).finally(() => (isDrawn = false))
  }
  return { width, mask, run }
}

/** A fold of GitLab's for each step; its log knows them by their names. */
function gitLabSection(output: Session['output']): Section {
  let count = 0
  const seconds = (): number => Math.floor(systemClock.now() / 1000)
  return {
    begin: (title) => {
      count += 1
      output.command(process.stderr, sectionStart(`forge_${count}`, seconds(), output.shown(title)))
    },
    end: () => output.command(process.stderr, sectionEnd(`forge_${count}`, seconds())),
  }
}

/** Lines between the steps, and of commands that have none. */
export function sayTo({ json, output, log }: Pick<Session, 'json' | 'output' | 'log'>): (text: string) => void {
  return (text) => {
    log.note(text)
    if (!json) process.stderr.write(`${fit([output.shown(text)], process.stderr)}\n`)
  }
}

function later(ms: number, action: () => void): () => void {
  const over = new AbortController()
  systemClock.after(ms, over.signal).then(action, () => undefined)
  return () => over.abort()
}
