import { hexOf, revisionText } from '../../domain/gitops/revision.ts'
import { revisionsIn } from '../../domain/gitops/judge.ts'
import { placed } from '../../domain/gitops/standing.ts'
import { keyOf } from '../../domain/kube.ts'
import type { ToldRemark } from '../../domain/readiness/remark.ts'
import type { ForgeError } from '../../errors.ts'
import { verdictReport, type VerdictReport } from '../verdict-report.ts'
import type { StepRecord } from '../step.ts'
import { appliersIn } from './chain.ts'
import type { Following } from './ports.ts'
import type { FollowedStages } from './read-stages.ts'
import type { AppliedChain } from './until-applied.ts'

/** The `--json` result of `forge follow`. Its fields are public. */
export interface FollowReport {
  readonly apiVersion: 'forge/v1'
  readonly command: 'follow'
  readonly outcome: 'applied' | 'failed' | 'unknown' | 'refused' | 'interrupted'
  readonly project: string
  readonly environment: string
  readonly namespace: string
  readonly revision: string
  /** Who applies, and what each of them had at the end. */
  readonly owners: readonly { readonly object: string; readonly revision: string | null }[]
  readonly deploy: null
  readonly verdict: VerdictReport | null
  readonly steps: readonly StepRecord[]
  readonly remarks: readonly ToldRemark[]
  /** What is as it should be and still has to be known. */
  readonly notes: readonly string[]
  readonly evidence: string | null
}

/** What was found by the end. */
export interface Found {
  applied: AppliedChain | undefined
  stages: FollowedStages | undefined
  remarks: readonly ToldRemark[]
}

export function reportOf(
  { scope, wanted, ports, seen: { chain } }: Following,
  { applied, remarks }: Found,
  {
    steps,
    error,
    evidence,
  }: {
    readonly steps: readonly StepRecord[]
    readonly error: ForgeError | undefined
    readonly evidence: string | undefined
  },
): FollowReport {
  const { project, environment, namespace } = scope
  return {
    apiVersion: 'forge/v1',
    command: 'follow',
    outcome: error === undefined ? 'applied' : outcomeOf(error),
    ...{ project, environment, namespace },
    revision: wanted.hex,
    owners:
      chain === undefined
        ? []
        : appliersIn(chain).map((ref) => {
            const object = chain.objects.get(keyOf(ref))
            const revision = object === undefined ? undefined : revisionsIn(object)[0]
            return {
              object: placed(ref),
              revision: revision === undefined ? null : (hexOf(revision) ?? revisionText(revision)),
            }
          }),
    deploy: null,
    verdict: error === undefined ? null : verdictReport(error, ports.here),
    steps,
    remarks,
    notes: (applied?.standings ?? []).flatMap((one) => (one.state === 'applied' ? (one.note ?? []) : [])),
    evidence: evidence ?? null,
  }
}

function outcomeOf({ exitStatus }: ForgeError): FollowReport['outcome'] {
  if (exitStatus === 130 || exitStatus === 143) return 'interrupted'
  if (exitStatus === 8) return 'unknown'
  return exitStatus === 4 || exitStatus === 1 ? 'failed' : 'refused'
}
