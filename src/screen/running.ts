import type { JournalEntry } from '../domain/journal/model.ts'
import { LEASE_MS, type LockHolder } from '../domain/lease/model.ts'
import { describeHolder } from '../domain/lease/refusal.ts'
import { agoOf } from './ago.ts'
import { operationText } from './operation.ts'
import type { RunningStatus } from '../domain/status/model.ts'

/**
 * Who writes now, as one look can tell: a holder that has not renewed for three times as long as a live one may take is
 * called interrupted, by wall clocks that may differ; nothing is decided upon it. `next`: the command that puts it right; `now` in milliseconds.
 */
export function runningStatus(
  holder: LockHolder | undefined,
  entries: readonly JournalEntry[],
  next: string,
  now: number,
): RunningStatus | null {
  if (holder !== undefined) {
    const silent = now - Date.parse(holder.renewed ?? '')
    if (!(silent > 3 * LEASE_MS)) return { state: 'running', text: describeHolder(holder, now), next: undefined }
    const number = holder.deploy === undefined ? 'a run' : `#${holder.deploy}`
    return {
      state: 'interrupted',
      text: `${number} of ${holder.identity} was cut off: its lock was last renewed ${agoOf(silent)}`,
      next,
    }
  }
  const cut = entries.find(({ state }) => state === 'running')
  if (cut === undefined) return null
  const at = cut.steps.find(({ outcome }) => outcome === 'running')?.operation
  const where = at === undefined ? '' : ` in ${operationText(at)}`
  return { state: 'interrupted', text: `#${cut.number} of ${cut.by} was cut off${where}`, next }
}
