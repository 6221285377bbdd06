import { keyOf, type KubeObject } from '../../domain/kube.ts'
import type { MovedValue } from '../../domain/init/kept-values.ts'
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
  const render = async (wholeNumbers: readonly WholeNumber[]): Promise<Rendered[]> => {
    const request = { release: name, namespace, chart: { chart }, values: given, wholeNumbers, ...rendered, ...capable }
    return parseManifest(await charts.render(request, signal), namespace, isNamespaced(resources))
  }
  const written = readManifest(wholeText(record), namespace, isNamespaced(resources)).rendered
  const previous = new Map(written.map(({ object }): [string, KubeObject] => [keyOf(object), object]))
  const hidden = new Set(moved.map(({ path }) => pathKey(path)))
  const all = wholeNumbersIn(given)
  const own = all.filter(({ path }) => hidden.has(pathKey(path)))
  const open = all.filter(({ path }) => !hidden.has(pathKey(path)))
  const large = open.filter(({ digits }) => Math.abs(Number(digits)) >= PRINTS_AS_FLOAT)
  let first: string[] | undefined
  // A record does not tell which of its numbers came by --set, and so were whole.
  for (const numbers of [[], large, open]) {
    if (first !== undefined && numbers.length === 0) continue
    const once = await render([...own, ...numbers])
    const other = otherThan(written, once)
    if (other.length === 0) return { numbers, ignoreVolatile: false }
    const twice = otherThan(written, settled(once, await render([...own, ...numbers]), previous))
    if (twice.length === 0) return { numbers, ignoreVolatile: true }
    first ??= twice
  }
  throw unlike(release, first ?? [])
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
