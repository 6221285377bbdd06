import { ForgeError } from '../../errors.ts'
import { again, kubectl } from '../../hint.ts'
import type { LockHolder } from './model.ts'
import type { StateScope } from '../state-scope.ts'

/** `ops@ci is at it since 12:03:11 UTC (4 min ago): forge deploy --env prod (#43, pid 4711)` */
export function describeHolder(holder: LockHolder, now: number): string {
  const { identity, command, pid, deploy, since } = holder
  const details = [...(deploy === undefined ? [] : [`#${deploy}`]), ...(pid === undefined ? [] : [`pid ${pid}`])]
  const doing = command === undefined ? '' : `: ${command}`
  return `${identity}${sinceWhen(since, now)}${doing}${details.length === 0 ? '' : ` (${details.join(', ')})`}`
}

/** E_LOCKED (exit status 6): a holder that lives. The hint is the refused command itself, to be run again. */
export function locked(holder: LockHolder, scope: StateScope, now: number): ForgeError {
  const what = holder.deploy === undefined ? '' : ` with #${holder.deploy}`
  const own = holder.command === undefined ? '' : ` runs ${holder.command}`
  const pid = holder.pid === undefined ? '' : `, pid ${holder.pid}`
  return new ForgeError(
    'E_LOCKED',
    `${holder.identity} holds the lock${sinceWhen(holder.since, now)}${what} and renews it; wait for its end, then run the command again`,
    {
      hint: again(),
      where: `${lockName(scope)}, namespace ${scope.namespace}`,
      chain: [lockName(scope), `${holder.identity}${own}${pid}`],
      now: 'nothing was changed by this run',
    },
  )
}

/** E_LOCK_LOST: what happened to a lock that this run held. `by`: who has it now; undefined: nobody. */
export function lockLost(why: LossReason, scope: StateScope, now: number): ForgeError {
  const { text, cause } = lossText(why, now)
  return new ForgeError('E_LOCK_LOST', `the lock of this run is lost: ${text}`, {
    hint: kubectl(['get', 'lease', `forge-${scope.project}`, '--output', 'yaml'], scope.namespace),
    where: `${lockName(scope)}, namespace ${scope.namespace}`,
    chain: [lockName(scope), text],
    ...(cause === undefined ? {} : { cause }),
  })
}

export type LossReason =
  | { readonly kind: 'deleted' }
  | { readonly kind: 'released' }
  | { readonly kind: 'taken'; readonly by: LockHolder }
  | { readonly kind: 'silent'; readonly seconds: number; readonly cause: unknown }

function lossText(why: LossReason, now: number): { text: string; cause?: unknown } {
  switch (why.kind) {
    case 'deleted':
      return { text: 'somebody deleted it' }
    case 'released':
      return { text: 'somebody cleared its holder' }
    case 'taken':
      return { text: `taken over by ${describeHolder(why.by, now)}` }
    case 'silent':
      return { text: `it could not be renewed for ${why.seconds} s: ${reasonOf(why.cause)}`, cause: why.cause }
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

function lockName({ project }: StateScope): string {
  return `Lease/forge-${project}`
}

/** The holder's clock may differ from ours: an age is told only where it makes sense. */
function sinceWhen(since: string | undefined, now: number): string {
  const at = Date.parse(since ?? '')
  if (Number.isNaN(at)) return ''
  const age = now - at
  const sameDay = new Date(at).toISOString().slice(0, 10) === new Date(now).toISOString().slice(0, 10)
  const time = new Date(at)
    .toISOString()
    .slice(sameDay ? 11 : 0, 19)
    .replace('T', ' ')
  return ` since ${time} UTC${age < 0 ? '' : ` (${ageText(age)} ago)`}`
}

function ageText(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`
}
