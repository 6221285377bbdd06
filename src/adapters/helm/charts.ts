import type { Charts, ChartRef, RenderRequest } from '../../ports.ts'
import { helmCalls, type Helm } from './call.ts'
import { mayLookUp } from './lookup.ts'
import type { Route } from '../kubernetes/route.ts'
import { postRenderer } from './post-renderer.ts'
import { recordSize } from './record-size.ts'

export interface HelmOptions {
  /** Path of the helm that was found (src/adapters/tools/helm.ts). */
  readonly path: string
  readonly version: { readonly major: number; readonly minor: number; readonly patch: number }
  /** Absent for rendering without a cluster. */
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  /** How helm can be led to the cluster through forge (relay.ts). */
  readonly route?: Route | undefined
}

/**
 * Helm v3.14 and newer, and v4, as a process. Values travel as one JSON document on stdin (JSON is YAML), never as
 * arguments: helm's own `--set` syntax would reinterpret commas, and arguments are visible to every user of the machine.
 */
export function helmCharts({ path, version, kubeconfig, context, route }: HelmOptions): Charts {
  const cluster = [
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(context === undefined ? [] : ['--kube-context', context]),
  ]
  const { helm, writing } = helmCalls({ path, cluster, route })
  const force = (wanted: boolean): string[] => (wanted && version.major >= 4 ? ['--force-conflicts'] : [])

  return {
    version: `${version.major}.${version.minor}.${version.patch}`,
    major: version.major,
    render: async (request, signal) => await render(helm, cluster, request, signal),
    async defaults(chart, signal) {
      const { stdout } = await helm(['show', 'values', ...source(chart)], { signal })
      return stdout
    },
    async upgrade(request, signal) {
      const args = [
        'upgrade',
        ...target(request),
        '--install',
        '--values',
        '-',
        // Given no value at all, helm would take those of the revision before (pkg/action, reuseValues).
        '--reset-values',
        '--timeout',
        `${request.timeoutSeconds}s`,
        '--history-max',
        '20',
        WITHOUT_SCHEMAS,
        ...force(request.forceConflicts),
        ...(request.createNamespace ? ['--create-namespace'] : []),
      ]
      const fixed = request.rewrite === undefined ? undefined : await postRenderer(version.major, request.rewrite)
      const options = {
        input: JSON.stringify(request.values),
        signal,
        ownGroup: true,
        endsWithForge: true,
        env: fixed?.env ?? {},
        ...(request.onLine === undefined ? {} : { onLine: request.onLine }),
      }
      const { stdout } = await writing(request.guard, [...args, ...(fixed?.args ?? [])], options).finally(
        async () => await fixed?.remove(),
      )
      const revision = /^REVISION: (\d+)$/mu.exec(stdout)?.[1]
      return { revision: revision === undefined ? undefined : Number(revision) }
    },
    recordSize: async ({ chart, values, manifest }) => await recordSize(chart.chart, values, manifest),
    async rollback({ release, namespace, revision, forceConflicts, timeoutSeconds, guard }) {
      const where = ['--namespace', namespace, '--timeout', `${timeoutSeconds}s`, '--history-max', '20']
      const args = ['rollback', release, String(revision), ...where, ...force(forceConflicts)]
      // No signal on purpose: a rollback that is interrupted leaves `pending-rollback` (design.md, facts about helm).
      await writing(guard, args, { ownGroup: true })
    },
    async uninstall(release, namespace, guard) {
      await writing(guard, ['uninstall', release, '--namespace', namespace, '--timeout', '10m'], { ownGroup: true })
    },
  }
}

/**
 * An API server that knows `fieldValidation` (all since Kubernetes 1.27) checks objects itself: then both helms load its OpenAPI
 * documents only to find that out, and check nothing by them. Tried with unknown fields and wrong types: the same answers,
 * 0.2 s of work later (kubectl, NewParamVerifyingSchema).
 */
const WITHOUT_SCHEMAS = '--disable-openapi-validation'

async function render(
  helm: Helm,
  cluster: readonly string[],
  request: RenderRequest,
  signal: AbortSignal,
): Promise<string> {
  const args = ['template', ...target(request), '--values', '-', ...capabilities(request)]
  const input = JSON.stringify(request.values)
  if (cluster.length > 0 && (await mayLookUp(request.chart.chart))) {
    // Without the right to read what it looks up, the plain render says what it can, or what is really wrong.
    const asked = await helm([...args, '--dry-run=server', ...cluster], { input, signal }).catch(() => undefined)
    if (asked !== undefined) return asked.stdout
  }
  const { stdout } = await helm(args, { input, signal })
  return stdout
}

function target(request: RenderRequest): string[] {
  return [request.release, ...source(request.chart), '--namespace', request.namespace]
}

function source({ chart, repository, version }: ChartRef): string[] {
  return [
    chart,
    ...(repository === undefined ? [] : ['--repo', repository]),
    ...(version === undefined ? [] : ['--version', version]),
  ]
}

/** What the templates see as .Capabilities; without a cluster helm's own defaults. */
function capabilities({ isUpgrade, kubeVersion, apiVersions }: RenderRequest): string[] {
  return [
    // helm makes the definitions of crds/ in a first install only.
    isUpgrade ? '--is-upgrade' : '--include-crds',
    ...(kubeVersion === undefined ? [] : ['--kube-version', kubeVersion]),
    ...(apiVersions === undefined || apiVersions.length === 0 ? [] : ['--api-versions', apiVersions.join(',')]),
  ]
}
