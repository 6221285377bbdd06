/** What somebody can want to be told of. */
export const NOTIFY_EVENTS = ['failed', 'deployed', 'rolled-back'] as const

export type NotifyEvent = (typeof NOTIFY_EVENTS)[number]

/** How a run ended, as far as a message says it. */
export interface Ended {
  readonly project: string
  readonly environment: string
  /** As the report names it: `deploy`, `rollback`, `recover`. */
  readonly command: string
  readonly outcome: string
  /** Undefined: it came to none. */
  readonly number: number | undefined
  readonly verdict: { readonly code: string; readonly message: string } | undefined
  /** `ops@ci` */
  readonly by: string
  readonly seconds: number
}

/** Letters of a message: some services cut off what is longer, others refuse it. */
const LONGEST = 3_000

/** What a run was an instance of. Nothing: it was refused, changed nothing, or was stopped before it wrote. */
export function eventsOf({ outcome, number, verdict }: Pick<Ended, 'outcome' | 'number' | 'verdict'>): NotifyEvent[] {
  switch (outcome) {
    case 'deployed':
      return ['deployed']
    case 'rolled-back':
      return ['rolled-back']
    case 'restored':
      return verdict === undefined ? ['rolled-back'] : ['failed', 'rolled-back']
    case 'failed':
      return ['failed']
    case 'interrupted':
      return number === undefined ? [] : ['failed']
    default:
      return []
  }
}

/** One message as Slack takes it, and all that took over its format. Redacted by the caller. */
export function messageOf(ended: Ended, redacted: (text: string) => string): { readonly text: string } {
  const { project, environment, verdict, by, seconds } = ended
  const mark = verdict === undefined ? '✔' : '✖'
  const rows = [
    `${mark} ${project} on ${environment}: ${sentenceOf(ended)}`,
    ...(verdict === undefined ? [] : [`${verdict.code}: ${verdict.message}`]),
    `by ${by}, ${Math.round(seconds)} s`,
  ]
  return { text: escaped(redacted(rows.join('\n')).slice(0, LONGEST)) }
}

function sentenceOf({ command, outcome, number, verdict }: Ended): string {
  const run = number === undefined ? command : `${command} #${number}`
  switch (outcome) {
    case 'deployed':
      return command === 'recover' ? `#${number} was complete, and is written down as deployed` : `${run} is deployed`
    case 'rolled-back':
      return `${run} is done: what ran before runs again`
    case 'restored':
      return verdict === undefined ? `${run}: what ran before runs again` : `${run} failed, what ran before runs again`
    case 'interrupted':
      return `${run} was interrupted`
    default:
      return `${run} failed, and what ran before does not run again`
  }
}

/** Else a text of others could call a whole channel: `<!channel>` (api.slack.com, "Escaping text"). */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
