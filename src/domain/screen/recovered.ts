import type { JournalEntry } from '../journal/model.ts'
import type { RecoveryPlan } from '../recovery/model.ts'
import { forge, hintLine, type HintPlace } from '../../hint.ts'

export interface Recovered {
  readonly outcome: 'unchanged' | 'planned' | 'deployed' | 'restored' | 'uninstalled' | 'failed'
  /** How much of it is back: src/domain/recovery/model.ts. */
  readonly plan: Pick<RecoveryPlan, 'end'>
  readonly entry: Pick<JournalEntry, 'number'> | undefined
  readonly live: number | undefined
  readonly environment: string
  readonly flags: readonly string[]
  readonly why: string | undefined
  readonly seconds: number
}

/** The closing lines of `forge recover`: what runs now, and what to do next. */
export function recoveredRows(
  { outcome, entry, live, environment, flags, why, seconds, plan }: Recovered,
  here: HintPlace,
): string[] {
  const next = (command: string): string => `next     ${hintLine(forge(command, ...flags), here)}`
  const what = entry === undefined ? 'the releases' : `#${entry.number}`
  const time = `(${seconds.toFixed(1)} s)`
  const ran = live === undefined ? 'what it ran before' : `#${live}`
  switch (outcome) {
    case 'unchanged':
      return [`Nothing to recover: no deploy of ${environment} was interrupted ${time}.`]
    case 'planned':
      return ['Nothing was changed.', next('recover')]
    case 'deployed':
      return [`Recovered ${what}: it is complete and ready, and counts as deployed ${time}.`]
    case 'restored':
      return [`Recovered ${what}: ${environment} runs ${ran} again ${time}.`, next('deploy')]
    case 'uninstalled':
      return [`Recovered ${what}: it had taken all away, and ${environment} counts as uninstalled ${time}.`]
    case 'failed':
      if (plan.end === 'partly')
        return [
          `Recovered ${what}: it had taken a part away, and that stays away ${time}.`,
          next('deploy'),
          `or       ${hintLine(forge('uninstall', ...flags), here)}`,
        ]
      return [`Recovered ${what}, and what it made stays ${time}: ${why ?? 'there is no way back'}.`, next('deploy')]
  }
}
