export interface Measured {
  readonly what: string
  /** Median. */
  readonly seconds: number
  /** docs/design.md, "Speed". */
  readonly bound?: number
  /** The figure beside which it is seen: a bare helm in the same run. */
  readonly against?: number
}

/** Prints one line of the table and gives it back. */
export function row(measured: Measured): Measured {
  const { what, seconds, bound, against } = measured
  const limit = bound === undefined ? '' : `bound ${bound.toFixed(2)} ${seconds <= bound ? 'kept' : 'MISSED'}`
  const ratio = against === undefined || against === 0 ? '' : `${(seconds / against).toFixed(2)} × helm`
  console.log([what.padEnd(52), seconds.toFixed(2).padStart(7), limit.padEnd(20), ratio].join('  ').trimEnd())
  return measured
}
