import { detailText } from './detail.ts'
import type { RunEvent } from '../domain/events/model.ts'
import type { DeployEvent } from '../domain/events/schema.ts'

/** The others are for screens alone: what is redrawn many times a second. */
export const DOCUMENTED = ['begun', 'step', 'workload', 'operation', 'line', 'ended'] as const

/** An event as `--events FILE` has it (docs/events.md). */
export function documented(event: Extract<RunEvent, { type: (typeof DOCUMENTED)[number] }>): DeployEvent {
  if (event.type === 'line') return { type: 'line', source: event.source, text: event.text }
  if (event.type !== 'step') return event
  const { type, step } = event
  const { index, total, name } = step
  if (event.state === 'running') return { type, index, total, name, state: event.state }
  return { type, index, total, name, state: event.state, seconds: event.seconds, text: detailText(event.found) }
}
