import { pointerOf } from './pointer.ts'
import type { KubeObject } from '../kube.ts'
import type { ExportedChart, ExportedFile, ExportedProject, ExportedRelease } from './model.ts'

export interface ArgoSource {
  /** Of the repository that forge.yaml is in. */
  readonly repoUrl: string
  readonly revision: string
}

/** Where Argo CD looks for its Applications unless it was told otherwise. */
const HOME = 'argocd'

/** An Application for each release (https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml). */
export function argoFiles(project: ExportedProject, source: ArgoSource): ExportedFile[] {
  const wave = wavesOf(project.releases)
  return project.releases.map((release) => ({
    path: `${release.name}.yaml`,
    object: application(release, project, source, wave(release.name)),
  }))
}

function application(
  { name, namespace, chart, values, crds }: ExportedRelease,
  { preserve }: ExportedProject,
  source: ArgoSource,
  wave: number,
): KubeObject {
  const helm = { releaseName: name, valuesObject: values, ...(crds === 'skip' ? { skipCrds: true } : {}) }
  const ignoreDifferences = preserve.map(({ kind, name: object, field }) => ({
    group: groupOf(kind),
    kind,
    name: object,
    jsonPointers: [pointerOf(field)],
  }))
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: HOME, annotations: { 'argocd.argoproj.io/sync-wave': String(wave) } },
    spec: {
      project: 'default',
      source: { ...sourceOf(chart, source), helm },
      destination: { server: 'https://kubernetes.default.svc', namespace },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        syncOptions: ['ServerSideApply=true', 'RespectIgnoreDifferences=true'],
      },
      ...(ignoreDifferences.length === 0 ? {} : { ignoreDifferences }),
    },
  }
}

function sourceOf(chart: ExportedChart, { repoUrl: repoURL, revision }: ArgoSource): Readonly<Record<string, string>> {
  if (chart.kind === 'git') return { repoURL, path: chart.path, targetRevision: revision }
  if (chart.kind === 'repository') return { repoURL: chart.url, chart: chart.name, targetRevision: chart.version }
  // Argo CD writes such an address without its scheme.
  const [, registry = '', name = ''] = /^oci:\/\/(.+)\/([^/]+)$/u.exec(chart.url) ?? []
  return { repoURL: registry, chart: name, targetRevision: chart.version }
}

/** A release comes in the wave after all that it needs. */
function wavesOf(releases: readonly ExportedRelease[]): (name: string) => number {
  const waves = new Map<string, number>()
  // They are in the order of `needs` already.
  for (const { name, needs } of releases) {
    waves.set(name, Math.max(-1, ...needs.map((needed) => waves.get(needed) ?? -1)) + 1)
  }
  return (name) => waves.get(name) ?? 0
}

/** Argo CD wants the group of what it shall not compare; forge.yaml names the kind alone. */
function groupOf(kind: string): string {
  if (['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].includes(kind)) return 'apps'
  if (kind === 'HorizontalPodAutoscaler') return 'autoscaling'
  if (['Job', 'CronJob'].includes(kind)) return 'batch'
  if (['Ingress', 'NetworkPolicy'].includes(kind)) return 'networking.k8s.io'
  const isCore = ['ConfigMap', 'Secret', 'Service', 'ServiceAccount', 'PersistentVolumeClaim', 'Pod'].includes(kind)
  return isCore ? '' : '*'
}
