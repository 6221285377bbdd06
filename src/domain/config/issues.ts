import type * as z from 'zod'
import { nearest, suggestion } from './nearest.ts'
import { isMap, pathKey, showPath, type Path } from './path.ts'
import type { Places } from './places.ts'
import type { Problem } from './position.ts'

type Issue = z.core.$ZodIssue
type Schema = z.core.$ZodType

/** Says what a schema found in words of forge.yaml, each with the place where it stands. */
export function toProblems(issues: readonly Issue[], value: unknown, schema: Schema, places: Places): Problem[] {
  const context = { value, schema, places }
  const unknown = issues.filter((issue) => issue.code === 'unrecognized_keys')
  const holders = new Set(unknown.map((issue) => pathKey(pathOf(issue))))
  const misspelt = new Set(unknown.flatMap((issue) => meantKeys(issue, context)))
  // `chrat` is one mistake, not an unknown key and a missing one, nor a map that lacks something.
  const follows = (issue: Issue): boolean => {
    const key = pathKey(pathOf(issue))
    return issue.code === 'custom' ? holders.has(key) : misspelt.has(key) && valueAt(value, pathOf(issue)) === undefined
  }
  return issues.filter((issue) => !follows(issue)).flatMap((issue) => explain(issue, [], context))
}

function meantKeys(issue: Issue & { code: 'unrecognized_keys' }, { schema }: Context): string[] {
  const path = pathOf(issue)
  const meant = issue.keys.map((key) => nearest(key, keysAt(schema, path)))
  return meant.flatMap((key) => (key === undefined ? [] : [pathKey([...path, key])]))
}

function pathOf(issue: Issue): Path {
  return issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
}

interface Context {
  readonly value: unknown
  readonly schema: Schema
  readonly places: Places
}

function explain(issue: Issue, parent: Path, context: Context): Problem[] {
  const path = [...parent, ...pathOf(issue)]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, context))
    case 'invalid_union':
      return explainUnion(issue, path, context)
    case 'invalid_key': {
      const [inner] = issue.issues
      return [
        {
          message: `${named(path, context)} ${inner?.message ?? 'is not a possible name'}`,
          at: context.places.keyOf(path),
        },
      ]
    }
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_type':
    case 'invalid_value':
    case 'not_multiple_of':
    case 'too_big':
    case 'too_small':
      return [explainValue(issue, path, context)]
  }
}

function unknownKey(key: string, path: Path, { schema, places }: Context): Problem {
  const actual = places.actual(path)
  const where = actual.length === 0 ? '' : ` in ${showPath(actual)}`
  return {
    message: `unknown key "${key}"${where}${suggestion(key, keysAt(schema, path))}`,
    at: places.keyOf([...path, key]),
  }
}

function explainUnion(issue: Issue & { code: 'invalid_union' }, path: Path, context: Context): Problem[] {
  const inner = issue.errors.filter((errors) => !errors.some((error) => isOfOtherType(error)))
  const best = inner.toSorted((a, b) => a.length - b.length)[0]
  if (best !== undefined) {
    // An unknown key explains why the one that is needed is not there.
    const unknown = best.filter((error) => error.code === 'unrecognized_keys')
    return (unknown.length > 0 ? unknown : best).flatMap((error) => explain(error, path, context))
  }
  const value = valueAt(context.value, path)
  if (value === undefined) return [missing(path, context)]
  const own = issue.errors.flat().find((error) => error.code === 'invalid_value')?.message
  const expected = issue.errors
    .flat()
    .map(expectedWord)
    .filter((word, at, all) => word !== '' && all.indexOf(word) === at)
  return [
    {
      message: `${named(path, context)} ${own ?? `must be ${expected.join(' or ')}`}, not ${describe(value)}`,
      at: context.places.of(path),
    },
  ]
}

/** The option of a union that was not meant at all. */
function isOfOtherType(error: Issue): boolean {
  return error.path.length === 0 && (error.code === 'invalid_type' || error.code === 'invalid_value')
}

