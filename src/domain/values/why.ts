import { isMap } from '../config/path.ts'
import { showLine } from '../config/position.ts'
import { parseValuePath, showValuePath } from '../config/value-path.ts'
import type { Json, Origin, Origins, Provenance } from './model.ts'
import { textOf } from './text-of.ts'

export interface Why {
  readonly path: string
  readonly won: Provenance
  readonly overrode: readonly Provenance[]
}

/**
 * Where the values at a path, or below it, come from: what a template gets there. `defaults` are the chart's own; they lose
 * against all. A null, or another value that stands above the path, speaks for it.
 */
export function explainWhy(path: string, origins: Origins, defaults: Origins): Why[] {
  const parsed = parseValuePath(path)
  const wanted = parsed === undefined ? path : showValuePath(parsed)
  const own = [...origins].filter(([candidate]) => isWithin(candidate, wanted))
  const above = [...origins].filter(
    ([candidate, [{ value }]]) => candidate !== wanted && isWithin(wanted, candidate) && !isMap(value),
  )
  const fromChart = [...defaults].filter(([candidate]) => isWithin(candidate, wanted))
  return [
    ...[...above, ...own.filter(([candidate, [{ value }]]) => !isMap(value) || !isFilled(candidate, defaults))].map(
      ([candidate, [won, ...overrode]]) => ({
        path: candidate,
        won,
        overrode: [...overrode, ...(defaults.get(candidate) ?? [])],
      }),
    ),
    ...fromChart
      .filter(([candidate]) => !isReplaced(candidate, origins))
      .map(([candidate, [won, ...overrode]]) => ({ path: candidate, won, overrode })),
  ]
}

/** Is it the same path, or one below? */
function isWithin(candidate: string, above: string): boolean {
  return candidate === above || candidate.startsWith(`${above}.`) || candidate.startsWith(`${above}[`)
}

/** An empty map gets what the chart has below it. */
function isFilled(path: string, defaults: Origins): boolean {
  return [...defaults.keys()].some((candidate) => candidate.startsWith(`${path}.`))
}

/** A default does not count any more at, above or below what forge's layers give; maps are merged, all else is replaced. */
function isReplaced(candidate: string, origins: Origins): boolean {
  for (const [path, [{ value }]] of origins) {
    const list = path.indexOf('[')
    const replaced = list < 0 ? path : path.slice(0, list)
    if (isWithin(path, candidate)) return true
    if (isWithin(candidate, replaced) && (list >= 0 || !isMap(value))) return true
  }
  return false
}

export function showOrigin(origin: Origin): string {
  return origin.kind === 'flag' ? origin.text : showLine(origin.at)
}

export function showJson(value: Json): string {
  const line = textOf(value).replace(/\s+/gu, ' ')
  return line.length > 60 ? `${line.slice(0, 57)}...` : line
}
