import { blockingBudgets, idleScalers } from '../../domain/doctor/scaling.ts'
import { selectsNothing } from '../../domain/doctor/selected.ts'
import { unservedBalancers, unservedIngresses } from '../../domain/doctor/entrances.ts'
import { podMakers } from '../../domain/doctor/pods.ts'
import { untriedIn } from '../plan/pods.ts'
import { nameOf, namespacesOf, type KubeObject } from '../../domain/kube.ts'
import { floats, parseReference } from '../../domain/images/reference.ts'
import { imageUses } from '../../domain/images/uses.ts'
import { forge } from '../../hint.ts'
import { found, passedOver, warn, type Check } from '../phases/findings.ts'
import type { Compared, Foreseen } from '../phases/planned.ts'
import { renderedObjects } from '../plan/assess.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { findingOf } from './remarks.ts'

export const checkEntrances: Check<Compared> = async ({ cluster, ...known }, { signal }) => {
  const objects = renderedObjects(known)
  const has = (kind: string): boolean => objects.some((object) => object.kind === kind)
  const ingressClasses = async (): Promise<readonly KubeObject[] | undefined> =>
    await unlessForbidden(cluster.list({ apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass' }, {}, signal))
  const services = async (): Promise<readonly KubeObject[] | undefined> =>
    await unlessForbidden(cluster.list({ apiVersion: 'v1', kind: 'Service' }, {}, signal))
  const isBalanced = objects.some(({ spec }) => (spec as { type?: string } | undefined)?.type === 'LoadBalancer')
  const remarks = [
    ...(has('Ingress') ? unservedIngresses(objects, await ingressClasses()) : []),
    ...(isBalanced ? unservedBalancers(objects, await services()) : []),
  ]
  return remarks.map(findingOf)
}

export const checkSelected: Check<Compared> = async ({ cluster, project, ...known }, { signal }) => {
  const home = project.environment.namespace
  const objects = renderedObjects(known)
  const makers = podMakers(objects, home)
  const lists = await Promise.all(
    [...new Set([home, ...namespacesOf(objects)])].map(async (namespace) => {
      const pods = await unlessForbidden(cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace }, signal))
      return [namespace, pods] as const
    }),
  )
  const pods = new Map(lists)
  return selectsNothing({ home, objects, makers, pods: (namespace) => pods.get(namespace) }).map(findingOf)
}

export const checkScaling: Check<Compared> = async ({ cluster, project, facts, ...known }, { signal }) => {
  const home = project.environment.namespace
  const objects = renderedObjects(known)
  const scalers = objects.filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
  const targets = await Promise.all(
    scalers.map(async ({ metadata: { namespace = home }, spec }) => {
      const { scaleTargetRef = {} } = (spec ?? {}) as {
        readonly scaleTargetRef?: { readonly apiVersion?: string; readonly kind?: string; readonly name?: string }
      }
      const { apiVersion = 'apps/v1', kind = '', name = '' } = scaleTargetRef
      const isServed = facts.resources.some((one) => one.apiVersion === apiVersion && one.kind === kind)
      const read = isServed ? cluster.get({ apiVersion, kind, namespace, name }, signal) : Promise.resolve(undefined)
      // Who may not look does not say that it is not there.
      const answer = await unlessForbidden(read.then((there) => ({ there })))
      return answer !== undefined && answer.there === undefined ? [] : [`${kind}/${namespace}/${name}`]
    }),
  )
  const there = new Set(targets.flat())
  const spaces = [...new Set(scalers.map(({ metadata: { namespace = home } }) => namespace))]
  const given = new Map(
    await Promise.all(spaces.map(async (one) => [one, await givenRequests(one, cluster, signal)] as const)),
  )
  const isLive = (kind: string, name: string, namespace: string): boolean => there.has(`${kind}/${namespace}/${name}`)
  return [
    ...blockingBudgets(objects, podMakers(objects, home), home),
    ...idleScalers(objects, facts.resources, isLive, home, (namespace) => given.get(namespace)),
  ].map(findingOf)
}

/** Resources for which LimitRanges of the namespace give requests to containers. Undefined: they may not be listed. */
async function givenRequests(
  namespace: string,
  cluster: Compared['cluster'],
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const ranges = await unlessForbidden(cluster.list({ apiVersion: 'v1', kind: 'LimitRange' }, { namespace }, signal))
  return ranges?.flatMap(({ spec }) => {
    const { limits = [] } = (spec ?? {}) as {
      readonly limits?: readonly { readonly default?: object; readonly defaultRequest?: object }[]
    }
    return limits.flatMap((one) => Object.keys({ ...one.default, ...one.defaultRequest }))
  })
}

/** What a tag means can change between two pods. What forge.yaml names is pinned by a deploy, or told of by it. */
export const checkFloating: Check<Compared> = ({ images, ...known }) => {
  const ours = new Set(images.values())
  const floating = new Map<string, string>()
  for (const use of imageUses(renderedObjects(known))) {
    const parsed = parseReference(use.image)
    if (!ours.has(use.image) && !('problem' in parsed) && floats(parsed) && !floating.has(use.image))
      floating.set(use.image, nameOf(use.object))
  }
  return [...floating].map(([image, where]) => {
    const text = `image ${image} of ${where} floats, so what runs can change without a deploy`
    return warn(text, { hint: forge('render'), where })
  })
}

/** What the dry runs of the preview have come to. Objects that the API server refuses have ended it. */
export const checkDryRuns: Check<Foreseen> = ({ releases, facts, project }) => {
  const missing = facts.namespaces.filter(({ object }) => object === undefined)
  const plans = releases.flatMap((work) => work.plans)
  const unasked = plans.flatMap(({ ref: { namespace = project.environment.namespace }, action, notChecked }) => {
    const absent = action === 'create' ? missing.find(({ name }) => name === namespace) : undefined
    return notChecked ?? (absent === undefined ? [] : untriedIn(absent))
  })
  const [first] = unasked
  const count = plans.length === 1 ? '1 object' : `${plans.length} objects`
  if (first === undefined) return [found(`the API server takes what the charts render (${count})`)]
  return [passedOver(`whether the API server takes ${unasked.length} of ${count}`, first)]
}
