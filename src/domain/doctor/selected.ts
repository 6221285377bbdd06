import { nameOf, type KubeObject } from '../kube.ts'
import type { Remark } from './model.ts'
import { mayMakePods, type PodMaker } from './pods.ts'
import { selects, type Selector } from '../selector.ts'

/** What selects pods, beside all pods that there will be. */
export interface SelectedScene {
  readonly home: string
  readonly objects: readonly KubeObject[]
  readonly makers: readonly PodMaker[]
  /** Of a namespace. Undefined: they may not be listed. */
  readonly pods: (namespace: string) => readonly KubeObject[] | undefined
}

interface Selecting {
  readonly object: KubeObject
  readonly selector: Selector
  readonly effect: string
}

/** Services and NetworkPolicies of the render that select no pod, neither one that comes nor one that is there. */
export function selectsNothing(scene: SelectedScene): Remark[] {
  const all = scene.objects.flatMap(selectingOf)
  const none = all.flatMap((one) => judged(one, scene))
  const services = all.filter(({ object }) => object.kind === 'Service').length
  const policies = all.length - services
  const said = [
    ...(services === 0 ? [] : [services === 1 ? '1 Service' : `${services} Services`]),
    ...(policies === 0 ? [] : [policies === 1 ? '1 NetworkPolicy' : `${policies} NetworkPolicies`]),
  ]
  if (none.length > 0 || said.length === 0) return none
  const [verb, subject] = [all.length === 1 ? 'selects' : 'select', said.join(' and ')]
  return [{ kind: 'well', text: `${subject} ${verb} pods` }]
}

function selectingOf(object: KubeObject): Selecting[] {
  const { kind, spec } = object
  if (kind === 'Service') {
    const { selector, type } = (spec ?? {}) as { readonly selector?: Selector['matchLabels']; readonly type?: string }
    // Without one somebody else keeps its endpoints.
    if (selector === undefined || Object.keys(selector).length === 0 || type === 'ExternalName') return []
    return [{ object, selector: { matchLabels: selector }, effect: 'nothing answers behind it' }]
  }
  if (kind !== 'NetworkPolicy') return []
  const { podSelector = {} } = (spec ?? {}) as { readonly podSelector?: Selector }
  const isAll = Object.keys({ ...podSelector.matchLabels }).length + (podSelector.matchExpressions ?? []).length === 0
  return isAll ? [] : [{ object, selector: podSelector, effect: 'it has no effect' }]
}

function judged({ object, selector, effect }: Selecting, { home, makers, objects, pods }: SelectedScene): Remark[] {
  const { namespace = home } = object.metadata
  if (makers.some((one) => one.namespace === namespace && selects(selector, one.labels))) return []
  const live = pods(namespace)
  if (live?.some(({ metadata: { labels = {} } }) => selects(selector, labels)) === true) return []
  const name = nameOf(object)
  const custom = mayMakePods(objects)
  if (live === undefined)
    return [
      { kind: 'unknown', where: name, text: `whether ${name} selects a pod: you may not list pods in ${namespace}` },
    ]
  if (custom !== undefined)
    return [{ kind: 'unknown', where: name, text: `whether ${name} selects a pod: ${custom} may make it` }]
  const shown = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`)
  const which = shown.length === 0 ? '' : ` (${shown.join(', ')})`
  const show = ['get', 'pods', '--show-labels']
  return [{ kind: 'doubt', where: name, text: `${name} selects no pod${which}: ${effect}`, show, namespace }]
}
