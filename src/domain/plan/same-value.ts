import { parseQuantity } from '../quantity.ts'

/** Fields whose strings are quantities: `1000m` and `1` are the same CPU. */
const QUANTITY = /(?:^|\.)(?:requests|limits|capacity|hard|sizeLimit|min|max|default|defaultRequest)(?:\.|$)/u

/** Equal as the API server sees it: numbers written as strings, and quantities in another unit, are the same value. */
export function sameValue(one: unknown, other: unknown, path: string): boolean {
  if (one === other) return true
  if (isScalar(one) && isScalar(other)) {
    if (String(one) === String(other)) return true
    if (!QUANTITY.test(path)) return false
    const [left, right] = [parseQuantity(String(one)), parseQuantity(String(other))]
    return left !== undefined && left === right
  }
  return JSON.stringify(one) === JSON.stringify(other)
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
