import { relativeTo } from '../../domain/config/file-path.ts'
import type { Project, Release } from '../../domain/config/model.ts'
import { parseManifest, type Rendered } from '../../domain/manifest/parse.ts'
import type { Findings } from '../../domain/names/objects.ts'
import { planStages } from '../../domain/stages/stages.ts'
import type { JsonMap, ReleaseConfiguration } from '../../domain/values/model.ts'
import { ForgeError } from '../../errors.ts'
import type { Charts } from '../../ports.ts'
import type { ProjectPorts } from '../project/ports.ts'
import { checkNames, usesOf, type NamesRequest } from './check.ts'

export interface OfflineFindings extends Findings {
  readonly notChecked: readonly string[]
}

export interface OfflinePorts extends ProjectPorts {
  readonly charts: Pick<Charts, 'render'>
}

type RenderedRelease = NamesRequest['releases'][number] & { readonly rendered: readonly Rendered[] }

/**
 * The same without a cluster, of charts that are folders. What does not render here (a value that only the target's machine
 * has, a kind that only the cluster knows) is not checked, and said. Throws E_STAGE_TARGET.
 */
export async function checkNamesOffline(
  project: Project,
  configuration: ReadonlyMap<string, ReleaseConfiguration>,
  ports: OfflinePorts,
): Promise<OfflineFindings> {
  if (project.releases.length === 0) return { problems: [], warnings: [], notChecked: [] }
  const found = await Promise.all(
    project.releases.map(async (release) => await renderHere(release, project, configuration, ports)),
  )
  const releases = found.filter((one) => typeof one !== 'string')
  const notChecked = found.filter((one) => typeof one === 'string')
  const complete = notChecked.length === 0
  if (complete) checkStages(project, releases)
  const liveService = async (): Promise<undefined> => await Promise.resolve(undefined)
  return { ...(await checkNames({ project, releases, configuration, liveService, complete })), notChecked }
}

/** Or why it cannot be rendered. */
async function renderHere(
  release: Release,
  { dir }: Project,
  configuration: ReadonlyMap<string, ReleaseConfiguration>,
  ports: OfflinePorts,
): Promise<RenderedRelease | string> {
  const { name, namespace, chart } = release
  const what = `what release ${name} renders: not checked`
  if (!chart.local) return `${what}, ${chart.chart} is not a chart on this machine`
  const values = configuration.get(name)?.values ?? {}
  const render = async (given: JsonMap): Promise<string> =>
    await ports.charts.render(
      { release: name, namespace, chart, values: given, isUpgrade: false, revision: 1 },
      ports.signal,
    )
  try {
    const manifest = await render(values)
    const rendered = parseManifest(manifest, '', () => false)
    const objects = rendered.map(({ object }) => object)
    const uses = await usesOf(chart, ports)
    return { release, values, manifest, rendered, objects, render, given: undefined, uses }
  } catch (error) {
    ports.signal.throwIfAborted()
    if (!(error instanceof ForgeError)) throw error
    return `${what}, ${relativeTo(dir, chart.from ?? chart.chart)} does not render here: ${error.message}`
  }
}

function checkStages(project: Project, releases: readonly RenderedRelease[]): void {
  const rendered = releases.flatMap((one) => one.rendered)
  const [hooks, own] = [true, false].map((wanted) => rendered.filter(({ hook }) => (hook !== undefined) === wanted))
  const objectsOf = (some: readonly Rendered[] = []) => some.map(({ object }) => object)
  planStages(project, objectsOf(own), { coming: [], all: objectsOf(hooks) })
}
