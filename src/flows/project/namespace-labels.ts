import type { Project } from '../../domain/config/model.ts'

/** What a namespace that forge makes gets from forge.yaml (`createNamespace`). */
export function labelsOf(namespace: string, releases: Project['releases']): Readonly<Record<string, string>> {
  const given = releases.filter((release) => release.namespace === namespace)
  return Object.assign({}, ...given.map(({ namespaceLabels }) => namespaceLabels?.labels)) as Record<string, string>
}
