import type { Operation } from '../journal/operation.ts'
import type { KubeObject } from '../kube.ts'
import type { RecoveryAction } from '../recovery/model.ts'
import type { StageStanding } from '../stages/standing.ts'
import type { DeployEvent } from './schema.ts'

export interface StepPosition {
  /** From 1; 0: it has no number (evidence, rollback). */
  readonly index: number
  readonly total: number
  readonly name: string
  /** Letters of the longest name among those that it stands in a column with; left out: the usual ones. */
  readonly longest?: number
}

/**
 * What a step is at, or has come to: how a stage stands, what it does, what it wrote; else a sentence of its own, in which nobody
 * looks for anything. The words are a screen's (src/screen/detail.ts).
 */
export type Detail = string | StageDetail | Doing | { readonly wrote: readonly Wrote[] }

/** What a step does, or waits for. */
export type Doing =
  /** `done`: what the step has written before. `hooks`: those that helm waits for by now. */
  | {
      readonly doing: 'operation'
      readonly operation: Operation
      readonly done?: readonly Wrote[]
      readonly hooks?: readonly { readonly name: string; readonly how: string }[]
    }
  | { readonly doing: 'recovery'; readonly action: RecoveryAction }
  /** On the way back. */
  | { readonly doing: 'secrets-back' | 'until-ready' }
  | { readonly doing: 'release-back'; readonly release: string; readonly to: number }
  /** One that was left from before, and that helm would fail on. */
  | { readonly doing: 'free-hook'; readonly hook: string }
  | { readonly doing: 'until-gone'; readonly objects: readonly KubeObject[] }
  | { readonly doing: 'until-ended'; readonly jobs: readonly string[] }

export type Wrote =
  | { readonly what: 'adopted'; readonly count: number }
  | { readonly what: 'secrets-made'; readonly count: number }
  /** Objects of another release. */
  | { readonly what: 'moved'; readonly count: number; readonly to: string }
  | { readonly what: 'secret'; readonly name: string; readonly from: number; readonly to: number }
  /** Versions of a path of Vault. */
  | { readonly what: 'vault'; readonly path: string; readonly from: number; readonly to: number }
  /** `to` undefined: helm tells none. `as`: the revision whose state it has again. `hooks`: those that ran. */
  | {
      readonly what: 'revision'
      readonly release: string
      readonly from: number | undefined
      readonly to: number | undefined
      readonly as?: number
      readonly hooks: readonly string[]
    }

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
  | Stopping
)

interface Stopping {
  readonly type: 'stopping'
  readonly text: string
}

/** All that is told in a run. `documented` makes of it what `--events FILE` has. */
export type RunEvent =
  StepEvent | (Stopping & { readonly step?: undefined }) | Exclude<DeployEvent, { readonly type: 'step' | 'line' }>
