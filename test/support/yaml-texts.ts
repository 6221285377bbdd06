import { oneOf, randomFrom, type Random } from './random.ts'

/** Pieces of YAML that readers of it disagree about, put together at random. */
const SCALARS = [
  ...['yes', 'off', '~', '', 'null', '0644', '0o17', '08', '1_000', '1__0', '1e3', '.5', '-0b11', '0x1F', '+5', '-'],
  ...['12:30:45', '2026-11-21', '1.10', 'y', 'N', '1e400', '_1', '=', '<<', '0b2', '9007199254740993', '.inf_', 'é'],
  ...['"q"', "'it''s'", '"a\\nb"', '"tab\there"', '"\\u00e9"', 'x"y', 'a#b', 'a # c', 'http://a:80/', '&z 5', '%x'],
  ...['!!binary aGVsbG8=', '!foo bar', '!!str 5', '! 6', '! "7"', '!!int "8"', '!!float 3', '!!null ~'],
  ...['"multi\nline"', "'multi\n\nline'", '"esc \\\n  cont"', '"a\r\n b"', 'plain\n      more', '"ends\n\n"'],
  ...['|\n      lit\n       eral\n', '>-\n      fol\n      ded\n\n      x\n', '|2\n      ind\n', '|+\n      keep\n\n'],
  ...['[a, b]', '{a: b}', '{a:1}', '{"a":1}', '{a, b: }', '[a: 1, b]', "[\"it's\", 'b', c d]", '!!set {a, b}', '[\n]'],
  ...['{\n"x": 1,\n"y": [1,\n2]\n}', '{"k": "v # no", l: m} # c', '[a,\n# comment\nb]', '\t5'],
]
const WRONG = ['- a', '@x', '*nope', '{{x}}', '"', "'x", '[', '}', ',a', '`x`', 'a: ', '? a']
const KEYS = [
  'a',
  'b',
  'c',
  '"d"',
  "'e'",
  'f',
  'g h',
  'on',
  'true',
  '1',
  '0x10',
  '1.5',
  '_',
  '<<',
  '!!str i',
  'k:l',
  '&k k',
]
const ENDS = ['\n', '\n', '\n', '\n', '\r\n', '\n\n', '\n# c\n', ' \n', '\n   # d\n']
const COLONS = [':', ':', ':', ':', ' :', ':\t']

/** That many texts, of which most are YAML. */
export function yamlTexts(seed: number, count: number): string[] {
  const random = randomFrom(seed)
  return Array.from({ length: count }, () => {
    const begin = random() < 0.3 ? 'z: &z { m: 1, o: 2 }\n' : ''
    return `${begin}${block(random, 0, 0)}`
  })
}

function block(random: Random, indent: number, depth: number): string {
  const pad = ' '.repeat(indent)
  const isList = random() < 0.3
  const lines = Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
    const head = isList ? '-' : `${oneOf(random, KEYS)}${oneOf(random, COLONS)}`
    return `${pad}${head}${value(random, indent, depth)}${oneOf(random, ENDS)}`
  })
  return lines.join('')
}

function value(random: Random, indent: number, depth: number): string {
  if (depth < 3 && random() < 0.3) {
    const inner = block(random, indent + oneOf(random, [2, 2, 2, 2, 4, 1]), depth + 1)
    return `${oneOf(random, ['\n', '\n', ' # c\n', ' &q\n', ' !t\n', '\n\n'])}${inner.replace(/\n$/u, '')}`
  }
  return ` ${oneOf(random, random() < 0.01 ? WRONG : SCALARS)}`
}
