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
