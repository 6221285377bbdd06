import type { ValuePath } from '../config/value-path.ts'
import { leavesOf, lookUp, type Layer, type PatchEntry } from './layers.ts'
import type { JsonMap, WholeNumber } from './model.ts'

const MOST = 2n ** 63n - 1n
const LEAST = -(2n ** 63n)

/** The digits of a text that helm's `--set` takes for a whole number (strconv.ParseInt, and no leading zero but `0`). */
export function wholeDigits(text: string): string | undefined {
  if (!/^(?:0|[-+]\d+|[1-9]\d*)$/u.test(text)) return undefined
  const value = BigInt(text.replace(/^\+/u, ''))
  return value >= LEAST && value <= MOST ? value.toString() : undefined
}

/**
 * The whole numbers among single values (`set`, `--set`) that no later layer replaces. In a values file helm reads every
 * number as a float, and prints 20261126 as 2.0261126e+07; what `--set` gives is a whole number for it, so these must
 * reach helm as it gives them.
 */
export function wholeNumbers(layers: readonly Layer[]): WholeNumber[] {
  let found: WholeNumber[] = []
  for (const layer of layers) {
    if (layer.kind === 'tree') found = found.filter(({ path }) => lookUp(layer.value, path) === undefined)
    else
      for (const entry of layer.entries) {
        const left = found.filter(({ path }) => !isAbove(entry.path, path) && !isAbove(path, entry.path))
        found = [...left, ...wholeIn(entry)]
      }
  }
  return found
}

/** All of them: helm's record of a release does not tell which of its numbers came as floats. */
export function wholeNumbersIn(values: JsonMap): WholeNumber[] {
  return wholeIn({ path: [], value: values })
}

/** As the argument of helm's `--set`; a backslash makes any character a part of its key (pkg/strvals). */
export function setArgument(numbers: readonly WholeNumber[]): string {
  return numbers.map(({ path, digits }) => `${setPath(path)}=${digits}`).join(',')
}

function wholeIn({
  path,
  value,
  digits,
  isPrivate = false,
  floats = false,
}: Omit<PatchEntry, 'origin'>): WholeNumber[] {
  if (isPrivate || floats) return []
  if (digits !== undefined) return [{ path, digits }]
  return leavesOf(value, path).flatMap((leaf): WholeNumber[] => {
    const inner = lookUp(value, leaf.slice(path.length))?.value
    // helm skips a value whose key is empty.
    if (typeof inner !== 'number' || !Number.isSafeInteger(inner) || leaf.includes('')) return []
    return [{ path: leaf, digits: String(inner) }]
  })
}

function isAbove(above: ValuePath, path: ValuePath): boolean {
  return above.every((part, index) => part === path[index])
}

export function setPath(path: ValuePath): string {
  return path
    .map((part, at) => {
      if (typeof part === 'number') return `[${part}]`
      return `${at === 0 ? '' : '.'}${part.replaceAll(/[^\w-]/gu, '\\$&')}`
    })
    .join('')
}
