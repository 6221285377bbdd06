import type { Setting } from '../../src/domain/values/settings.ts'
import { joined, oneOf, randomFrom, type Random } from './random.ts'

/** One question to helm's parser: what do these values become with this setting? */
export interface Question extends Setting {
  readonly base: Readonly<Record<string, unknown>>
  /** With pieces that nobody would write: forge may refuse what helm passes over without a word. */
  readonly isOdd: boolean
}

const KEYS = ['a', 'b', 'c', 'a.b', 'a.c.d', 'a[0]', 'a[1].b', 'b[2]', 'b[0][1]', 'x\\.y', 'l', 'l[3]', 'm.k', 'n', 's']
const ODD_KEYS = ['', '.', '[0]', 'a..b', 'a[x]', 'a[1]b', 'a[', 'a]', ' a', 'a\\=b', 'a\\,b', 'é', 'a[65537]', 'k:l']
const TEXTS = [
  ...[
    'x',
    '1',
    '0',
    '007',
    '-07',
    '+5',
    '-0',
    '20261126',
    '1234567',
    '1e5',
    '12e34567',
    '1.5',
    'true',
    'False',
    'NULL',
  ],
  ...[
    '9007199254740993',
    '9223372036854775808',
    '',
    ' ',
    'a\\,b',
    'a\\\\b',
    'x{y',
    'x}y',
    '=',
    'a=b',
    '{x}',
    '{}',
    '{a,1}',
  ],
  ...[
    '{a\\,b,null}',
    '{a',
    '{a}b',
    '{a},',
    '{{a}}',
    '\\',
    'a\\',
    '\\{a}',
    '"q"',
    '[1]',
    '~',
    '.inf',
    'é',
    '0x1F',
    '1_000',
  ],
]
const JSON_TEXTS = [
  ...[
    '1',
    '-0.5',
    '1e3',
    '20261126',
    '"x"',
    '"a,b"',
    'true',
    'null',
    '[]',
    '{}',
    '[1,{"a":2}]',
    '{"a":{"b":[null]}}',
    '',
  ],
  ...[' 1 ', ' {"a" : 1} ', '"\\u00e9\\n"', 'x', '{', '[1', '"a', '01', '1e999', '"a" b=2'],
]
const BASES = [
  '{}',
  '{}',
  '{"a":{"b":1,"c":{"d":"x"}},"l":[1,2],"s":"text"}',
  '{"a":[{"b":1}],"m":{"k":null},"n":null}',
]

export function setQuestions(seed: number, count: number): Question[] {
  const random = randomFrom(seed)
  const flags = ['--set', '--set', '--set', '--set-string', '--set-json', '--set-file'] as const
  return Array.from({ length: count }, () => {
    const flag = oneOf(random, flags)
    const base = JSON.parse(oneOf(random, BASES)) as Question['base']
    const isOdd = random() < 0.2
    const alone = flag === '--set-json' && random() < 0.2 ? oneOf(random, JSON_TEXTS) : undefined
    const text = alone ?? assignments(random, flag, isOdd)
    return { base, flag, text, isOdd: isOdd || (alone !== undefined && !alone.includes('{')) }
  })
}

const PIECES = ['a', ',', '=', '{', '}', '\\', '.', '[', ']', ' ', '1']

function assignments(random: Random, flag: Setting['flag'], isOdd: boolean): string {
  const one = (): string => {
    const key = isOdd && random() < 0.3 ? oneOf(random, ODD_KEYS) : oneOf(random, KEYS)
    const likely = oneOf(random, flag === '--set-json' ? JSON_TEXTS : TEXTS)
    return `${key}=${isOdd && random() < 0.3 ? joined(random, PIECES, 8) : likely}`
  }
  return Array.from({ length: 1 + Math.floor(random() * 3) }, one).join(oneOf(random, [',', ',', ',', ', ', ';']))
}
