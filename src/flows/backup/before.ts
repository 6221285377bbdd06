import type { BackupMade, DueBackup } from '../../domain/backup/model.ts'
import { agoOf } from '../../screen/ago.ts'
import { madeText } from '../../screen/backup.ts'
import type { ForgeError } from '../../errors.ts'
import { lockFor } from '../apply/lock.ts'
import { ensureNamespaces } from '../apply/namespace.ts'
import type { Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { refusal } from '../refusal.ts'
import type { HeldLease } from '../state/lease.ts'
import { runStep } from '../step.ts'
import type { Making } from './making.ts'
import { makeSure } from './make.ts'
import { look } from '../plan/backups.ts'

/** The plan under the lock, with the backups that there are now; or why it is not carried out. */
export type Secured = { readonly plan: Planned } | { readonly error: ForgeError }

/**
 * The backups that a deploy needs, before its first write and under the lock: where one cannot be had, nothing was changed. What
 * it makes in the cluster stays there, and nothing is undone by a run that is cut off here.
 */
export async function secure(plan: Planned, ports: DeployPorts): Promise<Secured> {
  const due = (plan.backups ?? []).filter(({ standing: { state } }) => state !== 'skipped')
  if (plan.unchanged || due.length === 0) return { plan }
  const { cluster, facts, project } = plan
  let lease: HeldLease | undefined = plan.lease
  const going = new Set<string>()
  try {
    const missing = facts.namespaces.flatMap(({ name, object }) => (object === undefined ? [name] : []))
    await ensureNamespaces(missing, project, cluster, ports.signal)
    const held = (lease = plan.lease ?? (await lockFor(plan, ports, { refuseReleased: true })))
    const secured: BackupMade[] = []
    const words = (): string => ['stopping: nothing was changed', ...goingTexts(going)].join('; ')
    const stopping = { signal: ports.signal, words }
    await runStep({ ...ports, stopping }, { index: 0, total: 0, name: 'backup' }, async (report) => {
      const making: Making = {
        ...{ cluster, ports, report, going },
        signal: AbortSignal.any([ports.signal, held.signal]),
        confirm: async () => await held.confirm(ports.signal),
      }
      const said: string[] = []
      for (const one of due) said.push(await secureOne(one, plan, making, held, secured, ports.clock.now()))
      return said.join('; ')
    })
    return { plan: { ...plan, lease: held, secured } }
  } catch (error) {
    const until = lease === undefined ? ports.signal : AbortSignal.any([ports.signal, lease.signal])
    const cause = refusal(error, until)
    await lease?.release()
    return {
      error: going.size === 0 ? cause : cause.with({ now: ['nothing was changed', ...goingTexts(going)].join('; ') }),
    }
  }
}

function goingTexts(going: ReadonlySet<string>): string[] {
  return going.size === 0 ? [] : [`${[...going].join(', ')} goes on by itself`]
}

/** What the plan rests on is asked again: somebody may have made one since. */
async function secureOne(
  due: DueBackup,
  plan: Planned,
  making: Making,
  lease: HeldLease,
  secured: BackupMade[],
  now: number,
): Promise<string> {
  const { spec, stages } = due
  making.report.detail(`${spec.name}: looking for one that is young enough`)
  const standing = await look(spec, plan, making.signal)
  if (standing.state === 'nothing') return `${spec.name}: nothing to back up, ${standing.why}`
  // What is not known is refused where it is looked at: nothing is migrated on a guess.
  if (!('source' in standing)) throw new Error(`backup ${spec.name} is ${standing.state}`)
  const number = Math.max(lease.lastDeploy ?? 0, ...plan.deploys.map((one) => one.number)) + 1
  const made = { ...(await makeSure(standing, String(number), making)), before: stages }
  secured.push(made)
  return madeText(made, made.at === '' ? undefined : agoOf(now - Date.parse(made.at)))
}
