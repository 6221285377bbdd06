import { parseValuePath, type ValuePath } from '../config/value-path.ts'
import { isMap } from '../config/path.ts'
import { parseJsonPrefix } from './json-prefix.ts'
import type { Json, JsonMap } from './model.ts'
import type { Setting } from './settings.ts'
import { wholeDigits } from './whole-numbers.ts'

export interface Assignment {
  readonly path: ValuePath
  readonly value: Json
  /** Of a whole number beyond 2^53, whose `value` is text. */
  readonly digits?: string
  /** Its numbers are floats for helm, as those of a values file. */
  readonly floats?: boolean
  /** The one release that it is for (`api:replicas=2`). */
  readonly release?: string
}

export type ParsedSet =
  | { readonly assignments: readonly Assignment[] }
  /** A whole document of --set-json. */
  | { readonly document: JsonMap }
  | { readonly fault: string }

/**
 * `--set`, `--set-string`, `--set-json` and `--set-file` as helm reads them: `a.b=c,d[0]=e`, lists in braces, a backslash
 * before what is meant as such. For `--set`, whole numbers, true, false and null are typed; everything else, decimals
 * included, is text. For `--set-file` the values are the paths. `releases`: what may stand before a colon. (Held against
 * pkg/strvals of helm 3.22 and 4.3, npm run test:parsers.)
 */
export function parseSetting({ flag, text }: Setting, releases: readonly string[] = []): ParsedSet {
  if (flag === '--set-json' && text.trimStart().startsWith('{')) return jsonDocument(text)
  const assignments: Assignment[] = []
  for (let rest = text; rest !== '';) {
    const end = endOf(rest, '=,')
    const name = rest.slice(0, end)
    if (rest[end] !== '=') return { fault: `has no "=": ${name}` }
    const target = targetOf(name, releases)
    if ('fault' in target) return target
    const given = READERS[flag](rest.slice(end + 1))
    if ('fault' in given) return given
    assignments.push(
      ...given.values.map(({ below, ...one }) => ({ ...target, ...one, path: [...target.path, ...below] })),
    )
    ;({ rest } = given)
  }
  return assignments.length === 0 ? { fault: 'is empty; write PATH=VALUE' } : { assignments }
}

/** `--set`, for all releases. */
export function parseSetOption(
  text: string,
): { readonly assignments: readonly Assignment[] } | { readonly fault: string } {
  return parseSetting({ flag: '--set', text }) as ReturnType<typeof parseSetOption>
}

/** The same of `--set-file` with other paths; as it is, where it cannot be read. */
export function withFiles(text: string, change: (file: string) => string): string {
  const parts = pairsOf(text)
  if (parts === undefined) return text
  const escaped = (file: string): string => change(file).replaceAll(/[\\,{}]/gu, '\\$&')
  return parts
    .map(
      ({ name, value }) =>
        `${name}=${typeof value === 'string' ? escaped(value) : `{${value.map(escaped).join(',')}}`}`,
    )
    .join(',')
}

/** Those that a `--set-file` names; none where it cannot be read. */
export function filesIn(text: string): readonly string[] {
  return (pairsOf(text) ?? []).flatMap(({ value }) => value)
}

function pairsOf(text: string): { name: string; value: string | readonly string[] }[] | undefined {
  const pairs: { name: string; value: string | readonly string[] }[] = []
  for (let rest = text; rest !== '';) {
    const end = endOf(rest, '=,')
    const given = rest[end] === '=' ? readText(rest.slice(end + 1), (value) => ({ value })) : undefined
    if (given === undefined || 'fault' in given) return undefined
    pairs.push(...given.values.map(({ value }) => ({ name: rest.slice(0, end), value: value as string | string[] })))
    ;({ rest } = given)
  }
  return pairs
}

/** Of a list (pkg/strvals, MaxIndex). */
const MOST_INDEX = 65_536

type Target = Pick<Assignment, 'path' | 'release'>

