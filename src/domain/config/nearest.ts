import { closest, distance } from 'fastest-levenshtein'

/** The known word that was probably meant, or undefined when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined
  const typed = word.toLowerCase()
  const candidate = closest(
    typed,
    known.map((one) => one.toLowerCase()),
  )
  const original = known.find((one) => one.toLowerCase() === candidate)
  const apart = distance(typed, candidate)
  // Two letters that changed places are a distance of two; of a short word, two other letters make another word.
  if (apart > 1 && word.length <= 4) return known.find((one) => lettersOf(one) === lettersOf(word))
  return apart <= Math.max(2, Math.ceil(word.length / 3)) ? original : undefined
}

function lettersOf(word: string): string {
  return Array.from(word.toLowerCase()).sort().join('')
}

/** `; did you mean "chart"?`, or which ones there are, or nothing. */
export function suggestion(word: string, known: readonly string[]): string {
  const meant = nearest(word, known)
  if (meant !== undefined) return `; did you mean "${meant}"?`
  return known.length > 0 && known.length <= 14 ? `; there is ${known.map((one) => `"${one}"`).join(', ')}` : ''
}
