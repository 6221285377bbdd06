import type { DeploySummary } from '../../domain/journal/report.ts'

export type Tone = 'good' | 'bad' | 'warn'

/** How a deploy ended, in words for somebody who was not there. */
export function verdictWords({
  number,
  state,
  environment,
  live,
  target,
  verdict,
}: Pick<DeploySummary, 'number' | 'state' | 'environment' | 'live' | 'target' | 'verdict'>): {
  readonly tone: Tone
  readonly text: string
} {
  const name = `#${number}`
  switch (state) {
    case 'deployed':
      return good(`${name} was deployed to ${environment}, and proven ready.${live ? ' It is what runs now.' : ''}`)
    case 'rolled-back':
      return good(
        `${name} took ${environment} back to ${target === null ? 'what ran before' : `#${target}`}, and proved it ready.`,
      )
    case 'uninstalled':
      return good(`${name} took the releases away from ${environment}.`)
    case 'paused':
      return good(`${name} brought what runs in ${environment} to rest.`)
    case 'resumed':
      return good(`${name} woke what runs in ${environment}.`)
    case 'restored':
      return {
        tone: verdict === null ? 'warn' : 'bad',
        text: `${name} failed in ${environment}, and what ran before runs again.`,
      }
    case 'failed':
      return { tone: 'bad', text: `${name} failed in ${environment}, and what ran before was not brought back.` }
    case 'interrupted':
      return { tone: 'warn', text: `${name} was stopped in ${environment} before its end; forge recover ends it.` }
    case 'killed':
      return { tone: 'warn', text: `${name} was killed in ${environment} in the middle; forge recover ends it.` }
    case 'running':
      return { tone: 'warn', text: `${name} runs in ${environment} now: this is how far it was.` }
  }
}

function good(text: string): { readonly tone: Tone; readonly text: string } {
  return { tone: 'good', text }
}

/** `28 Nov 2026, 12:00:03 UTC` would be read otherwise elsewhere: `2026-11-28 12:00:03 UTC`. */
export function timeText(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`
}