function explainValue(issue: Issue, path: Path, context: Context): Problem {
  const value = valueAt(context.value, path)
  if (value === undefined) return missing(path, context)
  const at = context.places.of(path)
  const subject = named(path, context)
  if (issue.code === 'invalid_type') {
    const wanted = issue.message.startsWith('must ') ? issue.message : `must be ${expectedWord(issue)}`
    return { message: `${subject} ${wanted}, not ${describe(value)}${yaml12(value, issue.expected)}`, at }
  }
  if (issue.code === 'invalid_value') {
    const words = issue.values.map(String)
    const wanted = issue.message.startsWith('must ') ? issue.message : `must be one of ${words.join(', ')}`
    return { message: `${subject} ${wanted}, not ${describe(value)}${meant(value, words)}`, at }
  }
  if (issue.code === 'custom') {
    const offending = typeof value === 'object' ? '' : `, not ${describe(value)}`
    return { message: `${subject} ${issue.message}${offending}`, at }
  }
  const limit =
    issue.code === 'too_small'
      ? `must be at least ${issue.minimum}`
      : issue.code === 'too_big'
        ? `must be at most ${issue.maximum}`
        : 'is not possible'
  return {
    message: `${subject} ${issue.message.startsWith('must ') || issue.message.startsWith('with ') ? issue.message : limit}, not ${describe(value)}`,
    at,
  }
}

function meant(value: unknown, words: readonly string[]): string {
  return typeof value === 'string' && words.length > 1 ? suggestion(value, words).replace(/^; there is.*$/u, '') : ''
}

function missing(path: Path, { places }: Context): Problem {
  const parent = places.actual(path.slice(0, -1))
  const where = parent.length === 0 ? 'is missing' : `is missing in ${showPath(parent)}`
  return { message: `"${String(path.at(-1) ?? '')}" ${where}`, at: places.keyOf(path.slice(0, -1)) }
}

function named(path: Path, { places }: Context): string {
  return showPath(places.actual(path)) || 'the document'
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  null: 'null',
}

function expectedWord(issue: Issue): string {
  if (issue.code === 'invalid_type') return WORDS[issue.expected] ?? issue.expected
  return issue.code === 'invalid_value' ? issue.values.map(String).join(', ') : ''
}

function yaml12(value: unknown, expected: string): string {
  return expected === 'boolean' && typeof value === 'string' && /^(?:y|n|yes|no|on|off)$/iu.test(value)
    ? ' (text in YAML 1.2)'
    : ''
}

export function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  if (typeof value !== 'string') return JSON.stringify(value)
  // An address often holds what lets its holder in.
  const [, scheme] = /^(https?):\/\//u.exec(value) ?? []
  if (scheme !== undefined) return `"${scheme}:…"`
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value)
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, part) => {
    if (Array.isArray(inner)) return inner[Number(part)]
    return isMap(inner) && Object.hasOwn(inner, String(part)) ? inner[String(part)] : undefined
  }, value)
}

/** The keys that the schema knows at a path, for the nearest one. */
function keysAt(schema: Schema, path: Path): string[] {
  let level: Schema[] = flatten(schema)
  for (const part of path) level = level.flatMap((one) => childrenOf(one, String(part))).flatMap(flatten)
  return [...new Set(level.flatMap((one) => Object.keys(shapeOf(one) ?? {})))]
}

type Definition = z.core.$ZodTypeDef & {
  shape?: Record<string, Schema>
  valueType?: Schema
  element?: Schema
  innerType?: Schema
  options?: readonly Schema[]
}

const definitionOf = (schema: Schema): Definition => schema._zod.def
const shapeOf = (schema: Schema): Record<string, Schema> | undefined => definitionOf(schema).shape

function flatten(schema: Schema): Schema[] {
  const { innerType, options } = definitionOf(schema)
  if (innerType !== undefined) return flatten(innerType)
  return options === undefined ? [schema] : options.flatMap(flatten)
}

function childrenOf(schema: Schema, key: string): Schema[] {
  const { shape, valueType, element } = definitionOf(schema)
  const child = shape === undefined ? (valueType ?? element) : shape[key]
  return child === undefined ? [] : [child]
}
