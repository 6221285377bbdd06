import type { Charts, ChartRef, RenderRequest } from '../../ports.ts'
import { translateHelmError } from '../../domain/helm/errors.ts'
import { run, type RunResult } from '../process.ts'

export interface HelmOptions {
  /** Path of the helm that was found (src/adapters/tools/helm.ts). */
  readonly path: string
  readonly version: { readonly major: number; readonly minor: number; readonly patch: number }
  /** Absent for rendering without a cluster. */
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
}

/**
 * Helm v3.14 and newer, and v4, as a process. Values travel as one JSON document on stdin (JSON is YAML), never as
 * arguments: helm's own `--set` syntax would reinterpret commas, and arguments are visible to every user of the machine.
 */
export function helmCharts({ path, version, kubeconfig, context }: HelmOptions): Charts {
  const cluster = [
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(context === undefined ? [] : ['--kube-context', context]),
  ]
  const helm = async (args: readonly string[], options: Parameters<typeof run>[2]): Promise<RunResult> => {
    const result = await run(path, args, { ...options, env: { HELM_NO_PLUGINS: '1' } })
    if (result.status !== 0) throw translateHelmError(args[0] ?? '', result)
    return result
  }
  const force = (wanted: boolean): string[] => (wanted && version.major >= 4 ? ['--force-conflicts'] : [])

  return {
    version: `${version.major}.${version.minor}.${version.patch}`,
    major: version.major,
    async render(request, signal) {
      const args = ['template', ...target(request), '--values', '-', ...capabilities(request)]
      const { stdout } = await helm(args, { input: JSON.stringify(request.values), signal })
      return stdout
    },
    async defaults(chart, signal) {
      const { stdout } = await helm(['show', 'values', ...source(chart)], { signal })
      return stdout
    },
    async upgrade(request, { onLine }, signal) {
      const args = [
        'upgrade',
        ...target(request),
        '--install',
        '--values',
        '-',
        '--timeout',
        `${request.timeoutSeconds}s`,
        '--history-max',
        '20',
        ...force(request.forceConflicts),
        ...(request.createNamespace ? ['--create-namespace'] : []),
        ...cluster,
      ]
      await helm(args, { input: JSON.stringify(request.values), signal, ownGroup: true, onLine })
    },
    async rollback({ release, namespace, revision, forceConflicts, timeoutSeconds }) {
      const where = ['--namespace', namespace, '--timeout', `${timeoutSeconds}s`, '--history-max', '20']
      const args = ['rollback', release, String(revision), ...where, ...force(forceConflicts), ...cluster]
      // No signal on purpose: a rollback that is interrupted leaves `pending-rollback` (design.md, facts about helm).
      await helm(args, { ownGroup: true })
    },
  }
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
    ...(isUpgrade ? ['--is-upgrade'] : []),
    ...(kubeVersion === undefined ? [] : ['--kube-version', kubeVersion]),
    ...(apiVersions === undefined || apiVersions.length === 0 ? [] : ['--api-versions', apiVersions.join(',')]),
  ]
}
