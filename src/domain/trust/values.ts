import type { CodedProblem } from '../config/problems.ts'
import { lookupsIn } from '../helm/template.ts'
import type { Json, Origins } from '../values/model.ts'

/** A chart may take a value for a template (`tpl`), and its name too: what `--untrusted` refuses in both. */
export function refusedValues(origins: Origins, release: string): CodedProblem[] {
  return [...origins].flatMap(([path, [{ origin, value }]]) => {
    if (![path, ...textsIn(value)].some((text) => lookupsIn(text).length > 0)) return []
    const message = `would ask the cluster for any object (lookup in a value of release ${release})`
    return [{ code: 'E_UNTRUSTED' as const, message, ...(origin.kind === 'file' ? { at: origin.at } : {}) }]
  })
}

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [key, ...textsIn(inner)])
    : []
}
