import type { JournalEntry } from '../../domain/journal/model.ts'
import { nameOf } from '../../domain/kube.ts'
import { hasAdopted, isHandingBack, standingMigration } from '../../domain/migrate/undo.ts'
import type { NotAsBefore, RecoveryPlan } from '../../domain/recovery/model.ts'
import { finishLegacy } from '../legacy/finish.ts'
import { handBack } from '../legacy/hand-back.ts'
import { lendRetired, takeBackLent } from '../legacy/retired.ts'
import type { DeployRecord, Journal } from '../state/journal.ts'
import type { RecoveryPorts, RecoveryScope } from './scope.ts'

interface Recovered {
  readonly plan: RecoveryPlan
  readonly why: NotAsBefore | undefined
  readonly journal: Pick<Journal, 'entries'>
  readonly confirm: () => Promise<void>
}

/**
 * Before the releases go anywhere: what the pods of before helm need to start is there again where those come back, and what was
 * lent for a way back that is not gone any more goes.
 */
export async function lendForRecovery(
  { entry }: DeployRecord,
  { plan: { end }, journal, confirm }: Omit<Recovered, 'why'>,
  scope: RecoveryScope,
  { codec }: RecoveryPorts,
  signal: AbortSignal,
): Promise<void> {
  const request = { ...scope, codec, confirm }
  if (hasAdopted(entry)) {
    if (end === 'restored' || end === 'stays') await lendRetired({ ...request, deploy: entry.number }, signal)
    return
  }
  if (end !== 'restored' || isHandingBack(entry)) return
  for (const { number } of migrationsBefore(entry, journal)) await takeBackLent({ ...request, deploy: number }, signal)
}

/** Those that stood when this deploy began, the newest first. */
function migrationsBefore(
  { number }: DeployRecord['entry'],
  { entries }: Recovered['journal'],
): readonly JournalEntry[] {
  const older = entries.filter((one) => one.number < number)
  return (standingMigration(older, undefined)?.migrations ?? []).toReversed()
}

/**
 * What is left of `forge migrate-to-helm`, or of its way back, once the releases stand where they shall: one that is complete is
 * finished; of one that is not, what ran before helm belongs to no release again.
 */
export async function endMigration(
  record: DeployRecord,
  { plan: { end }, why, journal, confirm }: Recovered,
  scope: RecoveryScope,
  { clock, codec, say }: RecoveryPorts,
  signal: AbortSignal,
): Promise<void> {
  const { entry } = record
  const { number } = entry
  const request = { ...scope, codec, confirm, record }
  if (hasAdopted(entry) && end === 'deployed') {
    const onChanged = (object: Parameters<typeof nameOf>[0]): void =>
      say([`warning  ${nameOf(object)} was changed while the stack was migrated, so it is not retired`])
    await finishLegacy({ ...request, clock, onChanged, deploy: number }, signal)
  }
  const isBack = isHandingBack(entry) || (hasAdopted(entry) && (end === 'restored' || end === 'stays'))
  if (!isBack || why !== undefined) return
  const deploys = hasAdopted(entry) ? [number] : migrationsBefore(entry, journal).map((one) => one.number)
  for (const deploy of deploys) await handBack({ ...request, deploy }, signal)
}
