import type { Charts } from '../../ports.ts'
import type { Connection, DeployPorts } from '../phases/ports.ts'
import { openJournal } from '../state/journal.ts'
import { requireKnown } from '../state/require-known.ts'
import { openPlace, type Place, type PlaceRequest } from '../state/place.ts'
import type { RecoveryPlace, RecoveryPorts } from './place.ts'
import { recover, type RecoveryEnd, type RecoveryOptions } from './recover.ts'

export interface RecoveredPlace extends RecoveryEnd {
  readonly environment: string
  readonly namespace: string
  /** How a command line names the place: `--env prod`. */
  readonly flags: readonly string[]
}

type Found = Place<{ readonly cluster: Connection; readonly charts: Charts }>

/** `forge recover`, with or without a checkout. */
export async function recoverPlace(
  request: PlaceRequest,
  ports: DeployPorts & Pick<RecoveryPorts, 'waitForLockMs'>,
  options: RecoveryOptions,
): Promise<RecoveredPlace> {
  const found = await openPlace(request, ports)
  const { project, namespace, environment, flags, connected } = found
  ports.say([`${project} → ${environment}   cluster ${connected.cluster.context}   namespace ${namespace}`])
  return { ...(await recover(recoveryPlace(found), ports, options)), environment, namespace, flags }
}

/** Before a rollback or an uninstallation: a deploy that was interrupted is put right first, as before a deploy. A dry run changes nothing. */
export async function recovered(place: Found, dryRun: boolean, ports: DeployPorts): Promise<Found> {
  requireKnown(place.journal, place, place.flags)
  if (place.journal.interrupted === undefined || dryRun) return place
  const options = { dryRun: false, adoptPending: false, prove: false }
  await recover(recoveryPlace(place), { ...ports, refuseReleased: true }, options)
  const { clock, codec, redactor, signal } = ports
  const { project, namespace, connected } = place
  const request = { cluster: connected.cluster, clock, codec, redactor, project, namespace }
  return { ...place, journal: await openJournal(request, signal) }
}

function recoveryPlace({ connected, checkout, project, namespace, environment, flags }: Found): RecoveryPlace {
  const { cluster, charts } = connected
  return { project, namespace, environment, flags, cluster, charts, releases: checkout?.releases ?? [] }
}
