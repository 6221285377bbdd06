import type { Version } from '../tools/versions.ts'
import { tmpdir } from 'node:os'
import type { ChartRef, Charts, RenderRequest } from '../../ports.ts'
import { removeLeft } from '../files/temporary.ts'
import { helmCalls } from './call.ts'
import type { Route } from '../kubernetes/route.ts'
import type { Look } from '../kubernetes/look.ts'
import type { RunOptions } from '../process.ts'
import { defaultFiles } from './default-files.ts'
import { bareChart } from './bare-chart.ts'
import { completeChart } from './dependencies.ts'
import { schemaOptions } from './packed-schemas.ts'
import { postRenderer } from './post-renderer.ts'
import { recordSize } from './record-size.ts'
import {
  asWhole,
  definitions,
  render,
  renderAfter,
  type Renderer,
  target,
  source,
  VALUES,
  WITHOUT_SCHEMAS,
} from './render.ts'
import { traitsReader } from './traits.ts'

export interface HelmOptions {
  /** Path of the helm that was found (src/adapters/tools/helm.ts). */
  readonly path: string
  readonly version: Version
  /** Absent for rendering without a cluster. */
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  /** How helm can be led to the cluster through forge (relay.ts). */
  readonly route?: Route | undefined
  /** Absent for rendering without a cluster, too. */
  readonly look?: Look | undefined
  /** Strangers may have made the charts: none of them asks the cluster while it renders. */
  readonly untrusted?: boolean | undefined
}

/**
 * Helm v3.14 and newer, and v4, as a process. Values travel as one JSON document on stdin (JSON is YAML), not as
 * arguments, which every user of the machine can see; whole numbers of `set` and `--set` are the exception (asWhole).
 */
export function helmCharts(options: HelmOptions): Charts {
  const { path, version, kubeconfig, context, route, look, untrusted = false } = options
  const cluster = [
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(context === undefined ? [] : ['--kube-context', context]),
  ]
  const { helm, writing } = helmCalls({ path, cluster, route })
  // Beside the first helm: what a killed forge left (manifests among it) should not wait for one that makes a folder again.
  void removeLeft(tmpdir())
  const traits = traitsReader()
  const whole = wholeCharts()
  const schemas = schemaOptions(version, untrusted)
  const parts = async <T extends RenderRequest>(request: T): Promise<readonly [Renderer, T]> => {
    const chart = await whole(request.chart)
    const known = { options: await schemas(chart), traits: await traits(chart, request.values) }
    return [
      { helm, cluster, hasCluster: look !== undefined, mayLookUp: !untrusted, ...known },
      { ...request, chart },
    ]
  }
  return {
    version: `${version.major}.${version.minor}.${version.patch}`,
    major: version.major,
    traits: async (chart, values) => await traits(await whole(chart), values),
    render: async (request, signal) => await render(...(await parts(request)), signal),
    async renderAfter(request, coming, signal) {
      if (look === undefined || untrusted) return undefined
      const [renderer, whole] = await parts(request)
      return await renderAfter(renderer, whole, { look, coming }, signal)
    },
    definitions: async (request, signal) => await definitions(...(await parts(request)), signal),
    async defaults(chart, signal) {
      const { stdout } = await helm(['show', 'values', ...source(await whole(chart))], { signal })
      return stdout
    },
    async defaultFiles(chart, signal) {
      const found = chart.repository === undefined ? await defaultFiles(chart.chart) : undefined
      if (found !== undefined) return found
      return [{ name: 'values.yaml', path: `${chart.chart} values.yaml`, text: await this.defaults(chart, signal) }]
    },
    recordSize: async ({ chart, ...rest }) =>
      await recordSize((await whole(chart)).chart, { ...rest, major: version.major }),
    ...writers({
      whole,
      schemas,
      writing,
      major: version.major,
      async bare(request, { hooks }, signal) {
        const [renderer, { chart }] = await parts({ ...request, isUpgrade: false, revision: 1 })
        const made = await definitions(renderer, { ...request, chart, isUpgrade: false, revision: 1 }, signal)
        return await bareChart(chart, { definitions: request.crds === 'skip' ? '' : made, hooks }, helm, signal)
      },
    }),
  }
}

interface Writing {
  readonly whole: (chart: ChartRef) => Promise<ChartRef>
  readonly schemas: (chart: ChartRef) => Promise<readonly string[]>
  readonly writing: ReturnType<typeof helmCalls>['writing']
  readonly major: number
  readonly bare: (
    request: Parameters<Charts['upgrade']>[0],
    how: NonNullable<Parameters<Charts['upgrade']>[0]['bare']>,
    signal: AbortSignal,
  ) => Promise<ChartRef>
}

/** What changes the cluster. */
function writers({
  whole,
  schemas,
  writing,
  major,
  bare,
}: Writing): Pick<Charts, 'upgrade' | 'rollback' | 'uninstall'> {
  const force = (wanted: boolean): string[] => (wanted && major >= 4 ? ['--force-conflicts'] : [])
  return {
    async upgrade(request, signal) {
      const chart = await (request.bare === undefined ? whole(request.chart) : bare(request, request.bare, signal))
      const more = [...(await schemas(chart)), ...force(request.forceConflicts)]
      const args = [...upgradeArgs({ ...request, chart }), ...more]
      const fixed = request.rewrite === undefined ? undefined : await postRenderer(major, request.rewrite)
      const options = { ...upgradeOptions(request), signal, env: fixed?.env ?? {} }
      const { stdout } = await writing(request.guard, [...args, ...(fixed?.args ?? [])], options).finally(
        async () => await fixed?.remove(),
      )
      const revision = /^REVISION: (\d+)$/mu.exec(stdout)?.[1]
      return { revision: revision === undefined ? undefined : Number(revision) }
    },
    async rollback({ release, namespace, revision, forceConflicts, timeoutSeconds, guard }) {
      const where = ['--namespace', namespace, '--timeout', `${timeoutSeconds}s`, '--history-max', '20']
      const args = ['rollback', release, String(revision), ...where, ...force(forceConflicts)]
      // No signal on purpose: a rollback that is interrupted leaves `pending-rollback` (docs/design.md, facts about helm).
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

function upgradeOptions({ values, onLine }: Parameters<Charts['upgrade']>[0]): RunOptions {
  const told = onLine === undefined ? {} : { onLine }
  return { input: JSON.stringify(values), ownGroup: true, endsWithForge: true, ...told }
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
