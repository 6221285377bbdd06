import type { Environment } from '../domain/config/model.ts'
import type { Events } from '../domain/events/events.ts'
import type { DeployEvent } from '../domain/events/schema.ts'
import { keyOf, type ObjectRef } from '../domain/kube.ts'
import type { WorkloadStanding } from '../domain/readiness/model.ts'
import { reasonOf } from '../domain/readiness/workload-standing.ts'

/** The first event of a run. */
export function begun(
  command: string,
  name: string,
  { name: environment, namespace, cluster }: Pick<Environment, 'name' | 'namespace' | 'cluster'>,
): Extract<DeployEvent, { type: 'begun' }> {
  const context = cluster.sandbox ? 'sandbox' : (cluster.context ?? 'the current context')
  return { type: 'begun', command, project: name, environment, namespace, cluster: context }
}

/** How one workload of a stage stands. */
export interface Standing extends Pick<WorkloadStanding, 'verdict' | 'counts'> {
  readonly stage: string
  readonly ref: ObjectRef
}

/** Tells each change once: most events of a cluster change nothing that anybody would hear of. Undefined: nobody hears it. */
export function tellWorkloads(events: Events, way: 'there' | 'back'): ((standing: Standing) => void) | undefined {
  if (!events.isHeard('workload')) return undefined
  const told = new Map<string, string>()
  return (standing) => {
    const event = eventOf(standing, way)
    const text = JSON.stringify(event)
    if (told.get(keyOf(standing.ref)) === text) return
    told.set(keyOf(standing.ref), text)
    events.tell(event)
  }
}

function eventOf(
  { stage, ref, verdict, counts }: Standing,
  way: 'there' | 'back',
): Extract<DeployEvent, { type: 'workload' }> {
  const { apiVersion, kind, name, namespace } = ref
  return {
    type: 'workload',
    stage,
    subject: { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) },
    way,
    state: verdict.state,
    ...(counts === undefined ? {} : { ready: counts.ready, wanted: counts.wanted }),
    ...(verdict.state === 'failed' ? { code: verdict.code, chain: [...verdict.chain] } : {}),
    text: verdict.state === 'failed' ? verdict.message : reasonOf(verdict),
  }
}
