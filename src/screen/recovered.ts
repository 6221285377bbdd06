import type { JournalEntry } from '../domain/journal/model.ts'
import { nameOf } from '../domain/kube.ts'
import { toldLeaving } from '../domain/leaving.ts'
import type { NotAsBefore, RecoveryPlan } from '../domain/recovery/model.ts'
import { forge, hintLine, type HintPlace } from '../hint.ts'

export interface Recovered {
  readonly outcome: 'unchanged' | 'planned' | 'deployed' | 'restored' | 'uninstalled' | 'failed'
  /** How much of it is back: src/domain/recovery/model.ts. */
  readonly plan: Pick<RecoveryPlan, 'end'>
  readonly entry: Pick<JournalEntry, 'number'> | undefined
  readonly live: number | undefined
  readonly environment: string
  readonly flags: readonly string[]
  readonly why: NotAsBefore | undefined
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
      return [
        `Recovered ${what}, and what it made stays ${time}: ${whyNotBack(plan, why) ?? 'there is no way back'}.`,
        next('deploy'),
      ]
  }
}

const NO_WAY_BACK: Partial<Record<RecoveryPlan['end'], string>> = {
  stays: 'nothing was deployed here before, so there is nothing to return to',
  forward: 'what ran before cannot read the schema that the database has now; deploy code that can',
  partly: 'an uninstallation is not taken back; deploy, or uninstall the rest',
  left: 'it is left as it is (--leave); deploy goes forward from it',
}

/** Why nothing could be returned to, or what did is not as before. Undefined: it is. */
export function whyNotBack({ end }: Pick<RecoveryPlan, 'end'>, why: NotAsBefore | undefined): string | undefined {
  if (why === undefined) return NO_WAY_BACK[end]
  if (why.kind === 'not-ready') return why.message ?? 'another stage failed'
  if (why.kind === 'leaving') return why.objects.map(toldLeaving).join(', ')
  return `${why.objects.map(nameOf).join(', ')} of the interrupted deploy did not go`
}

/** What the step of a recovery says in the end. `after`: the revisions that helm made. */
export function recoveredDetail(
  plan: Pick<RecoveryPlan, 'end'>,
  after: ReadonlyMap<string, number>,
  why: NotAsBefore | undefined,
): string {
  const revisions = [...after].map(([name, revision]) => `${name} revision ${revision}`)
  const last = {
    deployed: 'complete and ready',
    restored: 'as before',
    stays: 'what was made stays',
    forward: 'what was made stays',
    left: 'what was made stays',
    uninstalled: 'all releases are gone',
    partly: 'what was taken away stays away',
  }[plan.end]
  return [...revisions, why === undefined ? last : `not ready: ${whyNotBack(plan, why) ?? ''}`].join(', ')
}
