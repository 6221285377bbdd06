import { tmpdir } from 'node:os'
import type { ChartRef, Charts, RenderRequest } from '../../ports.ts'
import { removeLeft } from '../files/temporary.ts'
import { helmCalls } from './call.ts'
import type { Route } from '../kubernetes/route.ts'
import { completeChart } from './dependencies.ts'
import { postRenderer } from './post-renderer.ts'
import { recordSize } from './record-size.ts'
import { asWhole, definitions, render, type Renderer, target, source, VALUES, WITHOUT_SCHEMAS } from './render.ts'
import { traitsReader } from './traits.ts'

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
 * Helm v3.14 and newer, and v4, as a process. Values travel as one JSON document on stdin (JSON is YAML), not as
 * arguments, which every user of the machine can see; whole numbers of `set` and `--set` are the exception (asWhole).
 */
export function helmCharts({ path, version, kubeconfig, context, route }: HelmOptions): Charts {
  const cluster = [
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(context === undefined ? [] : ['--kube-context', context]),
  ]
  const { helm, writing } = helmCalls({ path, cluster, route })
  // Beside the first helm: what a killed forge left (manifests among it) should not wait for one that makes a folder again.
  void removeLeft(tmpdir())
  const traits = traitsReader()
  const whole = wholeCharts()
  const parts = async <T extends RenderRequest>(request: T): Promise<readonly [Renderer, T]> => {
    const chart = await whole(request.chart)
    return [
      { helm, cluster, traits: await traits(chart, request.values) },
      { ...request, chart },
    ]
  }
  const force = (wanted: boolean): string[] => (wanted && version.major >= 4 ? ['--force-conflicts'] : [])

  return {
    version: `${version.major}.${version.minor}.${version.patch}`,
    major: version.major,
    traits: async (chart, values) => await traits(await whole(chart), values),
    render: async (request, signal) => await render(...(await parts(request)), signal),
    definitions: async (request, signal) => await definitions(...(await parts(request)), signal),
    async defaults(chart, signal) {
      const { stdout } = await helm(['show', 'values', ...source(await whole(chart))], { signal })
      return stdout
    },
    async upgrade(request, signal) {
      const args = [...upgradeArgs({ ...request, chart: await whole(request.chart) }), ...force(request.forceConflicts)]
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
    recordSize: async ({ chart, ...rest }) =>
      await recordSize((await whole(chart)).chart, { ...rest, major: version.major }),
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

/** Those that lack other charts are completed in a copy, once. */
function wholeCharts(): (chart: ChartRef) => Promise<ChartRef> {
  const known = new Map<string, Promise<string>>()
  return async (ref) => {
    if (ref.repository !== undefined) return ref
    const found = known.get(ref.chart) ?? completeChart(ref.chart)
    known.set(ref.chart, found)
    return { ...ref, chart: await found }
  }
}

function upgradeArgs(request: Parameters<Charts['upgrade']>[0]): string[] {
  return [
    'upgrade',
    ...target(request),
    '--install',
    ...VALUES,
    ...asWhole(request),
    '--timeout',
    `${request.timeoutSeconds}s`,
    '--history-max',
    '20',
    WITHOUT_SCHEMAS,
    ...(request.createNamespace ? ['--create-namespace'] : []),
    ...(request.crds === 'skip' ? ['--skip-crds'] : []),
  ]
}
