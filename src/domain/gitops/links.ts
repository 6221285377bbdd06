import { gitopsOwner, OWNER_GROUPS, type GitopsOwner } from '../gitops.ts'
import { groupOf, keyOf, refOf, type KubeObject, type ObjectRef } from '../kube.ts'
import { fluxSpec, fluxStatus, type Named } from './shapes.ts'

const SOURCES = 'source.toolkit.fluxcd.io'

/** What has to be looked at to know what an object has applied. Its API version is whichever the cluster serves. */
export interface Links {
  /** From where it takes what it applies. */
  readonly source?: ObjectRef
  /** The packed chart of a HelmRelease, which source-controller makes of the source. */
  readonly chart?: ObjectRef
  /** What is to be ready before. */
  readonly needs: readonly ObjectRef[]
  /** What applies the object itself. */
  readonly parent?: ObjectRef
}

export function linksOf(object: KubeObject): Links {
  const parent = parentOf(object)
  const own = { needs: needsOf(object), ...(parent === undefined ? {} : { parent }) }
  if (object.kind === 'HelmRelease') return { ...own, ...chartLinks(object) }
  const { sourceRef } = fluxSpec(object['spec'])
  return sourceRef === undefined || object.kind === 'Application'
    ? own
    : { ...own, source: refIn(SOURCES, sourceRef, object) }
}

/** The owner that the marks of an object name. `home`: where one is looked for that they do not place. */
export function ownerRef({ tool, kind, name, namespace }: GitopsOwner, home: string): ObjectRef {
  return {
    apiVersion: `${OWNER_GROUPS[kind]}/v1`,
    ...{ kind, name },
    namespace: namespace ?? (tool === 'argocd' ? 'argocd' : home),
  }
}

/** Flux's own Kustomization applies itself. */
function parentOf(object: KubeObject): ObjectRef | undefined {
  const owner = gitopsOwner(object)
  if (owner === undefined) return undefined
  const ref = ownerRef(owner, object.metadata.namespace ?? '')
  return keyOf(ref) === keyOf(refOf(object)) ? undefined : ref
}

function needsOf(object: KubeObject): ObjectRef[] {
  const { dependsOn = [] } = fluxSpec(object['spec'])
  const group = groupOf(object.apiVersion)
  return dependsOn.map((one) => refIn(group, { ...one, kind: object.kind }, object))
}

function chartLinks(object: KubeObject): Pick<Links, 'source' | 'chart'> {
  const { chartRef, chart } = fluxSpec(object['spec'])
  if (chartRef !== undefined) {
    const ref = refIn(SOURCES, chartRef, object)
    return ref.kind === 'HelmChart' ? { chart: ref } : { source: ref }
  }
  const { namespace = '', name } = object.metadata
  const source = chart?.spec?.sourceRef
  if (source === undefined) return {}
  const [, place, called] = /^([^/]+)\/(.+)$/u.exec(fluxStatus(object['status']).helmChart ?? '') ?? []
  // As helm-controller names it (HelmRelease.GetHelmChartName).
  const made = {
    kind: 'HelmChart',
    namespace: place ?? source.namespace ?? namespace,
    name: called ?? `${namespace}-${name}`,
  }
  return { source: refIn(SOURCES, source, object), chart: refIn(SOURCES, made, object) }
}

function refIn(group: string, { kind = '', name = '', namespace }: Named, { metadata }: KubeObject): ObjectRef {
  return { apiVersion: `${group}/v1`, kind, name, namespace: namespace ?? metadata.namespace ?? '' }
}
