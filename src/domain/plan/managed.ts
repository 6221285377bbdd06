import { gitopsOwner } from '../gitops.ts'
import { keyOf, type KubeObject } from '../kube.ts'
import type { Rendered } from '../manifest/parse.ts'

/** Field managers of Flux and Argo CD. */
const CONTROLLERS = /^(?:helm-controller|kustomize-controller|argocd-(?:application-)?controller)$/u
/** What they put on whatever they apply. */
const MARKS =
  /^(?:(?:helm|kustomize)\.toolkit\.fluxcd\.io\/(?:name|namespace)|argocd\.argoproj\.io\/(?:instance|tracking-id))$/u
const CHART = 'helm.sh/chart'
const INSTANCE = 'app.kubernetes.io/instance'

/**
 * What is rendered, as Flux or Argo CD would apply it: with the marks that they put on the live object, and with the version of the chart
 * that Flux makes of a commit (`1.0.0+42d5c1ccf127`, `reconcileStrategy: Revision`). Neither is a change that anybody made.
 */
export function asTheyApply<R extends Rendered>(rendered: readonly R[], live: ReadonlyMap<string, KubeObject>): R[] {
  return rendered.map((one) => {
    const found = live.get(keyOf(one.object))
    return found === undefined ? one : { ...one, object: marked(one.object, found) }
  })
}

function marked(object: KubeObject, live: KubeObject): KubeObject {
  const labels = {
    ...object.metadata.labels,
    ...marksOf(live.metadata.labels),
    ...instanceOf(live),
    ...chartOf(object, live),
  }
  const annotations = { ...object.metadata.annotations, ...marksOf(live.metadata.annotations) }
  const metadata = {
    ...object.metadata,
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  }
  return { ...object, metadata }
}

function marksOf(texts: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(texts).filter(([name]) => MARKS.test(name)))
}

/** Charts have this label, too: it is a mark only where Argo CD tracks by it, and then has its own value there. */
function instanceOf(live: KubeObject): Readonly<Record<string, string>> {
  const value = live.metadata.labels?.[INSTANCE]
  return value !== undefined && gitopsOwner(live)?.mark === `label ${INSTANCE}` ? { [INSTANCE]: value } : {}
}

function chartOf(object: KubeObject, live: KubeObject): Readonly<Record<string, string>> {
  const [wanted, now] = [object, live].map(({ metadata }) => metadata.labels?.[CHART])
  if (wanted === undefined || now === undefined || !now.startsWith(wanted)) return {}
  return /^[_+][0-9a-f]{7,40}$/u.test(now.slice(wanted.length)) ? { [CHART]: now } : {}
}

/** A live object, whose fields that a controller wrote count as helm's: there they are the same. */
export function asTheirs(live: KubeObject): KubeObject {
  const { managedFields } = live.metadata
  if (managedFields === undefined) return live
  const own = managedFields.map((one) => (CONTROLLERS.test(one.manager ?? '') ? { ...one, manager: 'helm' } : one))
  return { ...live, metadata: { ...live.metadata, managedFields: own } }
}
