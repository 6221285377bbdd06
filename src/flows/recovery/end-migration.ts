import { nameOf } from '../../domain/kube.ts'
import { hasAdopted, isHandingBack, standingMigration } from '../../domain/migrate/undo.ts'
import type { NotAsBefore, RecoveryPlan } from '../../domain/recovery/model.ts'
import { finishLegacy } from '../legacy/finish.ts'
import { handBack } from '../legacy/hand-back.ts'
import type { DeployRecord, Journal } from '../state/journal.ts'
import type { RecoveryPorts, RecoveryScope } from './scope.ts'

interface Recovered {
  readonly plan: RecoveryPlan
  readonly why: NotAsBefore | undefined
  readonly journal: Pick<Journal, 'entries'>
  readonly confirm: () => Promise<void>
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
  const older = journal.entries.filter((one) => one.number < number)
  const { migrations = [] } = hasAdopted(entry) ? {} : (standingMigration(older, undefined) ?? {})
  const deploys = hasAdopted(entry) ? [number] : migrations.map((one) => one.number).toReversed()
  for (const deploy of deploys) await handBack({ ...request, deploy }, signal)
}
