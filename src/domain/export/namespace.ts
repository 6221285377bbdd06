import type { KubeObject } from '../kube.ts'

/** Neither Flux nor Argo CD takes it away again, whatever happens to the file: what is in it goes with it. */
const STAYS = {
  'kustomize.toolkit.fluxcd.io/prune': 'disabled',
  'argocd.argoproj.io/sync-options': 'Prune=false',
}

export function namespaceObject(name: string, labels: Readonly<Record<string, string>>): KubeObject {
  const given = Object.keys(labels).length === 0 ? {} : { labels }
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...given, annotations: STAYS } }
}
