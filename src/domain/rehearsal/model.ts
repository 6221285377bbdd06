import type { KubeObject } from '../kube.ts'

/** What the sandbox can let happen to a pod or a claim (docs/sandbox.md, "Failures"). */
export const FAILURE_KINDS = [
  'image-pull',
  'image-denied',
  'image-network',
  'crash-loop',
  'init',
  'oom',
  'start',
  'liveness',
  'never-ready',
  'flapping',
  'config-error',
  'unschedulable',
  'job',
  'provisioning',
] as const

export type FailureKind = (typeof FAILURE_KINDS)[number]

/** `--fail app=crash-loop`. */
export interface WishedFailure {
  /** As forge.yaml, or the label of its pods, names it; or `Kind/name`. */
  readonly component: string
  readonly kind: FailureKind
}

/** A failure that is let happen: at which workload (or claim) of tonight's deploy. */
export interface PlannedFailure {
  readonly kind: FailureKind
  readonly component: string
  /** The workload whose new pods fail; of `provisioning`, the one that the claim is made for. */
  readonly workload: KubeObject
  /** Of `init`, and where it is not the first container that fails. */
  readonly container?: string
  /** What the verdict has to be for the failure to count as explained. */
  readonly expected: readonly string[]
}

/** A failure that cannot happen in tonight's deploy, and why: `no volume is made tonight`. */
export interface NotProvoked {
  readonly failure: string
  readonly why: string
}

/** One row of the table. Public (`--json`). */
export interface RehearsedFailure {
  /** `app=crash-loop`, `kill-at=upgrade` */
  readonly failure: string
  /** `Deployment/app`; of a kill, the step. */
  readonly where: string
  /** What forge said of it; null: the deploy went through all the same. */
  readonly verdict: { readonly code: string; readonly sentence: string } | null
  /** From when the first pod (or claim) that fails was there to the verdict; of a kill, how long putting right took. Null: there was no verdict. */
  readonly seconds: number | null
  /** The verdict names this failure, and no other. */
  readonly explained: boolean
  /** All that ran before runs again, as it was; what did not exist is gone. Null: nothing ran before, and a first install stays. */
  readonly restored: boolean | null
  /** Why it is not explained, or not restored. */
  readonly why: string | null
  /** `app is not restarted tonight; here it is, to fail` */
  readonly remark: string | null
}

/** What of the environment stands in the sandbox. Public. */
export interface RehearsalScene {
  /** `1.36.2`, and that of the sandbox: `1.36`. */
  readonly kubernetes: { readonly environment: string; readonly sandbox: string }
  readonly copied: {
    readonly nodes: number
    readonly namespaces: number
    readonly storageClasses: number
    readonly definitions: number
    readonly objects: number
    /** Secrets, with made-up values. */
    readonly secrets: number
    /** Of helm. */
    readonly records: number
  }
  /** Sentences: what of the environment a rehearsal does not have. */
  readonly notRehearsed: readonly string[]
}

/** How tonight's deploy itself went, without any failure. Public. */
export interface RehearsedDeploy {
  readonly outcome: 'deployed' | 'unchanged' | 'rolled-back' | 'failed' | 'refused'
  readonly seconds: number
  /** The number that it would have. */
  readonly deploy: number | null
  readonly verdict: { readonly code: string; readonly sentence: string } | null
}

/** The result of `forge rehearse`. Public. */
export interface Rehearsal {
  readonly scene: RehearsalScene
  readonly deploy: RehearsedDeploy
  readonly failures: readonly RehearsedFailure[]
  readonly notProvoked: readonly NotProvoked[]
  /** The last line: `rehearsed: 14 failures, 14 explained, 14 restored`, or what would have gone wrong tonight. */
  readonly summary: string
}
