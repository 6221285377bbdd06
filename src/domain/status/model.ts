import type { Counts } from '../readiness/model.ts'

/** `paused`: somebody wants it so (scaled to zero, hibernated, rollout paused); that is not a failure. */
export type WorkloadState = 'ready' | 'progressing' | 'paused' | 'failed'

export interface WorkloadStatus {
  /** `Deployment/app` */
  readonly object: string
  /** As people call it: without the hash that a Job's name carries. */
  readonly name: string
  /** Its name under `components` of forge.yaml. */
  readonly component?: string
  readonly state: WorkloadState
  /** By `forge pause`: since when, and by whom. */
  readonly rested?: { readonly since: string; readonly by: string; readonly deploy: number }
  readonly counts: Counts | undefined
  /** What it waits for, or why it is paused or failed; undefined when it is ready. */
  readonly reason: string | undefined
  /** Old pods serve on: the reason counts them and the new ones. */
  readonly servesOn?: true
  /** What a person has to know although it is ready: pods that stay as they are. */
  readonly remark: string | undefined
  /** What its pods run in its first container, short, as of its template where it has none: `api-forge-app@1f3c9a2e`; `web:2, web:1`. */
  readonly image: string | undefined
  /** Of the containers of all its pods, since they were made. */
  readonly restarts: number
  /** ISO 8601: since when its youngest pod runs, else since when it exists. */
  readonly since: string | undefined
  /** Secrets and configuration that its pods have in an older state than the cluster: `app-secrets r6, the cluster holds r7`. */
  readonly behind: readonly string[]
}

export interface StageStatus {
  readonly name: string
  readonly workloads: readonly WorkloadStatus[]
}

/** A deploy of the journal, as far as status tells of it. */
export interface DeployStatus {
  readonly number: number
  readonly state: string
  /** ISO 8601: when it ended, else when it began. */
  readonly at: string
  readonly by: string
  readonly code: string | undefined
  /** `forge rollback`: the deploy that it went back to. */
  readonly target: number | undefined
}

/** Who writes now, or was killed while it wrote. */
export interface RunningStatus {
  readonly state: 'running' | 'interrupted'
  readonly text: string
  /** What to do about an interrupted one. */
  readonly next: string | undefined
}

export interface StatusVerdict {
  readonly code: string
  readonly message: string
  readonly chain: readonly string[]
  readonly where: string | null
  readonly hint: string
}

/** The `--json` document of `forge status`. Its fields are public. */
export interface StatusDocument {
  readonly apiVersion: 'forge/v1'
  readonly command: 'status'
  readonly project: string
  readonly environment: string
  readonly namespace: string
  readonly cluster: string
  /** True: exit status 0. Paused workloads hold nothing back. */
  readonly ready: boolean
  readonly sentence: string
  /** `namespace shpo does not exist (did you mean shop?)`, where nothing was deployed; left out where it does. */
  readonly absent?: string
  /** What runs; null: nothing was ever deployed, or not by forge. */
  readonly live: DeployStatus | null
  /** The newest, where it is another than the live one. */
  readonly last: DeployStatus | null
  readonly running: RunningStatus | null
  /** `forge pause` brought it, or a part of it, to rest; left out where it did not. */
  readonly paused?: {
    /** ISO 8601. */
    readonly since: string
    readonly by: string
    readonly deploy: number
    /** As people call them. */
    readonly components: readonly string[]
  }
  readonly stages: readonly StageStatus[]
  /** Objects of the releases, workloads aside, that are on their way out. */
  readonly leaving: readonly string[]
  /** Records of helm's and entries of the journal that cannot be read, and why: what they say is unknown. */
  readonly unread: readonly string[]
  readonly verdict: StatusVerdict | null
}
