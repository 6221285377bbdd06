import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChartRef, Foreseen, RenderRequest } from '../../ports.ts'
import { isBundledDefinition, sourceOf } from '../../domain/manifest/parse.ts'
import type { Coming } from '../../domain/plan/coming.ts'
import { setArgument } from '../../domain/values/whole-numbers.ts'
import { inTemporaryFolder } from '../files/temporary.ts'
import type { Look } from '../kubernetes/look.ts'
import type { Helm } from './call.ts'
import { mapDocuments } from '../../domain/manifest/yaml.ts'
import { openStandIn } from './stand-in.ts'
import type { Traits } from './traits.ts'
import { expected, unlessItFails } from '../../expected.ts'

/** All values on stdin, and no others: given none, helm would take those of the revision before (pkg/action, reuseValues). */
export const VALUES = ['--values', '-', '--reset-values']

/**
 * An API server that knows `fieldValidation` (all since Kubernetes 1.27) checks objects itself: then both helms load its OpenAPI
 * documents only to find that out, and check nothing by them. Tried with unknown fields and wrong types: the same answers,
 * 0.2 s of work later (kubectl, NewParamVerifyingSchema).
 */
export const WITHOUT_SCHEMAS = '--disable-openapi-validation'

/**
 * Said once more as an argument: from any document, and from --set-json, helm reads floats, and 20261126 prints as
 * 2.0261126e+07; nothing but its own `--set` makes whole numbers (pkg/strvals; tried with helm 3.22 and 4.3).
 */
export function asWhole({ wholeNumbers = [] }: Pick<RenderRequest, 'wholeNumbers'>): string[] {
  return wholeNumbers.length === 0 ? [] : ['--set', setArgument(wholeNumbers)]
}

export interface Renderer {
  readonly helm: Helm
  /** The options that lead helm to the cluster; inside of one it needs none. */
  readonly cluster: readonly string[]
  readonly hasCluster: boolean
  /** May the chart ask the cluster while it renders? */
  readonly mayLookUp: boolean
  /** More options of every render. */
  readonly options: readonly string[]
  readonly traits: Pick<Traits, 'looksUp' | 'numbered' | 'brings' | 'hasDefinitions'>
}

type Way = (server: boolean) => Promise<string>

/** The manifest as helm would write it. */
export async function render(renderer: Renderer, request: RenderRequest, signal: AbortSignal): Promise<string> {
  const { hasCluster, traits, mayLookUp } = renderer
  const plain: Way = async (server) => await byTemplate(renderer, request, server, signal)
  if (!hasCluster) return await plain(false)
  const isNumbered = traits.numbered && request.isUpgrade
  const way: Way = isNumbered ? async (server) => await byUpgrade(renderer, request, server, signal) : plain
  if (traits.looksUp && mayLookUp) {
    // Without the right to read what it looks up, the render without a look says what it can, or what is really wrong.
    const asked = await unlessItFails(way(true), () => undefined)
    if (asked !== undefined) return asked
  }
  try {
    return await way(false)
  } catch (error) {
    // What is wrong with a chart `helm template` says in fewer words.
    if (isNumbered) await plain(false)
    throw error
  }
}

/** With lookups that find what is coming. Undefined: it cannot be rendered so; what is wrong, `render` says. */
export async function renderAfter(
  renderer: Renderer,
  request: RenderRequest,
  { look, coming }: { readonly look: Look; readonly coming: readonly Coming[] },
  signal: AbortSignal,
): Promise<Foreseen | undefined> {
  const { helm, traits } = renderer
  if (!traits.looksUp) return undefined
  const there = await openStandIn(look, coming, signal)
  try {
    const led: Renderer = {
      ...renderer,
      cluster: there.args,
      helm: async (args, options) => await helm(args, { ...options, env: { ...options.env, ...there.env } }),
    }
    const way = traits.numbered && request.isUpgrade ? byUpgrade : byTemplate
    const manifest = await way(led, request, true, signal)
    return { manifest, asked: there.asked() }
  } catch (error) {
    signal.throwIfAborted()
    expected(error)
    return undefined
  } finally {
    await there.close()
  }
}

