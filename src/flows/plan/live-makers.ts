import { groupOf, keyOf, resourceName, type ApiResource, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import { makersOf, type Wanted } from '../../domain/secrets/awaited.ts'
import { isCustom, saysWhatItMakes } from '../../domain/secrets/maker-resources.ts'
import { ForgeError } from '../../errors.ts'
import { unchecked, type Finding } from '../phases/findings.ts'
import type { Compared } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'

export interface LiveMakers {
  readonly makersOf: (wanted: Wanted) => ObjectRef[]
  /** Something may make it that could not be looked at. */
  readonly mayHide: (wanted: Wanted) => boolean
  readonly unread: readonly Finding[]
}

/**
 * What is in the cluster already, beside the charts, and could make these Secrets: custom resources, and Jobs that name them.
 * One list per kind, and only when a Secret would be refused otherwise.
 */
export async function liveMakers(
  { cluster, facts, releases }: Compared,
  wanted: readonly Wanted[],
  rendered: readonly KubeObject[],
  { signal }: Pick<DeployPorts, 'signal'>,
): Promise<LiveMakers> {
  const kinds = makingKinds(facts.resources)
  const namespaces = [...new Set(wanted.map(({ namespace }) => namespace))]
  const hidden = new Set<string>()
  const unread: Finding[] = []
  const look = async (kind: ApiResource, namespace: string | undefined): Promise<readonly KubeObject[]> => {
    try {
      return await cluster.list(kind, namespace === undefined ? {} : { namespace }, signal)
    } catch (error) {
      // A kind whose API does not answer, or that may not be read, says nothing about the Secret.
      if (!(error instanceof ForgeError)) throw error
      if (saysWhatItMakes(kind)) {
        hidden.add(namespace ?? '')
        const place = namespace === undefined ? '' : ` in namespace ${namespace}`
        unread.push(unchecked(`whether a ${resourceName(kind)}${place} makes a Secret`, error.message))
      }
      return []
    }
  }
  const lists = await Promise.all(
    kinds.flatMap((kind) => (kind.namespaced ? namespaces.map((one) => look(kind, one)) : [look(kind, undefined)])),
  )
  const ours = new Set(
    [...rendered, ...releases.flatMap(({ previous }) => previous.map(({ object }) => object))].map(keyOf),
  )
  const others = lists.flat().filter((object) => !ours.has(keyOf(object)))
  return {
    makersOf: (one) => makersOf(one, others, rendered),
    mayHide: ({ namespace }) => hidden.has(namespace) || hidden.has(''),
    unread,
  }
}

/** One version of each kind. */
function makingKinds(resources: readonly ApiResource[]): ApiResource[] {
  const making = resources.filter(
    (one) =>
      one.verbs.includes('list') &&
      (isCustom(one) || (groupOf(one.apiVersion) === 'batch' && ['Job', 'CronJob'].includes(one.kind))),
  )
  return [...new Map(making.map((one) => [`${groupOf(one.apiVersion)}/${one.kind}`, one])).values()]
}
