import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { withTexts, type MovedValue } from '../../domain/init/kept-values.ts'
import { otherThan } from '../../domain/init/same-manifest.ts'
import { parseManifest, readManifest, type Rendered } from '../../domain/manifest/parse.ts'
import { wholeText } from '../../domain/manifest/record.ts'
import { pathKey } from '../../domain/config/path.ts'
import { settled } from '../../domain/plan/volatile.ts'
import type { JsonMap, WholeNumber } from '../../domain/values/model.ts'
import { wholeNumbersIn } from '../../domain/values/whole-numbers.ts'
import { ForgeError } from '../../errors.ts'
import { helm } from '../../hint.ts'
import type { Charts } from '../../ports.ts'
import { apiVersionsOf } from '../desire/render.ts'
import { isNamespaced } from '../observe/kinds.ts'
import type { KeptRelease, ReleaseCluster } from './kept-release.ts'

export interface Proven {
  /** Those that the values file cannot give. */
  readonly numbers: readonly WholeNumber[]
  readonly ignoreVolatile: boolean
  readonly asTexts: boolean
}

interface Scene {
  readonly release: KeptRelease
  readonly given: JsonMap
  readonly moved: readonly MovedValue[]
  /** A folder or an archive of this machine. */
  readonly chart: string
}

/** From here on a float prints as one: 1e+06. */
const PRINTS_AS_FLOAT = 1_000_000

/**
 * Renders the chart with the values as forge.yaml will give them, and holds that against what helm wrote: nothing is taken for
 * the same that was not rendered. Throws E_INIT_RENDER, and what helm throws.
 */
export async function proveSame(
  { release, given, moved, chart }: Scene,
  { cluster, charts, signal }: { cluster: ReleaseCluster; charts: Pick<Charts, 'render'>; signal: AbortSignal },
): Promise<Proven> {
  const { name, namespace, record, rendered } = release
  const [version, resources] = await Promise.all([cluster.version(signal), cluster.resources(signal)])
  const capable = { kubeVersion: version.gitVersion, apiVersions: apiVersionsOf({ resources }) }
  const written = readManifest(wholeText(record), namespace, isNamespaced(resources)).rendered
  const previous = new Map(written.map(({ object }): [string, KubeObject] => [keyOf(object), object]))
  const others = async (way: Way): Promise<{ readonly once: string[]; readonly settled: string[] }> => {
    const request = { release: name, namespace, chart: { chart }, ...way, ...rendered, ...capable }
    const render = async (): Promise<Rendered[]> =>
      parseManifest(await charts.render(request, signal), namespace, isNamespaced(resources))
    const first = await render()
    const once = otherThan(written, first)
    return { once, settled: once.length === 0 ? [] : otherThan(written, settled(first, await render(), previous)) }
  }
  let told: string[] | undefined
  for (const { numbers, asTexts, ...way } of waysToGive(given, moved)) {
    const found = await others(way)
    if (found.settled.length === 0) return { numbers, asTexts, ignoreVolatile: found.once.length > 0 }
    told ??= found.settled
  }
  throw unlike(release, told ?? [])
}

interface Way {
  readonly values: JsonMap
  readonly wholeNumbers: readonly WholeNumber[]
}

/** A record does not tell which of its numbers came by --set, and so were whole: none first, then those that print otherwise, then all. */
function waysToGive(given: JsonMap, moved: readonly MovedValue[]): (Way & Omit<Proven, 'ignoreVolatile'>)[] {
  const numbered = moved.filter(({ isText }) => !isText)
  const hidden = new Set(moved.map(({ path }) => pathKey(path)))
  const all = wholeNumbersIn(given)
  const open = all.filter(({ path }) => !hidden.has(pathKey(path)))
  const large = open.filter(({ digits }) => Math.abs(Number(digits)) >= PRINTS_AS_FLOAT)
  const choices = [[], ...(large.length === 0 ? [] : [large]), ...(open.length === large.length ? [] : [open])]
  const own = all.filter(({ path }) => hidden.has(pathKey(path)))
  const texts = choices.map((numbers) => ({
    ...{ values: withTexts(given, numbered), wholeNumbers: numbers, numbers, asTexts: true },
  }))
  if (numbered.length === 0) return texts
  return [
    ...texts,
    ...choices.map((numbers) => ({
      ...{ values: given, wholeNumbers: [...own, ...numbers], numbers, asTexts: false },
    })),
  ]
}

function unlike({ name, namespace, record }: KeptRelease, others: readonly string[]): ForgeError {
  const [first = '', ...more] = others
  const rest = more.length === 0 ? '' : ` (and ${more.length} more)`
  const text = `the chart of release ${name}, with the values of revision ${record.revision}, does not render what helm wrote: ${first}${rest}`
  return new ForgeError('E_INIT_RENDER', text, {
    hint: helm(['get', 'manifest', name], namespace),
    where: `release ${name}, namespace ${namespace}`,
    problems: others.map((message) => ({ message, where: `release ${name}` })),
  })
}
