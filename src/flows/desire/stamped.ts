import type { KubeObject } from '../../domain/kube.ts'
import type { ObservedRelease } from '../phases/observed.ts'

/** With the marks that helm puts on everything it writes (pkg/action, setMetadataVisitor). */
export function stamped(object: KubeObject, { release }: Pick<ObservedRelease, 'release'>): KubeObject {
  const { metadata } = object
  const labels = { ...metadata.labels, 'app.kubernetes.io/managed-by': 'Helm' }
  const annotations = {
    ...metadata.annotations,
    'meta.helm.sh/release-name': release.name,
    'meta.helm.sh/release-namespace': release.namespace,
  }
  return { ...object, metadata: { ...metadata, labels, annotations } }
}
