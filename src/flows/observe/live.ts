import { kindKey, keyOf, refOf, type KindRef, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import type { Planned, ReleasePlan } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { refusing } from '../phases/policy.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { isNamespaced } from './kinds.ts'

/** Whose objects, in which cluster. `unreadable` collects kinds that may not be read, where that is no error. */
export interface LiveRequest {
  readonly releases: readonly (Pick<ReleasePlan, 'rendered' | 'previous'> & Partial<Pick<ReleasePlan, 'plans'>>)[]
  readonly facts: Pick<Planned['facts'], 'resources'>
  readonly cluster: Pick<Planned['cluster'], 'get' | 'list'>
  readonly unreadable?: Set<string>
  readonly policy?: Planned['policy']
  /** A namespace that holds nothing yet. */
  readonly empty?: string
}

/** The live objects that the releases have or will have, by key: one list per namespaced kind, one read per other object. */
export async function readLive(
  context: LiveRequest,
  { signal }: Pick<DeployPorts, 'signal'>,
): Promise<Map<string, KubeObject>> {
  const objects = context.releases.flatMap(({ rendered, previous, plans = [] }) => [
    ...[...rendered, ...previous].map(({ object }) => object),
    // Claims that a StatefulSet made are in no manifest.
    ...plans.flatMap(({ ref, grows }) => (grows === undefined ? [] : [objectOf(ref)])),
  ])
  const { empty, facts } = context
  const { resources } = facts
  const namespaced = isNamespaced(resources)
  const served = objects.filter(({ apiVersion, kind }) =>
    resources.some((one) => one.apiVersion === apiVersion && one.kind === kind),
  )
  const wanted = new Map(served.map((object) => [keyOf(object), object]))
  const kinds = new Map(
    served
      .filter((object) => namespaced(object) && (empty === undefined || object.metadata.namespace !== empty))
      .map((object) => [`${kindKey(object)}/${object.metadata.namespace ?? ''}`, object]),
  )
  const found = await Promise.all([
    ...[...kinds.values()].map(async (one) => await listed(context, one, one.metadata.namespace ?? '', signal)),
    ...[...wanted.values()].filter((one) => !namespaced(one)).map(async (one) => await read(context, one, signal)),
  ])
  return new Map(
    found.flat().flatMap((object) => (wanted.has(keyOf(object)) ? [[keyOf(object), object] as const] : [])),
  )
}

function objectOf({ apiVersion, kind, ...metadata }: ObjectRef): KubeObject {
  return { apiVersion, kind, metadata }
}

async function listed(
  context: LiveRequest,
  { apiVersion, kind }: KindRef,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const list = context.cluster.list({ apiVersion, kind }, { namespace }, signal)
  const found = await unlessForbidden(list, context.policy?.onRefusal ?? refusing)
  if (found === undefined) context.unreadable?.add(kindKey({ apiVersion, kind }))
  return found ?? []
}

async function read(context: LiveRequest, object: KubeObject, signal: AbortSignal): Promise<readonly KubeObject[]> {
  const found = await unlessForbidden(context.cluster.get(refOf(object), signal), () =>
    context.unreadable?.add(kindKey(object)),
  )
  return found === undefined ? [] : [found]
}