/** Of a release that is installed too: helm itself prints them for an install alone. */
export async function definitions(renderer: Renderer, request: RenderRequest, signal: AbortSignal): Promise<string> {
  if (!renderer.traits.hasDefinitions) return ''
  const text = await byTemplate(renderer, { ...request, isUpgrade: false, crds: 'create' }, false, signal)
  let source = ''
  return mapDocuments(text, (document) => {
    source = sourceOf(document, source)
    return isBundledDefinition({ template: source }) ? document : '\n'
  })
}

async function byTemplate(
  { helm, cluster, traits, options }: Renderer,
  request: RenderRequest,
  server: boolean,
  signal: AbortSignal,
): Promise<string> {
  const way = server ? ['--dry-run=server', WITHOUT_SCHEMAS, ...cluster] : []
  const known = capabilities(request, traits.brings)
  const args = ['template', ...target(request), '--values', '-', ...asWhole(request), ...known, ...options, ...way]
  const { stdout } = await helm(args, { input: JSON.stringify(request.values), signal })
  return stdout
}

/**
 * The dry run of an upgrade from the revision before, which helm finds in its memory instead of in the cluster: the release
 * itself is not read, and what it has become does not matter (pkg/cmd, loadReleasesInMemory; tried with helm 3.22 and 4.3).
 */
async function byUpgrade(
  { helm, cluster, options }: Renderer,
  request: RenderRequest,
  server: boolean,
  signal: AbortSignal,
): Promise<string> {
  return await inTemporaryFolder('revision', async (folder) => {
    const file = join(folder, 'releases')
    await writeFile(file, JSON.stringify([revisionBefore(request)]))
    const dry = [`--dry-run=${server ? 'server' : 'client'}`, '--output', 'json', WITHOUT_SCHEMAS]
    const given = [...target(request), ...VALUES, ...asWhole(request), ...options]
    const { stdout } = await helm(['upgrade', ...given, ...dry, ...cluster], {
      input: JSON.stringify(request.values),
      signal,
      env: { HELM_DRIVER: 'memory', HELM_MEMORY_DRIVER_DATA: file },
    })
    return manifestOf(JSON.parse(stdout) as DryRun)
  })
}

function revisionBefore({ release, namespace, revision }: RenderRequest): unknown {
  const chart = { metadata: { name: release, version: '0.0.0' } }
  return { name: release, namespace, version: revision - 1, info: { status: 'deployed' }, chart }
}

interface DryRun {
  readonly manifest: string
  readonly hooks?: readonly { readonly path: string; readonly manifest: string }[]
}

/** As `helm template` prints it. */
function manifestOf({ manifest, hooks = [] }: DryRun): string {
  const others = hooks.map((hook) => `---\n# Source: ${hook.path}\n${hook.manifest.trim()}\n`)
  return `${manifest.trim()}\n${others.join('')}`
}

export function target(request: Pick<RenderRequest, 'release' | 'chart' | 'namespace'>): string[] {
  return [request.release, ...source(request.chart), '--namespace', request.namespace]
}

export function source({ chart, repository, version }: ChartRef): string[] {
  return [
    chart,
    ...(repository === undefined ? [] : ['--repo', repository]),
    ...(version === undefined ? [] : ['--version', version]),
  ]
}

/** What the templates see as .Capabilities; without a cluster helm's own defaults. */
function capabilities(
  { isUpgrade, kubeVersion, apiVersions = [], crds = 'create' }: RenderRequest,
  brings: readonly string[],
): string[] {
  const isBrought = crds === 'update' || (crds === 'create' && !isUpgrade)
  const known = isBrought ? [...apiVersions, ...brings] : apiVersions
  return [
    ...(isUpgrade ? ['--is-upgrade'] : []),
    // helm makes the definitions of crds/ in a first install only.
    ...(isBrought && !isUpgrade ? ['--include-crds'] : []),
    ...(kubeVersion === undefined ? [] : ['--kube-version', kubeVersion]),
    ...(known.length === 0 ? [] : ['--api-versions', known.join(',')]),
  ]
}
