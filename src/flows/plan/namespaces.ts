import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { isLeaving } from '../../domain/leaving.ts'
import type { Rendered } from '../../domain/manifest/parse.ts'
import { RELEASE_NAME } from '../../domain/plan/ownership.ts'
import { forge, kubectl, sequence, type Hint } from '../../hint.ts'
import type { DesiredRelease } from '../phases/desired.ts'
import { passedOver, refuse, type Check, type Finding } from '../phases/findings.ts'
import type { Compared } from '../phases/planned.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

/**
 * A chart that renders the namespace of its own release: helm keeps its record there before it makes anything, and then
 * refuses the namespace that it finds. One that carries the release's marks already is taken. A hook would be worse: helm
 * deletes what is there of it first: E_OWN_NAMESPACE.
 */
export const checkOwnNamespace: Check<Compared> = ({ releases, live, project }) => {
  return releases.flatMap(({ release, rendered }) => {
    const own = rendered.find(({ object }) => isNamespace(object) && object.metadata.name === release.namespace)
    if (own === undefined) return []
    const found = live.get(keyOf(own.object))
    if (own.hook === undefined && found?.metadata.annotations?.[RELEASE_NAME] !== undefined) return []
    return [refused(own, release, found, project.environment.name)]
  })
}

function isNamespace({ apiVersion, kind }: KubeObject): boolean {
  return apiVersion === 'v1' && kind === 'Namespace'
}

function refused(
  { object, template, hook }: Rendered,
  { name, namespace }: DesiredRelease['release'],
  found: KubeObject | undefined,
  environment: string,
): Finding {
  const why =
    hook === undefined
      ? 'helm cannot install into a namespace that it has to make itself'
      : 'helm would delete it, with all that is in it, to make the hook'
  return refuse(
    'E_OWN_NAMESPACE',
    `the chart of ${name} renders ${nameOf(object)}, the namespace of its own release: ${why}`,
    {
      hint: hook === undefined ? handOver(name, namespace, found) : forge('render', '--env', environment),
      where: template === '' ? nameOf(object) : template,
    },
  )
}

/** Gives the namespace to the release, and tells helm never to delete it. */
function handOver(release: string, namespace: string, found: KubeObject | undefined): Hint {
  const owner = [`${RELEASE_NAME}=${release}`, `meta.helm.sh/release-namespace=${namespace}`]
  return sequence(
    ...(found === undefined ? [kubectl(['create', 'namespace', namespace])] : []),
    kubectl(['label', 'namespace', namespace, 'app.kubernetes.io/managed-by=Helm']),
    kubectl(['annotate', 'namespace', namespace, ...owner, 'helm.sh/resource-policy=keep']),
  )
}

/**
 * Other namespaces that objects of the render are in: helm makes none, and would fail in its middle. One that a chart of the
 * project renders is made by it. E_NAMESPACE_MISSING, E_NAMESPACE_TERMINATING.
 */
export const checkOtherNamespaces: Check<Compared> = async ({ releases, cluster, project }, { signal }) => {
  const objects = releases.flatMap(({ rendered }) => rendered.map(({ object }) => object))
  const rendered = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)
  // Where a release lives, forge makes it.
  const made = new Set([...rendered, ...releases.map(({ release }) => release.namespace)])
  const home = project.environment.namespace
  const first = new Map<string, KubeObject>()
  for (const object of objects) {
    const { namespace = home } = object.metadata
    if (namespace !== home && !made.has(namespace) && !first.has(namespace)) first.set(namespace, object)
  }
  const found = [...first].map(async ([name, object]): Promise<Finding[]> => {
    const read = cluster.get({ apiVersion: 'v1', kind: 'Namespace', name }, signal).then((there) => ({ there }))
    const answer = await unlessForbidden(read)
    if (answer === undefined) return [passedOver(`namespace ${name}`, `you may not get namespace ${name}`)]
    if (answer.there === undefined) return [missing(name, object)]
    return isLeaving(answer.there) ? [terminating(name, object)] : []
  })
  return (await Promise.all(found)).flat()
}

function missing(name: string, object: KubeObject): Finding {
  return refuse(
    'E_NAMESPACE_MISSING',
    `${nameOf(object)} goes into namespace ${name}, which is not there, and no chart of the project makes it`,
    { hint: kubectl(['create', 'namespace', name]), where: nameOf(object) },
  )
}

function terminating(name: string, object: KubeObject): Finding {
  return refuse(
    'E_NAMESPACE_TERMINATING',
    `${nameOf(object)} goes into namespace ${name}, which is being deleted: nothing can be made in it`,
    { hint: kubectl(['wait', '--for=delete', `namespace/${name}`, '--timeout=5m']), where: nameOf(object) },
  )
}
