import type { Charts } from '../../ports.ts'
import type { Connection, DeployPorts } from '../phases/ports.ts'
import { targetNamed } from '../observe/environment.ts'
import { begun } from '../run-events.ts'
import { readAudience, sayUnheard, tellEnd } from '../notify/audience.ts'
import { toldIfItThrows } from '../notify/tell-run.ts'
import { whyNotBack } from '../../screen/recovered.ts'
import { openJournal } from '../state/journal.ts'
import { requireKnown } from '../state/require-known.ts'
import { openScope, type OpenScope, type ScopeRequest } from '../state/scope.ts'
import type { RecoveryScope, RecoveryPorts } from './scope.ts'
import { recover, type RecoveryEnd, type RecoveryOptions } from './recover.ts'
import { headRow } from '../../screen/head.ts'

export type RecoveredScope = RecoveryEnd & Pick<RecoveryScope, 'environment' | 'namespace' | 'flags'>

type Found = OpenScope<{ readonly cluster: Connection; readonly charts: Charts }>

/** `forge recover`, with or without a checkout. */
export async function recoverScope(
  request: ScopeRequest,
  ports: DeployPorts & Pick<RecoveryPorts, 'waitForLockMs'>,
  options: RecoveryOptions,
): Promise<RecoveredScope> {
  const found = await openScope(request, ports)
  const { project, namespace, environment, flags, connected } = found
  const { context } = connected.cluster
  ports.events.tell(
    begun('recover', project, { name: environment, namespace, cluster: targetNamed(connected.cluster) }),
  )
  ports.say([headRow({ project, environment, cluster: context, namespace })])
  const audience = options.dryRun ? undefined : await readAudience(found.checkout, ports)
  if (audience !== undefined) sayUnheard(audience, ports)
  const work = recover(recoveryScope(found), ports, options)
  const end = await toldIfItThrows(work, audience, { project, environment, command: 'recover' }, ports)
  if (audience !== undefined) await tellEnd(audience, endOf(end, { project, environment }), ports)
  return { ...end, environment, namespace, flags }
}

function endOf(
  { outcome, entry, plan, why, seconds }: RecoveryEnd,
  { project, environment }: Pick<RecoveryScope, 'project' | 'environment'>,
): Parameters<typeof tellEnd>[1] {
  const isFailure = outcome === 'failed' && plan.end === 'restored'
  const verdict = isFailure
    ? { code: 'E_INTERRUPTED', message: `not ready: ${whyNotBack(plan, why) ?? 'unknown'}` }
    : undefined
  return { project, environment, command: 'recover', outcome, number: entry?.number, verdict, seconds }
}

/** Before a rollback or an uninstallation: a deploy that was interrupted is put right first, as before a deploy. A dry run changes nothing. */
export async function recovered(scope: Found, dryRun: boolean, ports: DeployPorts): Promise<Found> {
  requireKnown(scope.journal, scope, scope.flags)
  if (scope.journal.interrupted === undefined || dryRun) return scope
  const options = { dryRun: false, adoptPending: false, prove: false }
  await recover(recoveryScope(scope), { ...ports, refuseReleased: true }, options)
  const { clock, codec, redactor, signal } = ports
  const { project, namespace, connected } = scope
  const request = { cluster: connected.cluster, clock, codec, redactor, project, namespace }
  return { ...scope, journal: await openJournal(request, signal) }
}

function recoveryScope({ connected, checkout, project, namespace, environment, flags }: Found): RecoveryScope {
  const { cluster, charts } = connected
  return { project, namespace, environment, flags, cluster, charts, checkout, releases: checkout?.releases ?? [] }
}
