import { readEntry } from '../../src/domain/journal/format/format.ts'
import { operationOf } from '../../src/domain/journal/format/v1-steps.ts'
import type { DeployState, JournalEntry, JournalStep, StepOutcome } from '../../src/domain/journal/model.ts'

/** An entry of the journal of two hours before 14:00, with nothing in it but what is given. */
export function entry(number: number, state: DeployState, more: Partial<JournalEntry> = {}): JournalEntry {
  const startedAt = '2026-11-20T12:00:00.000Z'
  const names = { project: 'p', namespace: 'n', environment: 'e', command: 'forge deploy', by: 'ops@host' }
  const nothing = { releases: [], secrets: [], steps: [], configuration: { releases: [], stages: [], verify: [] } }
  return { number, state, startedAt, ...names, ...nothing, ...more }
}

/** A step, by the sentence that format 1 had for it: `helm upgrade web`. */
export function step(sentence: string, outcome: StepOutcome, startedAt = ''): JournalStep {
  const ended = outcome === 'running' || startedAt === '' ? {} : { endedAt: startedAt }
  return { operation: operationOf(sentence, undefined), outcome, startedAt, ...ended }
}

/** What a stored text says; undefined where it cannot be read. */
export function entryIn(text: string): JournalEntry | undefined {
  const read = readEntry(text)
  return read.kind === 'entry' ? read.entry : undefined
}
