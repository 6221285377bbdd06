import { nameOf } from '../domain/kube.ts'
import { reasonText } from '../screen/operation.ts'
import { recoveredRows, whyNotBack } from '../screen/recovered.ts'
import { ForgeError } from '../errors.ts'
import { forge, type HintPlace, kubectl, sequence } from '../hint.ts'
import type { DeployReport } from '../flows/deploy/report.ts'
import { verdictReport } from '../flows/verdict-report.ts'
import type { RecoveredScope } from '../flows/recovery/recover-scope.ts'
import type { RecoveryAction } from '../domain/recovery/model.ts'
import { closeRun } from './end-with.ts'
import type { Session } from './session.ts'

type Told<Action> = Action extends RecoveryAction ? Omit<Action, 'because'> & { readonly because: string } : never
type ActionReport = Told<RecoveryAction>

/** The result document of docs/design.md, and what was found to be done. */
export type RecoveryReport = Omit<DeployReport, 'outcome'> & {
  readonly outcome: RecoveredScope['outcome']
  readonly actions: readonly ActionReport[]
  /** Definitions of crds/ that it wrote, and that stay. */
  readonly definitions: readonly { readonly object: string; readonly isNew: boolean }[]
}

/** Prints how a recovery ended and sets the exit status: 5 where what ran before is not back and ready. */
export function closeRecovery(end: RecoveredScope, session: Session): RecoveryReport {
  const error = end.outcome === 'failed' && end.plan.end === 'restored' ? notReady(end) : undefined
  return closeRun(reportOf(end, error, session.here), error, session, () => recoveredRows(end, session.here))
}

function notReady({ entry, plan, why, environment, namespace, flags, live }: RecoveredScope): ForgeError {
  const number = entry === undefined ? '' : ` #${entry.number}`
  return new ForgeError(
    'E_INTERRUPTED',
    `what ran before${number} is back, but not ready: ${whyNotBack(plan, why) ?? 'unknown'}`,
    {
      hint: sequence(kubectl(['get', 'pods'], namespace), forge('deploy', ...flags)),
      where: `environment ${environment}`,
      now: `${live === undefined ? 'the former state' : `#${live}`} is deployed again and not ready; a deploy may be run`,
      exit: 5,
    },
  )
}

function reportOf(end: RecoveredScope, error: ForgeError | undefined, here: HintPlace): RecoveryReport {
  const { environment, namespace, entry, releases, steps, plan } = end
  return {
    apiVersion: 'forge/v1',
    command: 'recover',
    outcome: end.outcome,
    environment,
    namespace,
    deploy: entry?.number ?? null,
    releases: releases.map(({ name, before, after }) => ({ name, revisionBefore: before, revisionAfter: after })),
    verdict: error === undefined ? null : verdictReport(error, here),
    steps,
    restarted: [],
    remarks: [],
    evidence: null,
    actions: plan.actions.map((action) => ({ ...action, because: reasonText(action.because) })),
    definitions: (plan.definitions ?? []).map(({ ref, isNew }) => ({ object: nameOf(ref), isNew })),
  }
}
