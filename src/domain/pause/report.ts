/** One object of a pause, as `--json` tells it. */
export interface PausedObject {
  /** `Deployment/web` */
  readonly object: string
  /** As people call it. */
  readonly name: string
  readonly stage: string
  /** Pods; null where none are counted. */
  readonly from: number | null
  readonly to: number | null
  /** `done` in this run or before, or still to do. */
  readonly state: 'done' | 'todo'
  /** What somebody changed meanwhile. */
  readonly note: string | null
}

/** What a report of a pause tells. Its fields are public. */
export interface Paused {
  readonly command: 'pause' | 'resume'
  readonly outcome: 'paused' | 'resumed' | 'unchanged' | 'planned' | 'refused' | 'failed' | 'interrupted'
  readonly project: string
  readonly environment: string
  readonly namespace: string
  readonly deploy: number | null
  readonly objects: readonly PausedObject[]
  /** What goes on as it is, and why. */
  readonly left: readonly { readonly object: string; readonly because: string }[]
  readonly notes: readonly string[]
}
