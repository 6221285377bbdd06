import type { StageStanding } from '../stages/standing.ts'

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
