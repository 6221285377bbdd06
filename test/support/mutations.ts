import fc from 'fast-check'
import { parse, stringify } from 'yaml'

/** One change of a document. `at` and `to` are places in it, from 0 to 1, so that a change means something in any document. */
export interface Edit {
  readonly kind: 'delete' | 'repeat' | 'insert' | 'flip' | 'swap' | 'cut' | 'nest' | 'value' | 'key' | 'drop'
  readonly at: number
  readonly to: number
  readonly piece: string
  readonly value: unknown
}

/** What parsers trip over: signs of every syntax here, ends of lines, names of the language's own, letters that count as two. */
const PIECES = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    ':',
    ': ',
    ',',
    '-',
    '- ',
    '?',
    '!',
    '&a',
    '*a',
    '<<',
    '<<: *a',
    '|',
    '>',
    '%',
    '@',
    '`',
  ],
  ...[
    '"',
    "'",
    '\\',
    '\\"',
    '\\x',
    '\\u12',
    '$',
    '${',
    '${A',
    '${A:-',
    '$$',
    '{{',
    '}}',
    '#',
    ' #',
    '=',
    '==',
    ';',
    '~',
    '^',
    '/',
  ],
  ...[
    '\n',
    '\r',
    '\r\n',
    '\t',
    ' ',
    '\n\n---\n',
    '\n...\n',
    '\0',
    '\u001B[31m',
    '\u2028',
    '\u00A0',
    '\uFEFF',
    '\uD800',
    '😀',
    'é',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'null',
    'true',
    'yes',
    '.nan',
    '1e400',
    '-0',
    '0x',
    '08',
    '1_0',
    '::1',
    '0.0.0.0/0',
  ],
  ...[
    '!!binary x',
    '!!set',
    '!!js/function',
    '!!timestamp 2026-99-99',
    '-----BEGIN PRIVATE KEY-----',
    '../../',
    'file://',
    'host all all',
  ],
]
const VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    Number.MAX_SAFE_INTEGER + 2,
    '',
    ' ',
    'x',
    '0',
    '__proto__',
    '{{ x }}',
    '${A}',
    '\0',
    '\uD800',
  ],
  ...[
    [],
    {},
    [null],
    [[]],
    [{}],
    { '': '' },
    { __proto: 1 },
    { name: null },
    [1, 'a', {}],
    ['a', 'a'],
    { a: { b: { c: [] } } },
  ],
  ...[
    'x'.repeat(5000),
    Array.from({ length: 200 }, () => 'x'),
    '2026-13-45T99:99:99Z',
    '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----',
  ],
]

/** Evenly: fast-check's own fractions are mostly tiny. */
const place = fc.nat(99_999).map((part) => part / 100_000)

export const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom(
    'delete',
    'repeat',
    'insert',
    'insert',
    'flip',
    'swap',
    'cut',
    'nest',
    'value',
    'value',
    'value',
    'key',
    'drop',
  ),
  at: place,
  to: place,
  piece: fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 6 })),
  value: fc.constantFrom(...VALUES),
})

/** The document after the edits. Those of its values and keys need one that can be parsed; what cannot is changed as text. */
export function edited(text: string, edits: readonly Edit[]): string {
  return edits.reduce((current, one) => (isOfTree(one) ? inTree(current, one) : inText(current, one)), text)
}

function isOfTree({ kind }: Edit): boolean {
  return kind === 'value' || kind === 'key' || kind === 'drop'
}

function inText(text: string, { kind, at, to, piece }: Edit): string {
  const [from, until] = [Math.floor(Math.min(at, to) * text.length), Math.floor(Math.max(at, to) * text.length)]
  const part = text.slice(from, Math.min(until, from + 400))
  if (kind === 'delete') return text.slice(0, from) + text.slice(from + part.length)
  if (kind === 'repeat') return text.slice(0, from) + part.repeat(1 + Math.floor(to * 20)) + text.slice(from)
  if (kind === 'swap') return text.slice(0, from) + text.slice(until) + text.slice(from, until)
  if (kind === 'cut') return text.slice(0, until)
  if (kind === 'nest') return text.slice(0, from) + piece.repeat(Math.floor(to * 3000)) + text.slice(from)
  if (kind === 'flip') {
    const code = text.charCodeAt(from) || 0
    return text.slice(0, from) + String.fromCharCode(code ^ (1 << Math.floor(to * 8))) + text.slice(from + 1)
  }
  return text.slice(0, from) + piece + text.slice(from)
}

type Holder = Record<string, unknown>

function inTree(text: string, one: Edit): string {
  const isJson = text.startsWith('{"')
  const tree = treeOf(text, isJson)
  const nodes = nodesOf(tree)
  const [holder, key] = nodes[Math.floor(one.at * nodes.length)] ?? []
  if (holder === undefined || key === undefined) return inText(text, { ...one, kind: 'insert' })
  if (one.kind === 'key')
    Object.defineProperty(holder, one.piece, { value: holder[key], enumerable: true, configurable: true })
  if (one.kind === 'value') holder[key] = one.value
  else Reflect.deleteProperty(holder, key)
  return isJson ? JSON.stringify(tree) : stringify(tree, { lineWidth: 0 })
}

function treeOf(text: string, isJson: boolean): unknown {
  if (text.length > 60_000) return undefined
  try {
    return isJson ? JSON.parse(text) : parse(text, { logLevel: 'error', maxAliasCount: 20 })
  } catch {
    return undefined
  }
}

/** Every value of it, by what holds it. */
function nodesOf(tree: unknown, found: [Holder, string][] = []): [Holder, string][] {
  if (typeof tree !== 'object' || tree === null || found.length > 2000) return found
  for (const [key, value] of Object.entries(tree)) {
    found.push([tree as Holder, key])
    nodesOf(value, found)
  }
  return found
}