function targetOf(name: string, releases: readonly string[]): Target | { readonly fault: string } {
  const [, before = '', after = ''] = /^([a-z0-9][a-z0-9.-]*):(.*)$/su.exec(name) ?? []
  const release = releases.find((one) => one === before)
  const shown = release === undefined ? name : after
  const path = parseValuePath(shown)
  if (path === undefined || path.some((part) => typeof part === 'number' && part > MOST_INDEX))
    return { fault: `"${shown}" is not a valid value path` }
  if (release !== undefined) return { path, release }
  if (before === '' || releases.length < 2) return { path }
  return { fault: `names release "${before}", and there is ${releases.join(', ')}; a colon of a key is written \\:` }
}

/** What stands behind one `=`, and the rest of the text behind that. */
type Given =
  | {
      readonly values: readonly (Pick<Assignment, 'value' | 'digits' | 'floats'> & { below: ValuePath })[]
      readonly rest: string
    }
  | { readonly fault: string }

type Typing = (text: string) => Pick<Assignment, 'value' | 'digits'>

const READERS: Readonly<Record<Setting['flag'], (text: string) => Given>> = {
  '--set': (text) => readText(text, typed),
  '--set-string': (text) => readText(text, (value) => ({ value })),
  '--set-file': (text) => readText(text, (value) => ({ value })),
  '--set-json': readJson,
}

function readText(text: string, typing: Typing): Given {
  if (text.startsWith('{')) return readList(text.slice(1), typing)
  const end = endOf(text, ',')
  return { values: [{ below: [], ...typing(unescape(text.slice(0, end))) }], rest: text.slice(end + 1) }
}

/** helm makes one empty text of `{}`. */
function readList(text: string, typing: Typing): Given {
  const items: ReturnType<Typing>[] = []
  for (let rest = text; ;) {
    const end = endOf(rest, ',}')
    if (end === rest.length) return { fault: `has a list that does not end with "}": {${text}` }
    items.push(typing(unescape(rest.slice(0, end))))
    const last = rest[end]
    rest = rest.slice(end + 1)
    if (last === ',') continue
    const large = items.flatMap((item, at) => (item.digits === undefined ? [] : [{ below: [at], ...item }]))
    const list = { below: [], value: items.map(({ value }) => value) }
    return { values: [list, ...large], rest: rest.startsWith(',') ? rest.slice(1) : rest }
  }
}

/** Nothing before the next comma is null, as for helm. */
function readJson(text: string): Given {
  const nothing = /^\s*(?:,|$)/u.exec(text)
  if (nothing !== null) return { values: [{ below: [], value: null }], rest: text.slice(nothing[0].length) }
  const found = parseJsonPrefix(text)
  if ('fault' in found) return found
  const behind = /^\s*,?/u.exec(text.slice(found.end))?.[0].length ?? 0
  return { values: [{ below: [], value: found.value, floats: true }], rest: text.slice(found.end + behind) }
}

function jsonDocument(text: string): ParsedSet {
  const found = parseJsonPrefix(text)
  if ('fault' in found) return found
  if (text.slice(found.end).trim() !== '') return { fault: 'has text behind its JSON document' }
  return isMap(found.value) ? { document: found.value } : { fault: 'is not a map' }
}

/** helm's typing of a plain text: a leading zero makes text of a number (`007`). */
export function typed(text: string): Pick<Assignment, 'value' | 'digits'> {
  const word = WORDS.find(([form]) => form.test(text))
  if (word !== undefined) return { value: word[1] }
  const digits = wholeDigits(text)
  const number = Number(digits)
  if (digits === undefined) return { value: text }
  return Number.isSafeInteger(number) ? { value: number } : { value: digits, digits }
}

/** Go folds capitals as Unicode does. */
const WORDS: readonly (readonly [RegExp, boolean | null])[] = [
  [/^true$/iu, true],
  [/^false$/iu, false],
  [/^null$/iu, null],
]

function unescape(text: string): string {
  return text.replace(/\\(.?)/gsu, '$1')
}

/** Where the first of these characters stands that no backslash protects; the length of the text if there is none. */
function endOf(text: string, stops: string): number {
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (character === '\\') at += 1
    else if (stops.includes(character)) return at
  }
  return text.length
}
