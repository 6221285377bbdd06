import { showPosition } from '../../domain/config/position.ts'
import { comingRevision } from '../../domain/helm/record.ts'
import { nameOf } from '../../domain/kube.ts'
import { parseManifest, type Rendered } from '../../domain/manifest/parse.ts'
import type { Coming } from '../../domain/plan/coming.ts'
import { previousObjects } from '../../domain/plan/objects.ts'
import { differing, placeOf, settled } from '../../domain/plan/volatile.ts'
import { ForgeError } from '../../errors.ts'
import type { Foreseen, RenderRequest } from '../../ports.ts'
import { withSecretRevisions } from './secret-revisions.ts'
import type { DeployContext, DeployPorts, ReleaseWork } from './context.ts'
import { comingSecrets, foresee } from './foresee.ts'
import { isNamespaced } from './kinds.ts'

/** Fills in what each release shall be: values complete, manifest rendered, objects read. No cluster write. */
export async function renderReleases(
  context: DeployContext,
  ports: Pick<DeployPorts, 'project' | 'signal'>,
): Promise<void> {
  const { signal } = ports
  const fixed = new Set<ReleaseWork>()
  const secrets = comingSecrets(context)
  const parserOf =
    ({ release }: ReleaseWork) =>
    (manifest: string): Rendered[] =>
      parseManifest(manifest, release.namespace, isNamespaced(context.facts.resources))
  await Promise.all(
    context.works.map(async (work) => {
      work.values = await withSecretRevisions(work, context, ports)
      work.frozen = context.options.saved?.basis.releases.find(({ name }) => name === work.release.name)?.frozen
      if (work.frozen !== undefined) fixed.add(work)
      const parse = parserOf(work)
      work.varies = await mayRenderOtherwise(work, context)
      // A chart that calls `now` or `randAlphaNum` is found by rendering it once more, at the same time.
      const isTwice = context.options.planOnly === true || (work.release.ignoreVolatile && work.varies)
      const render = async (): Promise<string> => (await renderAfter(work, secrets, context, signal)).manifest
      const [manifest, again] = await Promise.all([work.frozen ?? render(), isTwice ? render() : undefined])
      if (work.varies && context.options.planOnly !== true) work.frozen ??= manifest
      work.manifest = manifest
      work.rendered = parse(manifest)
      if (again !== undefined && again !== manifest) await noteVolatile(work, parse(again), context)
    }),
  )
  await foresee(context, fixed, async (work, coming) => {
    const { manifest, asked = coming.length === 0 ? [] : undefined } = await renderAfter(work, coming, context, signal)
    return asked === undefined ? undefined : { manifest, asked, rendered: parserOf(work)(manifest) }
  })
}

async function noteVolatile(
  work: ReleaseWork,
  again: readonly Rendered[],
  { charts }: Pick<DeployContext, 'charts'>,
): Promise<void> {
  const { calls } = await charts.traits(work.release.chart, work.values)
  const volatile = differing(work.rendered, again)
  work.volatile = volatile.map((one) => ({ object: nameOf(one.object), at: placeOf(one, calls) }))
  if (work.release.ignoreVolatile) work.rendered = settled(work.rendered, again, previousObjects(work))
}

async function mayRenderOtherwise(
  { release, values, history }: ReleaseWork,
  { charts, works }: DeployContext,
): Promise<boolean> {
  const { varies, asksForApis } = await charts.traits(release.chart, values)
  // Kinds come with the releases before this one, and with a chart's own crds/, which helm makes before an install.
  return varies || (asksForApis && (works.length > 1 || !comingRevision(history).isUpgrade))
}

export async function renderOne(work: ReleaseWork, context: DeployContext, signal: AbortSignal): Promise<string> {
  return (await renderAfter(work, [], context, signal)).manifest
}

/** With lookups that find what is coming, where that is anything; `asked` undefined: they find what is live. */
async function renderAfter(
  work: ReleaseWork,
  coming: readonly Coming[],
  { charts, facts, warnings }: Pick<DeployContext, 'charts' | 'facts' | 'warnings'>,
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
  { release, history, values, configuration }: ReleaseWork,
  { facts }: Pick<DeployContext, 'facts'>,
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
function apiVersionsOf({ resources }: DeployContext['facts']): string[] {
  return [...new Set(resources.flatMap(({ apiVersion, kind }) => [apiVersion, `${apiVersion}/${kind}`]))]
}

/** A value that the chart's schema rejects is shown where its owner wrote it, not where helm met it. */
export function located(
  error: ForgeError,
  { configuration, release }: Pick<ReleaseWork, 'configuration' | 'release'>,
): ForgeError {
  const { value: path } = error.details
  if (path === undefined) return error
  const [won] = configuration.origins.get(path) ?? nearestOrigin(path, configuration.origins) ?? []
  const where = won?.origin.kind === 'file' ? showPosition(won.origin.at) : won?.origin.text
  return error.with({ where: where ?? `${release.chart.chart}/values.yaml` })
}

/** The schema may complain of a map whose leaves have origins, or of a list item. */
function nearestOrigin(path: string, origins: ReleaseWork['configuration']['origins']): ReturnType<typeof origins.get> {
  for (const [known, provenance] of origins)
    if (known.startsWith(`${path}.`) || known.startsWith(`${path}[`)) return provenance
  const up = path.replace(/(?:\.[^.]+|\[\d+\])$/u, '')
  return up === path ? undefined : (origins.get(up) ?? nearestOrigin(up, origins))
}
