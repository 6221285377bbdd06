import type { ForgeRun } from '../../adapters/forge-child.ts'
import type { DeploySummary } from '../../domain/journal/report.ts'
import type { HistoryReport } from '../../flows/history.ts'
import { reportIn } from '../step/result.ts'
import type { ArgoInputs } from './inputs.ts'
import { short, type Ended, type Outputs } from './outputs.ts'

export type Asked = 'shown' | 'collected'

export type Answered = ForgeRun & { readonly ended: Ended | undefined }

/** Runs a command of forge, with further flags. */
export type Ask = (words: readonly string[], flags: readonly string[], how: Asked) => Promise<Answered>

/** Of these forge has not written down how they ended: what they left is to be put right. */
const OPEN = new Set<DeploySummary['state']>(['running', 'killed', 'interrupted'])

/**
 * The end of a workflow, whatever became of it: says what the journal has of its deploys. Only one that was cut off is put right; a deploy
 * that failed has gone back by itself. Exit status: that of `forge recover` where it was needed, else that of the question.
 */
export async function conclude(
  { holder, wait }: Pick<ArgoInputs, 'holder' | 'wait'>,
  ask: Ask,
  say: (line: string) => void,
): Promise<{ readonly status: number; readonly outputs: Outputs }> {
  const before = await deploysOf(holder, ask)
  if ('refused' in before) return { status: before.refused, outputs: unknown() }
  const [newest] = before.deploys
  if (newest === undefined || !OPEN.has(newest.state)) {
    told(before.deploys, holder).forEach(say)
    return { status: 0, outputs: outputsOf(before.deploys, '') }
  }
  say(`#${newest.number} of ${holder} is ${newest.state}: putting right what it left`)
  // While its own pod still goes back, it has the lock.
  const { status, ended } = await ask(['recover'], ['--wait-for-lock', wait], 'shown')
  const after = await deploysOf(holder, ask)
  if ('refused' in after) return { status: status === 0 ? after.refused : status, outputs: unknown() }
  told(after.deploys, holder).forEach(say)
  return { status, outputs: outputsOf(after.deploys, status === 0 ? String(ended?.outcome !== 'unchanged') : '') }
}

type Found = { readonly deploys: readonly DeploySummary[] } | { readonly refused: number }

async function deploysOf(holder: string, ask: Ask): Promise<Found> {
  const { status, stdout, stderr } = await ask(['history'], ['--json'], 'collected')
  if (status !== 0) {
    process.stderr.write(stderr)
    return { refused: status }
  }
  const report = reportIn(stdout) as HistoryReport | undefined
  return { deploys: (report?.deploys ?? []).filter(({ by }) => by === holder) }
}

function told(deploys: readonly DeploySummary[], holder: string): string[] {
  if (deploys.length === 0) return [`${holder} has deployed nothing: there is nothing to go back from`]
  return deploys.map(({ number, state, verdict }) => {
    const why = verdict === null ? '' : `: ${verdict.code}, ${verdict.message}`
    return `#${number} ${state}${why}`
  })
}

function outputsOf(deploys: readonly DeploySummary[], changed: string): Outputs {
  const [newest] = deploys
  const shown = deploys.slice(0, 5).map(({ number, state, startedAt, endedAt, verdict }) => {
    const why = verdict === null ? null : { ...verdict, message: short(verdict.message) }
    return { number, state, startedAt, endedAt, verdict: why }
  })
  return {
    outcome: newest?.state ?? 'nothing',
    deploy: newest === undefined ? '' : String(newest.number),
    code: newest?.verdict?.code ?? '',
    verdict: short(newest?.verdict?.message ?? ''),
    changed,
    images: '',
    report: JSON.stringify({ deploys: shown }),
  }
}

function unknown(): Outputs {
  return { outcome: 'unknown', deploy: '', code: '', verdict: '', changed: '', images: '', report: '{}' }
}
