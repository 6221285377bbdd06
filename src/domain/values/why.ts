import { showLine } from '../config/position.ts'
import { parseValuePath, showValuePath } from '../config/value-path.ts'
import type { Json, Origin, Origins, Provenance } from './model.ts'

export interface Why {
  readonly path: string
  readonly won: Provenance
  readonly overrode: readonly Provenance[]
}

/** Where the values at a path, or below it, come from. `defaults` are the chart's own; they lose against all. */
export function explainWhy(path: string, origins: Origins, defaults: Origins): Why[] {
  const parsed = parseValuePath(path)
  const wanted = parsed === undefined ? path : showValuePath(parsed)
  const under = (candidate: string): boolean =>
    candidate === wanted || candidate.startsWith(`${wanted}.`) || candidate.startsWith(`${wanted}[`)
  const own = [...origins].filter(([candidate]) => under(candidate))
  const fromChart = [...defaults].filter(([candidate]) => under(candidate))
  const shadowed = new Set(own.map(([candidate]) => candidate))
  return [
    ...own.map(([candidate, [won, ...overrode]]) => ({
      path: candidate,
      won,
      overrode: [...overrode, ...(defaults.get(candidate) ?? [])],
    })),
    ...fromChart
      .filter(([candidate]) => !shadowed.has(candidate) && !isReplaced(candidate, origins))
      .map(([candidate, [won, ...overrode]]) => ({ path: candidate, won, overrode })),
  ]
}

/** A default below something that forge's layers replace as a whole (a list, a scalar, null) does not count any more. */
function isReplaced(candidate: string, origins: Origins): boolean {
  for (const path of origins.keys()) {
    const list = path.indexOf('[')
    const replaced = list < 0 ? path : path.slice(0, list)
    if (
      (list >= 0 && candidate === replaced) ||
      candidate.startsWith(`${replaced}[`) ||
      (list < 0 && candidate.startsWith(`${path}.`))
    )
      return true
  }
  return false
}

export function showOrigin(origin: Origin): string {
  return origin.kind === 'flag' ? origin.text : showLine(origin.at)
}

export function showJson(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const line = text.replace(/\s+/gu, ' ')
  return line.length > 60 ? `${line.slice(0, 57)}...` : line
}
