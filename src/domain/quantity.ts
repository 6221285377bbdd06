/**
 * Kubernetes quantities (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/): a signed decimal
 * with a binary suffix (Ki … Ei), a decimal one (n u m k M G T P E) or an exponent (e3).
 */
const DIVISORS: Readonly<Record<string, number>> = { n: 1e9, u: 1e6, m: 1e3 }

const FACTORS: Readonly<Record<string, number>> = {
  ...{ '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
}

const FORM = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]?))$/u

/** The number of units (cores, bytes), or undefined when the text is no quantity. */
export function parseQuantity(text: string | number): number | undefined {
  const match = FORM.exec(String(text).trim())
  if (match === null) return undefined
  const [, digits = '', exponent, suffix = ''] = match
  if (exponent !== undefined) return Number(`${digits}e${exponent}`)
  const divisor = DIVISORS[suffix]
  // Dividing keeps 1100m equal to 1.1; multiplying by 0.001 does not.
  return divisor === undefined ? Number(digits) * (FACTORS[suffix] ?? 1) : Number(digits) / divisor
}

/** Negative, zero or positive, for sorting; undefined when one of them is no quantity. */
export function compareQuantities(one: string | number, other: string | number): number | undefined {
  const [a, b] = [parseQuantity(one), parseQuantity(other)]
  if (a === undefined || b === undefined) return undefined
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)) ? 0 : a - b
}

/** Cores for people, at most two decimals: `8.5`, `0.25`. */
export function formatCpu(cores: number): string {
  return String(round(cores))
}

/** Bytes for people, in the largest binary unit that keeps the number at 1 or more: `8.5Gi`, `512Mi`, `0`. */
export function formatBytes(bytes: number): string {
  const units = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki']
  const unit = units.find((name) => Math.abs(bytes) >= (FACTORS[name] ?? 1))
  return unit === undefined ? String(round(bytes)) : `${round(bytes / (FACTORS[unit] ?? 1))}${unit}`
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
