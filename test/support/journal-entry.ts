import type { DeployState, JournalEntry } from '../../src/domain/journal/model.ts'

/** An entry of the journal of two hours before 14:00, with nothing in it but what is given. */
export function entry(number: number, state: DeployState, more: Partial<JournalEntry> = {}): JournalEntry {
  const startedAt = '2026-11-20T12:00:00.000Z'
  const names = { project: 'p', namespace: 'n', environment: 'e', command: 'forge deploy', by: 'ops@host' }
  const nothing = { releases: [], secrets: [], steps: [], configuration: { releases: [], stages: [], verify: [] } }
  return { v: 1, number, state, startedAt, ...names, ...nothing, ...more }
}
