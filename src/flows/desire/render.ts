import { showPosition } from '../../domain/config/position.ts'
import { comingRevision } from '../../domain/helm/record.ts'
import { kindKey, nameOf } from '../../domain/kube.ts'
import { parseManifest, type Rendered } from '../../domain/manifest/parse.ts'
import type { Coming } from '../../domain/plan/coming.ts'
import { previousObjects } from '../../domain/plan/objects.ts'
import { differing, placeOf, settled } from '../../domain/plan/volatile.ts'
import { ForgeError } from '../../errors.ts'
import type { Foreseen, RenderRequest } from '../../ports.ts'
import { withSecretRevisions } from './secret-revisions.ts'
import type { Configured, ConfiguredRelease, RenderedRelease, Rendering } from '../phases/desired.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { comingSecrets, foresee } from './foresee.ts'
import { isNamespaced } from '../observe/kinds.ts'

/** A release of which helm can be asked: what it is given is known, what it makes of that is not. */
type Valued = ConfiguredRelease & Pick<RenderedRelease, 'values'>

/** What the releases are rendered for. */
export interface Manner {
  /** To be written: what varies is given to helm as it was planned. */
  readonly freezes: boolean
  /** To be looked at: each is rendered twice, which shows what varies. */
  readonly twice: boolean
  /** What is written whatever the charts render, by release: a saved plan has it. */
  readonly given: ReadonlyMap<string, string | undefined>
}

/** What each release shall be: values complete, manifest rendered, objects read. No cluster write. */
export async function renderReleases(
  context: Configured,
  manner: Manner,
  ports: Pick<DeployPorts, 'project' | 'signal'>,
): Promise<Rendering> {
  const { signal } = ports
  const secrets = comingSecrets(context)
  const parserOf =
    ({ release }: ConfiguredRelease) =>
    (manifest: string): Rendered[] =>
      parseManifest(manifest, release.namespace, isNamespaced(context.facts.resources))
  const releases = await Promise.all(
    context.releases.map(async (configured): Promise<RenderedRelease> => {
      const work = { ...configured, values: await withSecretRevisions(configured, context, ports) }
      const given = manner.given.get(work.release.name)
      const parse = parserOf(work)
      const varies = await mayRenderOtherwise(work, context)
      // A chart that calls `now` or `randAlphaNum` is found by rendering it once more, at the same time.
      const isTwice = manner.twice || (work.release.ignoreVolatile && varies)
      const render = async (): Promise<string> => (await renderAfter(work, secrets, context, signal)).manifest
      const [manifest, again] = await Promise.all([given ?? render(), isTwice ? render() : undefined])
      const frozen = given ?? (varies && manner.freezes ? manifest : undefined)
      const rendered = { ...work, varies, frozen, manifest, rendered: parse(manifest), volatile: [] }
      return again === undefined || again === manifest ? rendered : await withVolatile(rendered, parse(again), context)
    }),
  )
  return await foresee({ ...context, releases }, manner, async (work, coming) => {
    const { manifest, asked = coming.length === 0 ? [] : undefined } = await renderAfter(work, coming, context, signal)
    return asked === undefined ? undefined : { manifest, asked, rendered: parserOf(work)(manifest) }
  })
}

/** With what the chart renders differently each time. */
async function withVolatile(
  work: RenderedRelease,
  again: readonly Rendered[],
  { charts }: Pick<Configured, 'charts'>,
): Promise<RenderedRelease> {
  const { calls } = await charts.traits(work.release.chart, work.values)
  // A test runs when somebody asks for it, and mostly has another name each time.
  const made = work.rendered.filter(({ hook }) => hook?.events.every((event) => event.startsWith('test')) !== true)
  const volatile = differing(made, again).map((one) => ({
    object: nameOf(one.object),
    at: placeOf(one, calls),
  }))
  const rendered = work.release.ignoreVolatile ? settled(work.rendered, again, previousObjects(work)) : work.rendered
  return { ...work, volatile, rendered }
}

