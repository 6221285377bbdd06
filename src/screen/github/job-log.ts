import type { DeployEvent } from '../../domain/events/schema.ts'
import { inert } from '../../domain/redact/inert.ts'
import { workflowCommand } from './workflow-command.ts'
import { headRow } from '../head.ts'

const MARKS = { done: '✔', skipped: '–', failed: '✖' } as const

/**
 * The log of a job, made of the events of a run: a group for each step, and below it the one line that says how it ended.
 * Within a group the runner obeys nothing but a token, which nobody else knows; and what others say is inert besides.
 */
export class JobLog {
  readonly #newToken: () => string
  /** Of the group that is open. */
  #token: string | undefined

  constructor(newToken: () => string) {
    this.#newToken = newToken
  }

  linesOf(event: DeployEvent): string[] {
    switch (event.type) {
      case 'begun':
        return [inert(headRow(event))]
      case 'step':
        return [...this.close(), ...this.#step(event)]
      case 'line':
        return textLines(`${event.source} │ ${event.text}`)
      case 'workload': {
        const pods = event.wanted === undefined ? '' : ` ${event.ready ?? 0}/${event.wanted}`
        return textLines(`${event.subject.kind}/${event.subject.name}${pods} ${event.state}: ${event.text}`)
      }
      case 'operation':
        return event.state === 'running' ? textLines(`${event.operation} ${event.release ?? ''}`.trimEnd()) : []
      case 'ended':
        return this.close()
    }
  }

  /** Of a group that is open. */
  close(): string[] {
    const token = this.#token
    if (token === undefined) return []
    this.#token = undefined
    return [`::${token}::`, workflowCommand('endgroup')]
  }

  #step({ index, total, name, state, seconds, text = '' }: Extract<DeployEvent, { type: 'step' }>): string[] {
    const shown = `${index === 0 ? '' : `${index}/${total} `}${name}`
    if (state === 'running') return this.#begin(shown)
    const time = seconds === undefined ? '' : `  ${seconds.toFixed(1)}s`
    return [inert(`${MARKS[state]} ${shown}  ${text.split('\n')[0] ?? ''}${time}`)]
  }

  #begin(name: string): string[] {
    this.#token = this.#newToken()
    return [workflowCommand('group', name), workflowCommand('stop-commands', this.#token)]
  }
}

/** Each line for itself: a runner reads them so. */
export function textLines(text: string): string[] {
  return inert(text).split('\n')
}

export interface Closing {
  readonly outcome: string
  readonly environment: string
  readonly deploy: number | null
  readonly verdict: {
    readonly code: string
    readonly message: string
    readonly chain?: readonly string[]
    readonly where?: string | null
    readonly hint?: string | null
  } | null
}

/** What the log ends with: what became of the run, and why it did not reach its end. */
export function closingLines({ outcome, environment, deploy, verdict }: Closing): string[] {
  const first = [outcome, deploy === null ? '' : `#${deploy}`, environment].filter((one) => one !== '').join(' ')
  const { message = '', code = '', chain = [], where, hint } = verdict ?? {}
  const rows = Object.entries({ what: message, code, why: chain.join(' → '), where: where ?? '', next: hint ?? '' })
  return [first, ...rows.flatMap(([label, text]) => (text === '' ? [] : [`${label.padEnd(8)}${text}`]))].flatMap(
    textLines,
  )
}
