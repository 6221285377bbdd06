import type { Release } from '../../domain/config/model.ts'
import { showPosition } from '../../domain/config/position.ts'
import { kubectl } from '../../hint.ts'
import { refuse, warn, type Check, type Finding } from '../phases/findings.ts'
import type { NamespaceFacts, Observed } from '../phases/observed.ts'

export const checkNamespaces: Check<Observed> = ({ facts, project }) => [
  ...facts.namespaces.flatMap(namespaceFindings),
  ...project.releases.flatMap((release) => unlabelled(release, facts.namespaces)),
]

/** Nobody asked forge to change a namespace that it did not make. */
function unlabelled({ namespace, namespaceLabels }: Release, namespaces: readonly NamespaceFacts[]): Finding[] {
  const object = namespaces.find(({ name }) => name === namespace)?.object
  if (namespaceLabels === undefined || object === undefined) return []
  const { labels = {} } = object.metadata
  const lacking = Object.entries(namespaceLabels.labels).filter(([label, value]) => labels[label] !== value)
  if (lacking.length === 0) return []
  const pairs = lacking.map(([label, value]) => `${label}=${value}`)
  const what = `${pairs.join(', ')} of createNamespace (${showPosition(namespaceLabels.at)})`
  const message = `namespace ${namespace} is there already, without ${what}: forge labels only what it makes`
  const hint = kubectl(['label', 'namespace', namespace, '--overwrite', ...pairs])
  return [warn(message, { hint, where: showPosition(namespaceLabels.at) })]
}

function namespaceFindings({ name, object }: NamespaceFacts): readonly Finding[] {
  const phase = (object?.['status'] as { phase?: string } | undefined)?.phase
  if (phase !== 'Terminating' && object?.metadata.deletionTimestamp === undefined) return []
  const hint = kubectl(['get', 'namespace', name, '-o', 'yaml'])
  const message = `namespace ${name} is being deleted; nothing can be made in it`
  return [refuse('E_NAMESPACE_TERMINATING', message, { hint, where: `Namespace/${name}` })]
}
