import type { BackupMade } from '../../domain/backup/model.ts'
import { isPartial } from '../../domain/config/select.ts'
import { newestWritten } from '../../domain/helm/history.ts'
import type { Restart } from '../../domain/plan/model.ts'
import type { Remark, ToldRemark } from '../../domain/readiness/remark.ts'
import type { ForgeError } from '../../errors.ts'
import { hintLine, type HintPlace } from '../../hint.ts'
import type { StepRecord } from '../step.ts'
import { verdictReport, type VerdictReport } from '../verdict-report.ts'
import type { Outcome } from '../phases/options.ts'
import type { AppliedRelease } from '../phases/applied.ts'
import type { ObservedRelease } from '../phases/observed.ts'
import type { Asked } from '../phases/opened.ts'
import { leftOutNames } from '../observe/left-out.ts'

/** The `--json` result of deploy, plan, rollback and recover (docs/design.md). Its fields are public. */
export interface DeployReport {
  readonly apiVersion: 'forge/v1'
  readonly command: string
  readonly outcome: Outcome
  readonly environment: string
  readonly namespace: string
  readonly deploy: number | null
  readonly releases: readonly {
    readonly name: string
    readonly revisionBefore: number | null
    readonly revisionAfter: number | null
  }[]
  readonly verdict: VerdictReport | null
  readonly steps: readonly StepRecord[]
  readonly restarted: readonly { readonly workload: string; readonly because: readonly string[] }[]
  /** Of workloads that are ready: what a person has to know or do all the same. */
  readonly remarks: readonly ToldRemark[]
  readonly evidence: string | null
  /** That there were before its Jobs began to migrate; left out where there were none. */
  readonly backups?: readonly BackupMade[]
  /** Workloads that were not watched, and why; left out where all were. */
  readonly notChecked?: readonly string[]
  /** The number of the resumption that was first; left out where nothing was woken. */
  readonly resumed?: number
  /** `--release`: releases of forge.yaml that were left as they are. */
  readonly leftOut?: readonly string[]
}

export interface Ending {
  readonly steps: readonly StepRecord[]
  readonly outcome: Outcome
  readonly error: ForgeError | undefined
  readonly evidence?: string | undefined
  readonly restarted?: readonly Restart[]
  readonly resumed?: number | undefined
  /** After the last stage: what a person has to know of workloads that are ready. */
  readonly remarks?: readonly Remark[]
}

/** As much of a run as there was by its end. */
export type Reached = Asked & {
  readonly number?: number
  readonly unseen?: readonly string[]
  readonly secured?: readonly BackupMade[]
  readonly releases?: readonly (Pick<ObservedRelease, 'release' | 'history'> &
    Partial<Pick<AppliedRelease, 'progress'>>)[]
}

export function reportOf(
  command: string,
  reached: Reached,
  { steps, outcome, error, evidence, restarted = [], remarks = [], resumed }: Ending,
  here: HintPlace,
): DeployReport {
  const { project, number = 0, unseen = [], releases = [], secured = [] } = reached
  const { environment } = project
  return {
    apiVersion: 'forge/v1',
    command,
    outcome,
    environment: environment.name,
    namespace: environment.namespace,
    deploy: number > 0 ? number : null,
    releases: releases.map(({ release, history, progress }) => {
      const before = newestWritten(history)?.revision ?? null
      return { name: release.name, revisionBefore: before, revisionAfter: progress?.revisionAfter ?? before }
    }),
    verdict: error === undefined ? null : verdictReport(error, here),
    steps,
    restarted: restarted.map(({ workload, because }) => ({ workload, because })),
    remarks: remarks.map(({ hint, ...said }) => ({
      ...said,
      hint: hint === undefined ? null : hintLine(hint, here),
    })),
    evidence: evidence ?? null,
    ...(secured.length === 0 ? {} : { backups: secured }),
    ...(unseen.length === 0 ? {} : { notChecked: unseen }),
    ...(resumed === undefined ? {} : { resumed }),
    ...(!isPartial(project) ? {} : { leftOut: leftOutNames(reached) }),
  }
}
