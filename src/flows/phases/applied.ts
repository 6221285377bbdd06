import type { CameMark, JournalRelease } from '../../domain/journal/model.ts'
import type { KubeObject } from '../../domain/kube.ts'
import type { StageTarget } from '../../domain/stages/stages.ts'
import type { Follower } from '../follow.ts'
import { noteFrom, type Noted } from '../noted.ts'
import type { StepRecord, StepReport } from '../step.ts'
import type { Planned, ReleasePlan } from './planned.ts'
import type { DeployPorts } from './ports.ts'

/** How far a release has got. What was written is not known before it is written: the one thing that changes under way. */
export interface Progress {
  /** helm was run for it in this deploy. */
  upgraded: boolean
  revisionAfter: number | undefined
  /** The objects that it takes over have begun to become its own. */
  tookOver: boolean
  /** Revisions that forge wrote into its records, because objects moved. */
  restated: number
  /** `helm rollback` has ended well for it, after this deploy had failed. */
  takenBack: boolean
  /** After a failure: whether what this deploy made of it stays, or what ran before runs. */
  left: JournalRelease['left']
  /** Its Jobs have ended well: the database has the schema of this release, whatever is rolled back. */
  migrated: boolean
  /** After the last stage: marks of what pods have waited for. */
  came: readonly CameMark[]
}

export interface AppliedRelease extends ReleasePlan {
  readonly progress: Progress
  /** On the way back: what was the release's by its marks alone (domain/plan/joined.ts); it counts as what its revision before had. */
  readonly joined?: readonly KubeObject[]
}

export interface HeardLine {
  readonly container: string
  readonly text: string
}

export interface HeardOutput {
  /** By pod: a chart may delete a hook as soon as it has failed, and a Job's TTL the Job. Redacted. */
  readonly jobs: Map<string, HeardLine[]>
  /** By release. */
  readonly helm: Map<string, string[]>
}

export interface StageLogs {
  /** Shows what was heard of these Jobs so far, and from now on what comes. */
  show(jobs: readonly StageTarget[], report: StepReport): void
  /** Resolves when the logs of these Jobs have ended, or after a moment: the last lines come a little late. */
  ended(jobs: readonly StageTarget[], ports: Pick<DeployPorts, 'clock' | 'signal'>): Promise<void>
}

/** A plan that is carried out. */
export interface Applied extends Planned {
  readonly releases: readonly AppliedRelease[]
  /** The definitions that were written, with what they were before. */
  readonly definitions: { readonly object: KubeObject; readonly before: KubeObject | undefined }[]
  /** The version that this run wrote of each secret that lives in Vault, by name. Not sure: no answer came. */
  readonly wroteHomes: Map<string, { readonly version: number; readonly isSure: boolean }>
  /** What was written down while helm ran, and would be lost with it: the logs of Jobs, helm's own words. */
  readonly heard: HeardOutput
  /** When what happened. */
  readonly noted: Noted
}

/** The same under watch: what is written is seen. */
export interface Followed extends Applied {
  readonly follower: Follower
  /** Those of the stages, from their first line on: a Job may be over, and gone, before its stage begins. Undefined: there are none. */
  readonly stageLogs: StageLogs | undefined
}

/** Of which nothing was written yet. `steps`: those of the run, told as they end. */
export function toApply(plan: Planned, steps?: readonly StepRecord[]): Applied {
  const releases = plan.releases.map((work) => ({ ...work, progress: notBegun(work) }))
  const heard = { jobs: new Map(), helm: new Map() }
  return { ...plan, releases, definitions: [], wroteHomes: new Map(), heard, noted: noteFrom(steps) }
}

function notBegun({ came }: ReleasePlan): Progress {
  return {
    upgraded: false,
    revisionAfter: undefined,
    tookOver: false,
    restated: 0,
    takenBack: false,
    left: undefined,
    migrated: false,
    came,
  }
}
