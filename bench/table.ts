export interface Measured {
  readonly what: string
  /** Median. */
  readonly seconds: number
  /** docs/design.md, "Speed". */
  readonly bound?: number
  /** The figure beside which it is seen in the same run: that of a bare helm, or `of`. */
  readonly against?: number
  readonly of?: string
}

/** Prints one line of the table and gives it back. */
export function row(measured: Measured): Measured {
  const { what, seconds, bound, against, of = 'helm' } = measured
  const limit = bound === undefined ? '' : `bound ${bound.toFixed(2)} ${seconds <= bound ? 'kept' : 'MISSED'}`
  const ratio = against === undefined || against === 0 ? '' : `${(seconds / against).toFixed(2)} × ${of}`
  console.log([what.padEnd(52), seconds.toFixed(2).padStart(7), limit.padEnd(20), ratio].join('  ').trimEnd())
  return measured
}
