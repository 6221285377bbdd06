const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 }

/** Units from large to small, as Go writes them, so that `1h30m` and helm's own timeouts read the same. */
export const DURATION = /^(?=\d)(?:\d+(?:\.\d+)?h)?(?:\d+(?:\.\d+)?m(?!s))?(?:\d+(?:\.\d+)?s)?(?:\d+ms)?$/u

/** Milliseconds of `3m`, `90s`, `1h30m`, `1.5s`, `500ms`; undefined when the text is none or is zero. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[hms])/gu)]
  const total = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? 0), 0)
  return total > 0 ? Math.round(total) : undefined
}
