import { nameOf, type KubeObject } from '../../domain/kube.ts'
import { isLeaving } from '../../domain/leaving.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { Compared } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

/**
 * Other namespaces that objects of the render are in: helm makes none, and would fail in its middle. One that a chart of the
 * project renders is made by it. Throws E_NAMESPACE_MISSING or E_NAMESPACE_TERMINATING.
 */
export async function checkOtherNamespaces(
  { works, cluster, project }: Compared,
  { signal }: Pick<DeployPorts, 'signal'>,
): Promise<void> {
  const objects = works.flatMap(({ rendered }) => rendered.map(({ object }) => object))
  const rendered = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)
  // Where a release lives, forge makes it.
  const made = new Set([...rendered, ...works.map(({ release }) => release.namespace)])
  const home = project.environment.namespace
  const first = new Map<string, KubeObject>()
  for (const object of objects) {
    const { namespace = home } = object.metadata
    if (namespace !== home && !made.has(namespace) && !first.has(namespace)) first.set(namespace, object)
  }
  await Promise.all(
    [...first].map(async ([name, object]) => {
      const read = cluster.get({ apiVersion: 'v1', kind: 'Namespace', name }, signal).then((found) => ({ found }))
      const answer = await unlessForbidden(read)
      if (answer === undefined) return
      if (answer.found === undefined) throw missing(name, object)
      if (isLeaving(answer.found)) throw terminating(name, object)
    }),
  )
}

function missing(name: string, object: KubeObject): ForgeError {
  return new ForgeError(
    'E_NAMESPACE_MISSING',
    `${nameOf(object)} goes into namespace ${name}, which is not there, and no chart of the project makes it`,
    { hint: kubectl(['create', 'namespace', name]), where: nameOf(object) },
  )
}

function terminating(name: string, object: KubeObject): ForgeError {
  return new ForgeError(
    'E_NAMESPACE_TERMINATING',
    `${nameOf(object)} goes into namespace ${name}, which is being deleted: nothing can be made in it`,
    { hint: kubectl(['wait', '--for=delete', `namespace/${name}`, '--timeout=5m']), where: nameOf(object) },
  )
}