async function mayRenderOtherwise(
  { release, values, history }: Valued,
  { charts, releases }: Configured,
): Promise<boolean> {
  const { varies, asksForApis } = await charts.traits(release.chart, values)
  // Kinds come with the releases before this one, and with a chart's own crds/, which helm makes before an install.
  return varies || (asksForApis && (releases.length > 1 || !comingRevision(history).isUpgrade))
}

export async function renderOne(
  work: Valued,
  context: Pick<Configured, 'charts' | 'facts' | 'warnings'>,
  signal: AbortSignal,
): Promise<string> {
  return (await renderAfter(work, [], context, signal)).manifest
}

/** With lookups that find what is coming, where that is anything; `asked` undefined: they find what is live. */
async function renderAfter(
  work: Valued,
  coming: readonly Coming[],
  { charts, facts, warnings }: Pick<Configured, 'charts' | 'facts' | 'warnings'>,
  signal: AbortSignal,
): Promise<Pick<Foreseen, 'manifest'> & Partial<Foreseen>> {
  const request = renderRequest(work, { facts })
  // Of an upgrade helm renders none.
  const isUpdated = work.release.crds === 'update' && request.isUpgrade
  const render = async (): Promise<Pick<Foreseen, 'manifest'> & Partial<Foreseen>> => {
    const foreseen = coming.length === 0 ? undefined : await charts.renderAfter(request, coming, signal)
    if (foreseen !== undefined) return foreseen
    const { looksUp } = await charts.traits(request.chart, request.values)
    const blind = `${request.release}: its chart could not look up what this deploy writes; the next one may restart pods for it`
    if (coming.length > 0 && looksUp && !warnings.includes(blind)) warnings.push(blind)
    return { manifest: await charts.render(request, signal) }
  }
  try {
    const more = isUpdated ? charts.definitions(request, signal) : ''
    const [found, definitions] = await Promise.all([render(), more])
    return { ...found, manifest: `${definitions}${found.manifest}` }
  } catch (error) {
    throw error instanceof ForgeError ? located(error, work) : error
  }
}

export function renderRequest(
  { release, history, values, configuration }: Valued,
  { facts }: Pick<Configured, 'facts'>,
): RenderRequest {
  return {
    release: release.name,
    namespace: release.namespace,
    chart: release.chart,
    values,
    wholeNumbers: configuration.wholeNumbers,
    ...comingRevision(history),
    kubeVersion: facts.version.gitVersion,
    apiVersions: apiVersionsOf(facts),
    crds: release.crds,
  }
}

/** helm's `.Capabilities.APIVersions`: group versions and `group/version/Kind`. */
export function apiVersionsOf({ resources }: Pick<Configured['facts'], 'resources'>): string[] {
  return [...new Set(resources.flatMap((one) => [one.apiVersion, kindKey(one)]))]
}

/** A value that the chart's schema rejects is shown where its owner wrote it, not where helm met it. */
export function located(
  error: ForgeError,
  { configuration, release }: Pick<RenderedRelease, 'configuration' | 'release'>,
): ForgeError {
  const { value: path } = error.details
  if (path === undefined) return error
  const [won] = configuration.origins.get(path) ?? nearestOrigin(path, configuration.origins) ?? []
  const where = won?.origin.kind === 'file' ? showPosition(won.origin.at) : won?.origin.text
  return error.with({ where: where ?? release.chart.from ?? `${release.chart.chart}/values.yaml` })
}

/** The schema may complain of a map whose leaves have origins, or of a list item. */
function nearestOrigin(
  path: string,
  origins: RenderedRelease['configuration']['origins'],
): ReturnType<typeof origins.get> {
  for (const [known, provenance] of origins)
    if (known.startsWith(`${path}.`) || known.startsWith(`${path}[`)) return provenance
  const up = path.replace(/(?:\.[^.]+|\[\d+\])$/u, '')
  return up === path ? undefined : (origins.get(up) ?? nearestOrigin(up, origins))
}
