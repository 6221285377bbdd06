import { isMap } from '../config/path.ts'
import { showValuePath, type ValuePath } from '../config/value-path.ts'
import { holdsPrivateKey, looksRandom, looksSecret } from '../transforms/secret-like.ts'
import type { Json, JsonMap } from '../values/model.ts'
import { isSecretPath } from '../values/secret-path.ts'
import { saysSecret } from './compose-secrecy.ts'
import { variableName } from './names.ts'

/** A value that looks like a secret, and where each deploy reads it from instead. */
export interface MovedValue {
  readonly path: ValuePath
  /** A variable of forge's, or where one would lose the end of it: a file. */
  readonly from: { readonly env: string } | { readonly file: string }
  /** Else it is a number. */
  readonly isText: boolean
}

/** What somebody gave helm for a release, without what looks like a secret. */
export interface KeptValues {
  readonly open: JsonMap
  readonly moved: readonly MovedValue[]
}

/** Where those are put that end with a newline: a shell takes it off what a program prints. */
const FOLDER = 'secrets'

export function openValues(release: string, values: JsonMap): KeptValues {
  const found: { path: ValuePath; value: string | number }[] = []
  const open = mapWithout(values, [], (path, value) => void found.push({ path, value }))
  const names = new Set<string>()
  const moved = found.map(({ path, value }): MovedValue => {
    const name = freshName(`${release}_${path.join('_')}`, names)
    const isLost = typeof value === 'string' && /\n$/u.test(value)
    const from = isLost ? { file: `${FOLDER}/${name.toLowerCase().replaceAll('_', '-')}` } : { env: name }
    return { path, from, isText: typeof value === 'string' }
  })
  return { open, moved }
}

type Take = (path: ValuePath, value: string | number) => void

function mapWithout(map: JsonMap, path: ValuePath, take: Take): JsonMap {
  const named = typeof map['name'] === 'string' ? map['name'] : undefined
  return Object.fromEntries(
    Object.entries(map).flatMap(([key, value]) => {
      const own = [...path, key]
      // `{ name: DB_PASSWORD, value: … }`, as the environment of a container has it.
      const isNamed = key === 'value' && named !== undefined && isSecretEntry(named, value)
      const left = isNamed ? taken(own, value, take) : without(value, own, take)
      return left === undefined ? [] : [[key, left]]
    }),
  )
}

/** Undefined: it is taken out. In a list its place is kept, for those behind it keep theirs. */
function without(value: Json, path: ValuePath, take: Take): Json | undefined {
  if (Array.isArray(value)) {
    const list: readonly Json[] = value
    return list.map((one, at) => {
      const isTold = typeof one === 'string' && saysSecret(one, textAt(list, at - 1))
      const own = [...path, at]
      return (isTold ? taken(own, one, take) : without(one, own, take)) ?? ''
    })
  }
  if (isMap(value)) return mapWithout(value, path, take)
  return isSecret(path, value) ? taken(path, value, take) : value
}

function taken(path: ValuePath, value: Json, take: Take): Json | undefined {
  // No option can name what has no name, and helm's options make no fractions.
  const isTold = typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value))
  if (!isTold || path.includes('')) return value
  take(path, value)
  return undefined
}

function isSecret(path: ValuePath, value: Json): boolean {
  if (typeof value === 'number') return isSecretPath(path, String(value))
  if (typeof value !== 'string' || value === '') return false
  const name = path.findLast((part) => typeof part === 'string') ?? ''
  return isSecretPath(path, value) || looksRandom(name, value) || holdsPrivateKey(value) || hasSecretLine(value)
}

function isSecretEntry(name: string, value: Json | undefined): boolean {
  return typeof value === 'string' && looksSecret(name, value) !== undefined
}

/** A file of settings within a value. */
function hasSecretLine(text: string): boolean {
  if (!text.includes('\n')) return false
  const lines = [...text.matchAll(/^\s*(?:export\s+|-\s+)?["']?([\w.-]+)["']?\s*[:=]\s*(\S.*)$/gmu)]
  return lines.some(([, name = '', rest = '']) => {
    const value = rest.replace(/^(["'])(.*)\1,?$/u, '$2')
    return isSecretPath([name], value) || looksRandom(name, value)
  })
}

function textAt(list: readonly Json[], at: number): string | undefined {
  const found = list[at]
  return typeof found === 'string' ? found : undefined
}

function freshName(text: string, used: Set<string>): string {
  const plain = variableName(text)
    .replaceAll(/^_+|_+$/gu, '')
    .replace(/^(?=\d)/u, '_')
  let name = plain
  for (let count = 2; used.has(name); count += 1) name = `${plain}_${count}`
  used.add(name)
  return name
}

/**
 * For `helm get all --template`: prints the value and nothing else. Out of a record numbers come as floats; once forge has deployed
 * it, it is a text.
 */
export function valueTemplate({ path, isText }: MovedValue): string {
  const value = `index .Release.Config ${path.map((part) => JSON.stringify(part)).join(' ')}`
  if (isText) return `{{ ${value} }}`
  return `{{ with ${value} }}{{ if eq (printf "%T" .) "string" }}{{ . }}{{ else }}{{ printf "%.0f" . }}{{ end }}{{ end }}`
}

/** Numbers among them as texts: only helm's command line makes whole numbers, and everybody on the machine can see that. */
export function withTexts(values: JsonMap, moved: readonly MovedValue[]): JsonMap {
  return moved.reduce((all, { path }) => replaced(all, path) as JsonMap, values)
}

function replaced(value: Json, [part, ...rest]: ValuePath): Json {
  if (part === undefined) return typeof value === 'object' ? value : String(value)
  if (Array.isArray(value)) return value.map((one: Json, at) => (at === part ? replaced(one, rest) : one))
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, key === part ? replaced(one, rest) : one]))
}

export function movedName({ path }: MovedValue): string {
  return showValuePath(path)
}
