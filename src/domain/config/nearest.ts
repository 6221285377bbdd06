import { closest, distance } from 'fastest-levenshtein'

/** The known word that was probably meant, or undefined when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined
  const candidate = closest(
    word.toLowerCase(),
    known.map((one) => one.toLowerCase()),
  )
  const original = known.find((one) => one.toLowerCase() === candidate)
  // Two letters that changed places are a distance of two.
  const limit = word.length < 3 ? 1 : Math.max(2, Math.ceil(word.length / 3))
  return distance(word.toLowerCase(), candidate) <= limit ? original : undefined
}

/** `; did you mean "chart"?`, or which ones there are, or nothing. */
export function suggestion(word: string, known: readonly string[]): string {
  const meant = nearest(word, known)
  if (meant !== undefined) return `; did you mean "${meant}"?`
  return known.length > 0 && known.length <= 12 ? `; there is ${known.map((one) => `"${one}"`).join(', ')}` : ''
}
