import type { KubeObject } from '../kube.ts'

/** The newest are kept: an event older than a thousand others explains nothing. */
const MOST = 1_000

interface EventFields {
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  readonly count?: number
  readonly firstTimestamp?: string | null
  readonly lastTimestamp?: string | null
  readonly eventTime?: string | null
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string }
  readonly involvedObject?: { readonly kind?: string; readonly name?: string; readonly fieldPath?: string }
}

/** Events (core/v1) as lines, oldest first: `2026-11-03T12:00:00Z  Warning  BackOff  Pod/app-x  Back-off … (3 times)`. */
export function eventLines(events: readonly KubeObject[]): string[] {
  return events
    .map((event) => ({ at: timeOf(event), text: lineOf(event) }))
    .sort((a, b) => a.at - b.at)
    .slice(-MOST)
    .map(
      ({ at, text }) => `${at === 0 ? '-'.padEnd(20) : new Date(at).toISOString().replace(/\.\d+Z$/u, 'Z')}  ${text}`,
    )
}

/** Old and new writers fill in different times. */
function timeOf(event: KubeObject): number {
  const { lastTimestamp, eventTime, firstTimestamp, series } = event as EventFields
  const times = [series?.lastObservedTime, lastTimestamp, eventTime, firstTimestamp, event.metadata.creationTimestamp]
  const first = times.find((time) => typeof time === 'string')
  const at = Date.parse(first ?? '')
  return Number.isNaN(at) ? 0 : at
}

function lineOf(event: KubeObject): string {
  const { type = 'Normal', reason = '', message = '', count, series, involvedObject } = event as EventFields
  const times = series?.count ?? count ?? 1
  const about = `${involvedObject?.kind ?? '?'}/${involvedObject?.name ?? '?'}`
  const text = message.trim().replace(/\s*\n\s*/gu, ' ')
  return `${type.padEnd(7)}  ${reason}  ${about}  ${text}${times > 1 ? ` (${times} times)` : ''}`
}
