import { pointerOf } from './pointer.ts'
import type { KubeObject } from '../kube.ts'
import type { ExportedChart, ExportedFile, ExportedProject, ExportedRelease } from './model.ts'

/** Name and namespace of the GitRepository that Flux reads this repository by. */
export interface FluxSource {
  readonly name: string
  readonly namespace: string
}

const INTERVAL = '10m'

/** A HelmRelease for each release, and a source for each chart that comes from a registry (https://fluxcd.io/flux/components/). */
export function fluxFiles(project: ExportedProject, source: FluxSource): ExportedFile[] {
  return project.releases.flatMap((release) => {
    const { name } = release
    const chart = sourceOf(name, release.chart, project.namespace)
    return [
      ...(chart === undefined ? [] : [{ path: `${name}-source.yaml`, object: chart }]),
      { path: `${name}.yaml`, object: helmRelease(release, project, source) },
    ]
  })
}

function sourceOf(name: string, chart: ExportedChart, namespace: string): KubeObject | undefined {
  const metadata = { name, namespace }
  const apiVersion = 'source.toolkit.fluxcd.io/v1'
  if (chart.kind === 'git') return undefined
  if (chart.kind === 'repository')
    return { apiVersion, kind: 'HelmRepository', metadata, spec: { interval: INTERVAL, url: chart.url } }
  const { url, version } = chart
  return { apiVersion, kind: 'OCIRepository', metadata, spec: { interval: INTERVAL, url, ref: refOf(version) } }
}

function refOf(version: string): Readonly<Record<string, string>> {
  return version.startsWith('sha256:') ? { digest: version } : { tag: version.replaceAll('+', '_') }
}

function helmRelease(release: ExportedRelease, project: ExportedProject, source: FluxSource): KubeObject {
  const { name, namespace, needs, crds, values } = release
  const isElsewhere = namespace !== project.namespace
  return {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name, namespace: project.namespace },
    spec: {
      interval: INTERVAL,
      timeout: `${project.timeoutSeconds}s`,
      releaseName: name,
      ...(isElsewhere ? { targetNamespace: namespace, storageNamespace: namespace } : {}),
      ...(needs.length === 0 ? {} : { dependsOn: needs.map((needed) => ({ name: needed })) }),
      ...chartOf(release, source),
      install: { crds: { create: 'Create', update: 'CreateReplace', skip: 'Skip' }[crds], remediation: { retries: 0 } },
      upgrade: {
        crds: crds === 'update' ? 'CreateReplace' : 'Skip',
        remediation: { retries: 0, strategy: 'rollback', remediateLastFailure: true },
      },
      ...driftOf(project),
      values,
    },
  }
}

function chartOf({ name, chart }: ExportedRelease, source: FluxSource): Readonly<Record<string, unknown>> {
  if (chart.kind === 'oci') return { chartRef: { kind: 'OCIRepository', name } }
  const spec =
    chart.kind === 'git'
      ? {
          chart: `./${chart.path}`,
          // A chart of this repository changes without its version.
          reconcileStrategy: 'Revision',
          sourceRef: { kind: 'GitRepository', ...source },
        }
      : { chart: chart.name, version: chart.version, sourceRef: { kind: 'HelmRepository', name } }
  return { chart: { spec: { ...spec, interval: INTERVAL } } }
}

function driftOf({ preserve }: ExportedProject): Readonly<Record<string, unknown>> {
  const ignore = preserve.map(({ kind, name, field }) => ({
    paths: [pointerOf(field)],
    target: { kind, name },
  }))
  return { driftDetection: { mode: 'enabled', ...(ignore.length === 0 ? {} : { ignore }) } }
}
