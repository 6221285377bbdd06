import { groupOf, keyOf, type ApiResource, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import { linksOf } from '../../domain/gitops/links.ts'
import type { WatchedKind } from '../../domain/readiness/model.ts'
import type { Connection } from '../phases/ports.ts'

/** What has to be known to say which revision is applied: those who apply, their sources, and who applies them. */
export interface Chain {
  /** By their keys; what is not there is missing. */
  readonly objects: Map<string, KubeObject>
  /** All that was looked for, in versions that the cluster serves. */
  readonly refs: ReadonlyMap<string, ObjectRef>
}

const APPLIERS = new Set(['Kustomization', 'HelmRelease', 'Application'])

/** Those who apply, among these. */
export function appliersIn({ refs }: Chain): ObjectRef[] {
  return [...refs.values()].filter(({ kind }) => APPLIERS.has(kind))
}

/** Reads the owners and, from each, all that its word rests on. Throws what the cluster refuses. */
export async function readChain(
  owners: readonly ObjectRef[],
  cluster: Pick<Connection, 'get' | 'resources'>,
  signal: AbortSignal,
): Promise<Chain> {
  const resources = await cluster.resources(signal)
  const [objects, refs] = [new Map<string, KubeObject>(), new Map<string, ObjectRef>()]
  let next: readonly ObjectRef[] = owners
  while (next.length > 0) {
    const fresh = next.flatMap((ref) => servedRef(ref, resources) ?? []).filter((ref) => !refs.has(keyOf(ref)))
    for (const ref of fresh) refs.set(keyOf(ref), ref)
    const found = await Promise.all(
      [...new Map(fresh.map((ref) => [keyOf(ref), ref])).values()].map(async (ref) => await cluster.get(ref, signal)),
    )
    for (const object of found) if (object !== undefined) objects.set(keyOf(object), object)
    next = found.flatMap((object) => (object === undefined ? [] : linkedTo(object)))
  }
  return { objects, refs }
}

/** Undefined: the cluster has no such kind. */
export function servedRef(ref: ObjectRef, resources: readonly ApiResource[]): ObjectRef | undefined {
  const group = groupOf(ref.apiVersion)
  const served = resources.find(({ kind, apiVersion }) => kind === ref.kind && groupOf(apiVersion) === group)
  return served === undefined ? undefined : { ...ref, apiVersion: served.apiVersion }
}

function linkedTo(object: KubeObject): ObjectRef[] {
  const { source, chart, needs, parent } = linksOf(object)
  return [source, chart, parent, ...needs].flatMap((ref) => ref ?? [])
}

/** Whether an object names something that was not looked for. */
export function leadsOn({ objects, refs }: Chain, resources: readonly ApiResource[]): boolean {
  return [...objects.values()]
    .flatMap(linkedTo)
    .flatMap((ref) => servedRef(ref, resources) ?? [])
    .some((ref) => !refs.has(keyOf(ref)))
}

export function kindsOf({ refs }: Chain): WatchedKind[] {
  return [...refs.values()].map(({ apiVersion, kind, name, namespace }) => ({
    ...{ apiVersion, kind, fieldSelector: `metadata.name=${name}` },
    ...(namespace === undefined ? {} : { namespace }),
  }))
}
