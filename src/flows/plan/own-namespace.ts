import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import type { Rendered } from '../../domain/manifest/parse.ts'
import { RELEASE_NAME } from '../../domain/plan/ownership.ts'
import { ForgeError } from '../../errors.ts'
import { forge, type Hint, kubectl, sequence } from '../../hint.ts'
import type { DesiredRelease } from '../phases/desired.ts'
import type { Compared } from '../phases/planned.ts'

/**
 * A chart that renders the namespace of its own release: helm keeps its record there before it makes anything, and then
 * refuses the namespace that it finds. One that carries the release's marks already is taken. A hook would be worse: helm
 * deletes what is there of it first. Throws E_OWN_NAMESPACE.
 */
export function checkOwnNamespace({ works, live, project }: Compared): void {
  for (const { release, rendered } of works) {
    const own = rendered.find(({ object }) => isNamespace(object) && object.metadata.name === release.namespace)
    if (own === undefined) continue
    const found = live.get(keyOf(own.object))
    if (own.hook === undefined && found?.metadata.annotations?.[RELEASE_NAME] !== undefined) continue
    throw refused(own, release, found, project.environment.name)
  }
}

function isNamespace({ apiVersion, kind }: KubeObject): boolean {
  return apiVersion === 'v1' && kind === 'Namespace'
}

function refused(
  { object, template, hook }: Rendered,
  { name, namespace }: DesiredRelease['release'],
  found: KubeObject | undefined,
  environment: string,
): ForgeError {
  const why =
    hook === undefined
      ? 'helm cannot install into a namespace that it has to make itself'
      : 'helm would delete it, with all that is in it, to make the hook'
  return new ForgeError(
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
