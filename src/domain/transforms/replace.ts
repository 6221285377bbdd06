import { distance } from 'fastest-levenshtein'
import type { Position, Problem } from '../config/position.ts'

const LONGEST_SHOWN = 60

/**
 * Replaces a text wherever it stands. One that is not there is a problem, which shows the line that comes nearest: a file
 * that has changed must not go out as it is because nobody noticed.
 */
export function replaceText(
  text: string,
  wanted: string,
  by: string,
  file: string,
): { text: string; problems: readonly Problem[] } {
  if (text.includes(wanted)) return { text: text.replaceAll(wanted, () => by), problems: [] }
  const nearest = nearestLine(text, wanted)
  const at: Position = { file, line: nearest?.line ?? 1, column: 1 }
  const hint = nearest === undefined ? 'the file is empty' : `the nearest line is ${shown(nearest.text)}`
  return { text, problems: [{ message: `${shown(wanted)} is not in it, so it cannot be replaced; ${hint}`, at }] }
}

function nearestLine(text: string, wanted: string): { line: number; text: string } | undefined {
  const [first = ''] = wanted.split('\n').filter((line) => line.trim() !== '')
  const lines = text.split('\n').map((line, index) => ({ line: index + 1, text: line }))
  const scored = lines
    .filter((one) => one.text.trim() !== '')
    .map((one) => ({ ...one, far: distance(one.text.trim(), first.trim()) }))
  return scored.sort((a, b) => a.far - b.far)[0]
}

function shown(text: string): string {
  const [line = '', ...more] = text.trim().split('\n')
  const cut = line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN - 1)}…` : line
  return JSON.stringify(cut) + (more.length > 0 ? ' …' : '')
}
