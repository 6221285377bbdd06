import type { Notice } from '../config/model.ts'
import type { CodedProblem } from '../config/problems.ts'
import { describeSource } from '../sources/sources.ts'
import type { NotifyEvent } from './notice.ts'

/** Who is told how a run ended. */
export interface Audience {
  readonly listeners: readonly Listener[]
  /** E_NOTIFY_SOURCE: who cannot be told. */
  readonly problems: readonly CodedProblem[]
}

export interface Listener {
  /** Its source: the address itself is a secret. */
  readonly shown: string
  readonly url: string
  readonly on: readonly NotifyEvent[]
}

export function shownSource({ source }: Pick<Notice, 'source'>, shown: (file: string) => string): string {
  return describeSource(source, shown)
}
