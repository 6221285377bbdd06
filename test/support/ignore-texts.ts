import { joined, oneOf, randomFrom, type Random } from './random.ts'

export interface IgnoreQuestion {
  /** Of a .dockerignore. */
  readonly text: string
  readonly paths: readonly string[]
}

const NAMES = ['a', 'b', 'ab', 'a.b', '.a', 'é', 'a b', 'a^b', 'b]', '-']
const PIECES = [
  ...['a', 'b', 'ab', '.', '/', '/', '*', '*', '**', '**/', '/**', '?', '[ab]', '[^a]', '[a-b]', '\\*', '\\a'],
  ...['!', '^', '$', '(', '+', ']', '[', '[*]', '[-]', 'é', ' ', '..', '{a,b}'],
]

export function ignoreQuestions(seed: number, count: number): IgnoreQuestion[] {
  const random = randomFrom(seed)
  return Array.from({ length: count }, () => ({
    text:
      oneOf(random, ['', '', '', '\uFEFF']) +
      Array.from({ length: 1 + Math.floor(random() * 4) }, () => lineOf(random)).join(oneOf(random, ['\n', '\r\n'])),
    paths: Array.from({ length: 6 }, () => pathOf(random)),
  }))
}

function lineOf(random: Random): string {
  const before = oneOf(random, ['', '', '', '', '!', '!', '#', ' ', '/', '! /'])
  return `${before}${random() < 0.4 ? pathOf(random) : joined(random, PIECES, 5)}`
}

function pathOf(random: Random): string {
  return Array.from({ length: 1 + Math.floor(random() * 3) }, () => oneOf(random, NAMES)).join('/')
}
