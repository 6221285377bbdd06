import type { StageStanding } from '../stages/standing.ts'
import type { DeployEvent } from './schema.ts'

export interface StepPosition {
  /** From 1; 0: it has no number (evidence, rollback). */
  readonly index: number
  readonly total: number
  readonly name: string
}

/** What a step is at, or has come to: a sentence of its own, or how a stage stands. */
export type Detail = string | StageDetail

export interface StageDetail {
  readonly stage: StageStanding
  /** The step is this stage: a terminal has a row for each workload that waits. */
  readonly isStep?: true
  /** The release whose stage it is, where the step is about several. */
  readonly of?: string
  /** What else was found at its end. */
  readonly more?: readonly string[]
}

/** Of one step, which is the same object in each of them. */
export type StepEvent = { readonly step: StepPosition } & (
  | { readonly type: 'step'; readonly state: 'running' }
  | {
      readonly type: 'step'
      readonly state: 'done' | 'skipped' | 'failed'
      readonly seconds: number
      readonly found: Detail
    }
  /** What it does, or waits for; replaces what stood there. */
  | { readonly type: 'detail'; readonly detail: Detail }
  | { readonly type: 'line'; readonly source: string; readonly text: string }
  /** How a person's signal is answered before the step comes to its end. */
  | { readonly type: 'stopping'; readonly text: string }
)

/** All that is told in a run. `documented` makes of it what `--events FILE` has. */
export type RunEvent = StepEvent | Exclude<DeployEvent, { readonly type: 'step' | 'line' }>
