import type { KubeObject } from '../kube.ts'
import type { WatchedKind } from './model.ts'

/** An Event, as far as a rule reads it. */
export interface Note {
  readonly reason: string
  readonly message: string
  readonly count: number
  /** The container that `involvedObject.fieldPath` names. */
  readonly container: string | undefined
  /** First and latest sight of it. */
  readonly at: number
  readonly seq: number
}

interface EventShape {
  readonly reason?: string
  readonly message?: string
  readonly count?: number
  readonly series?: { readonly count?: number }
  readonly involvedObject?: { readonly uid?: string; readonly fieldPath?: string }
}

/** Said of every healthy pod; a third of all bytes of a big rollout. */
const NOISE = [
  'Scheduled',
  'Pulled',
  'Created',
  'Started',
  'SuccessfulCreate',
  'SuccessfulDelete',
  'ScalingReplicaSet',
  'Completed',
  'LeaderElection',
]

export const EVENTS: WatchedKind = {
  apiVersion: 'v1',
  kind: 'Event',
  fieldSelector: NOISE.map((reason) => `reason!=${reason}`).join(','),
  optional: true,
}

export function subjectUid(event: KubeObject): string {
  return (event as EventShape).involvedObject?.uid ?? ''
}

/** Undefined for noise. */
export function noteOf(event: KubeObject, before: Note | undefined, at: number, seq: number): Note | undefined {
  const { reason = '', message = '', count, series, involvedObject } = event as EventShape
  if (NOISE.includes(reason)) return undefined
  const container = /\{(.+)\}/u.exec(involvedObject?.fieldPath ?? '')?.[1]
  return { reason, message, count: series?.count ?? count ?? 1, container, at: before?.at ?? at, seq }
}

/** The latest with one of these reasons (and, if given, about this container). */
export function latestNote(notes: Iterable<Note>, reasons: readonly string[], container?: string): Note | undefined {
  let latest: Note | undefined
  for (const note of notes) {
    if (
      !reasons.includes(note.reason) ||
      (container !== undefined && note.container !== undefined && note.container !== container)
    )
      continue
    if (latest === undefined || note.seq > latest.seq) latest = note
  }
  return latest
}
