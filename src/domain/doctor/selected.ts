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
  const count = (kind: string): number => all.filter(({ object }) => object.kind === kind).length
  const [services, policies] = [count('Service'), count('NetworkPolicy')]
  const said = [
    ...(services === 0 ? [] : [services === 1 ? '1 Service' : `${services} Services`]),
    ...(policies === 0 ? [] : [policies === 1 ? '1 NetworkPolicy' : `${policies} NetworkPolicies`]),
  ]
  const astray = namedAstray(scene)
  if (none.length + astray.length > 0 || said.length === 0) return [...none, ...astray]
  const [verb, subject] = [services + policies === 1 ? 'selects' : 'select', said.join(' and ')]
  return [{ kind: 'well', text: `${subject} ${verb} pods` }]
}

/** A port that a Service calls by a name which no pod behind it has: nothing answers there. */
function namedAstray({ objects, makers, home }: SelectedScene): Remark[] {
  return objects.flatMap((object): Remark[] => {
    const { kind, spec, metadata } = object
    const { namespace = home } = metadata
    const { selector = {}, ports = [] } = (spec ?? {}) as {
      readonly selector?: Selector['matchLabels']
      readonly ports?: readonly { readonly targetPort?: number | string }[]
    }
    if (kind !== 'Service' || Object.keys(selector).length === 0) return []
    const isBehind = (labels: Selector['matchLabels'] = {}): boolean => selects({ matchLabels: selector }, labels)
    const behind = makers.filter((one) => one.namespace === namespace && isBehind(one.labels))
    // Pods that nobody here makes may have it.
    if (behind.length === 0 || mayMakePods(objects) !== undefined) return []
    const names = new Set(
      behind
        .flatMap(({ spec: { containers = [], initContainers = [] } }) => [...containers, ...initContainers])
        .flatMap(portNames),
    )
    return ports.flatMap(({ targetPort }): Remark[] => {
      if (typeof targetPort !== 'string' || /^\d+$/u.test(targetPort) || names.has(targetPort)) return []
      const text = `${nameOf(object)} leads to port ${targetPort}, which no pod behind it names: nothing answers there`
      return [{ kind: 'doubt', where: nameOf(object), text, show: ['describe', 'service', metadata.name], namespace }]
    })
  })
}

function portNames(container: unknown): string[] {
  const { ports = [] } = container as { readonly ports?: readonly { readonly name?: string }[] }
  return ports.flatMap(({ name }) => name ?? [])
}

function selectingOf(object: KubeObject): Selecting[] {
  const { kind, spec } = object
  if (kind === 'Service') {
    const { selector, type } = (spec ?? {}) as { readonly selector?: Selector['matchLabels']; readonly type?: string }
    // Without one somebody else keeps its endpoints.
    if (selector === undefined || Object.keys(selector).length === 0 || type === 'ExternalName') return []
    return [{ object, selector: { matchLabels: selector }, effect: 'nothing answers behind it' }]
  }
  if (kind === 'PodDisruptionBudget') {
    const { selector } = (spec ?? {}) as { readonly selector?: Selector }
    return selector === undefined || isEmpty(selector) ? [] : [{ object, selector, effect: 'it protects nothing' }]
  }
  if (kind !== 'NetworkPolicy') return []
  const { podSelector = {} } = (spec ?? {}) as { readonly podSelector?: Selector }
  return isEmpty(podSelector) ? [] : [{ object, selector: podSelector, effect: 'it has no effect' }]
}

function isEmpty({ matchLabels = {}, matchExpressions = [] }: Selector): boolean {
  return Object.keys(matchLabels).length + matchExpressions.length === 0
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
