import { RE2JS, RE2JSSyntaxException } from 're2js'
import { isMap, ownValue, type PlainMap } from '../config/path.ts'
import type { KindRef, KubeObject } from '../kube.ts'
import { schemaOf } from './definitions.ts'

/** Whether an object takes another text at a path of it. */
export type Takes = (path: readonly (string | number)[], text: string) => boolean

/** `90s`, `1.5`, `512Mi`, `50%` */
const AMOUNT = /^[+-]?\d{1,6}(?:\.\d{1,6})?(?:%|[a-zA-Z]{0,2})$/u
const LONGEST_MATCHED = 256
/** Of which a text of the same length and kinds of signs is one, too. */
const LOOSE_FORMATS = new Set(['password', 'byte', 'binary'])
const COMBINED = ['allOf', 'anyOf', 'oneOf', 'not']

/**
 * Where a custom resource takes any text, as its definition has it: nowhere that it limits one by an enum, a format, or a rule that
 * speaks of the field; by a pattern, what the pattern takes. Without a definition everything is taken, for it is never created.
 * Its status is what its operator said, and is read as such.
 */
export function takenBy(definitions: readonly KubeObject[], kind: KindRef): Takes {
  const schema = schemaOf(kind, definitions)
  return ([name, ...path], text) => name !== 'status' && allows(schema, [name ?? '', ...path], text)
}

/** An amount of something is told by its form, wherever it stands: schemas call it a string. */
export function isAmount(text: string): boolean {
  return AMOUNT.test(text)
}

function allows(schema: PlainMap | undefined, path: readonly (string | number)[], text: string): boolean {
  const field = path.findLast((part) => typeof part === 'string') ?? ''
  let at = schema
  for (const [index, part] of path.entries()) {
    if (at === undefined) return true
    if (speaksOf(at, field)) return false
    if (typeof part === 'number') {
      if (keysOf(at).includes(field) && index === path.length - 2) return false
      at = mapIn(at, 'items')
    } else at = mapIn(mapIn(at, 'properties') ?? {}, part) ?? mapIn(at, 'additionalProperties')
  }
  return at === undefined || takesText(at, field, text)
}

function takesText(schema: PlainMap, field: string, text: string): boolean {
  const { pattern, format } = schema
  if (schema['enum'] !== undefined || schema['x-kubernetes-int-or-string'] === true || speaksOf(schema, field))
    return false
  if (format !== undefined && !(typeof format === 'string' && LOOSE_FORMATS.has(format))) return false
  return pattern === undefined || (typeof pattern === 'string' && fits(text, pattern))
}

/** By a rule, or by one of several schemas that it is to be of. */
function speaksOf(schema: PlainMap, field: string): boolean {
  const said = [schema['x-kubernetes-validations'], ...COMBINED.map((name) => schema[name])]
  const isOwn = schema['properties'] === undefined && schema['items'] === undefined
  return said.some((one) => one !== undefined && (isOwn || JSON.stringify(one).includes(field)))
}

function keysOf(schema: PlainMap): readonly unknown[] {
  const keys = schema['x-kubernetes-list-map-keys']
  return Array.isArray(keys) ? keys : []
}

function mapIn(map: PlainMap, key: string): PlainMap | undefined {
  const found = ownValue(map, key)
  return isMap(found) ? found : undefined
}

/** By Go's regular expressions, as the API server takes them: whatever the pattern, in a time that grows with the text alone. */
function fits(text: string, pattern: string): boolean {
  if (text.length > LONGEST_MATCHED) return false
  try {
    return RE2JS.compile(pattern).matcher(text).find()
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error
    return false
  }
}
