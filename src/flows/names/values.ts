import type { Image, Release } from '../../domain/config/model.ts'
import type { Position } from '../../domain/config/position.ts'
import { showValuePath, type ValuePath } from '../../domain/config/value-path.ts'
import type { Findings } from '../../domain/names/objects.ts'
import type { ValueUses } from '../../domain/names/value-uses.ts'
import { lookUp, mergeLayers } from '../../domain/values/layers.ts'
import type { JsonMap } from '../../domain/values/model.ts'
import { ForgeError } from '../../errors.ts'

/** One release as it is about to be deployed. */
export interface NamedRelease {
  readonly release: Release
  readonly values: JsonMap
  readonly manifest: string
  /** The same chart with other values. */
  readonly render: (values: JsonMap) => Promise<string>
  /** What the live release was given: its paths have been looked at. Undefined: not deployed yet. */
  readonly given: JsonMap | undefined
  /** What its templates say. Undefined: the chart is no folder. */
  readonly uses: ValueUses | undefined
}

/** No chart has it by itself; a valid image reference, because a chart may take it to pieces. */
const MARK = 'forge-looks'
const PROBE = `${MARK}.invalid/${MARK}/image:${MARK}`

/**
 * An image that is built, and whose reference no template takes, would never run. What templates say decides; where they
 * say nothing of the path (its name is put together, or the chart is no folder) it is tried.
 */
export async function checkImagePath(
  name: string,
  path: ValuePath,
  at: Position,
  one: NamedRelease,
): Promise<Findings> {
  if (await isTaken(path, one, (manifest) => manifest.includes(MARK))) return { problems: [], warnings: [] }
  const shown = showValuePath(path)
  const what = `images.${name} is handed to the value ${shown}, which no template of release ${one.release.name} takes`
  return { problems: [{ message: `${what}${meant(path, one)}`, at }], warnings: [] }
}

export async function checkSetPath(path: ValuePath, at: Position, one: NamedRelease): Promise<Findings> {
  const known = one.uses?.hasDefault(path) === true
  if (known || (await isTaken(path, one, (manifest) => manifest !== one.manifest)))
    return { problems: [], warnings: [] }
  const shown = showValuePath(path)
  const what = `set names the value ${shown}, which neither the defaults nor a template of release ${one.release.name} know`
  return { problems: [], warnings: [{ message: `${what}${meant(path, one)}`, at }] }
}

async function isTaken(path: ValuePath, one: NamedRelease, seen: (manifest: string) => boolean): Promise<boolean> {
  const { uses, given, values, render } = one
  if (uses === undefined && given !== undefined && lookUp(given, path)?.depth === path.length) return true
  if (uses !== undefined && uses.speaksOf(path) !== 'no') return true
  try {
    const origin = { kind: 'flag', text: 'probe' } as const
    return seen(await render(withValue(values, path, origin)))
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error
    // A chart that cannot be rendered with it does take it.
    return true
  }
}

function withValue(
  values: JsonMap,
  path: ValuePath,
  origin: { readonly kind: 'flag'; readonly text: string },
): JsonMap {
  const tree = { kind: 'tree', value: values, originOf: () => origin } as const
  return mergeLayers([tree, { kind: 'patch', entries: [{ path, value: PROBE, origin }] }]).values
}

function meant(path: ValuePath, { uses }: NamedRelease): string {
  const near = uses?.nearest(path)
  return near === undefined || near === showValuePath(path) ? '' : `; did you mean "${near}"?`
}

export function targetsOf({ images, release }: { readonly images: readonly Image[]; readonly release: Release }) {
  return images.flatMap(({ name, to }) =>
    to.filter((target) => target.release === release.name).map(({ path, at }) => ({ name, path, at })),
  )
}
