import { podMakers } from '../../domain/doctor/pods.ts'
import { shutOut } from '../../domain/doctor/walls.ts'
import { groupOf, namespacesOf, type ApiResource, type KubeObject } from '../../domain/kube.ts'
import { ForgeError } from '../../errors.ts'
import { found, passedOver, type Check } from '../phases/findings.ts'
import type { Compared } from '../phases/planned.ts'
import { renderedObjects } from '../plan/assess.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { findingOf } from './remarks.ts'

const POLICY = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' }

/** Whether NetworkPolicies of the charts keep apart what the charts connect. */
export const checkWalls: Check<Compared> = async ({ cluster, project, facts, ...known }, { signal }) => {
  const home = project.environment.namespace
  const objects = renderedObjects(known)
  if (!objects.some(({ kind }) => kind === POLICY.kind)) return []
  const spaces = [...new Set([home, ...namespacesOf(objects)])]
  const listed = async (kind: Pick<ApiResource, 'apiVersion' | 'kind'>, namespace?: string) =>
    await unlessForbidden(cluster.list(kind, namespace === undefined ? {} : { namespace }, signal))
  const others = await Promise.all(spaces.map(async (namespace) => await listed(POLICY, namespace)))
  const labelsOf = (namespace: string) => {
    const { object } = facts.namespaces.find(({ name }) => name === namespace) ?? {}
    return object === undefined ? undefined : (object.metadata.labels ?? {})
  }
  const remarks = shutOut({
    ...{ home, objects, makers: podMakers(objects, home), namespaceLabels: labelsOf },
    others: others.flatMap((some) => some ?? []),
  })
  const what = 'whether NetworkPolicies shut out pods that call each other'
  if (remarks.length === 0) return [found('NetworkPolicies let pods reach what they name')]
  // What is not to be seen may let them in.
  if (others.includes(undefined)) return [passedOver(what, 'you may not list networkpolicies')]
  const custom = await Promise.all(otherKinds(facts.resources).map(async (kind) => await ruledBy(kind, spaces, listed)))
  const ruling = custom.find((one) => one !== undefined)
  return ruling === undefined ? remarks.map(findingOf) : [passedOver(what, ruling)]
}

/** Kinds of networks of their own (Cilium, Calico) and of whole clusters: one that allows counts as well. */
function otherKinds(resources: readonly ApiResource[]): ApiResource[] {
  const kinds = resources.filter(
    ({ apiVersion, kind, verbs }) =>
      /NetworkPolicy$/u.test(kind) && groupOf(apiVersion) !== 'networking.k8s.io' && verbs.includes('list'),
  )
  return [...new Map(kinds.map((one) => [`${groupOf(one.apiVersion)}/${one.kind}`, one])).values()]
}

async function ruledBy(
  kind: ApiResource,
  spaces: readonly string[],
  listed: (kind: ApiResource, namespace?: string) => Promise<readonly KubeObject[] | undefined>,
): Promise<string | undefined> {
  const places = kind.namespaced ? spaces : [undefined]
  const lists = await Promise.all(places.map(async (namespace) => await listed(kind, namespace).catch(unanswered)))
  if (lists.includes(undefined)) return `${kind.plural} of ${groupOf(kind.apiVersion)} may not be listed`
  const [first] = lists.flatMap((some) => some ?? [])
  return first === undefined ? undefined : `${kind.kind}/${first.metadata.name} is there, too`
}

/** An API of somebody else's that does not answer says nothing. */
function unanswered(error: unknown): undefined {
  if (!(error instanceof ForgeError)) throw error
}
