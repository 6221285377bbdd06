import { isMap, type PlainMap } from '../config/path.ts'

/** What of a structural schema is looked at (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema). */
export interface Schema {
  readonly type?: string
  readonly nullable?: boolean
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: boolean
  readonly exclusiveMaximum?: boolean
  readonly multipleOf?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly minItems?: number
  readonly maxItems?: number
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly not?: Schema
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-embedded-resource'?: boolean
}

/**
 * Where a stored value breaks a schema, as `spec.size must be at most 9`. Defaults are filled in when the API server reads, so what
 * has one is never missing. Rules in CEL and formats are not looked at.
 */
export function schemaErrors(schema: Schema, value: unknown, path = ''): string[] {
  const say = (what: string): string => `${path === '' ? 'it' : path} ${what}`
  if (value === null) return schema.nullable === true || schema.type === undefined ? [] : [say('must not be null')]
  const wrong = typeError(schema, value)
  if (wrong !== undefined) return [say(wrong)]
  return [
    ...choiceErrors(schema, value, path).map(say),
    ...(typeof value === 'string' ? textErrors(schema, value).map(say) : []),
    ...(typeof value === 'number' ? numberErrors(schema, value).map(say) : []),
    ...(Array.isArray(value) ? listErrors(schema, value, path, say) : []),
    ...(isMap(value) ? mapErrors(schema, value, path, say) : []),
    ...(schema.allOf ?? []).flatMap((one) => schemaErrors(one, value, path)),
  ]
}

/** Fields that the schema does not know: the API server drops them when the object is next written. */
export function unknownFields(schema: Schema, value: unknown, path = ''): string[] {
  if (Array.isArray(value)) {
    const { items } = schema
    return items === undefined
      ? []
      : (value as unknown[]).flatMap((one, at) => unknownFields(items, one, `${path}[${at}]`))
  }
  if (!isMap(value) || schema['x-kubernetes-preserve-unknown-fields'] === true) return []
  const { properties = {}, additionalProperties } = schema
  return Object.entries(value).flatMap(([name, inner]) => {
    const at = below(path, name)
    if (Object.hasOwn(properties, name)) return unknownFields(properties[name] ?? {}, inner, at)
    if (isOwnField(schema, path, name)) return []
    if (isMap(additionalProperties)) return unknownFields(additionalProperties, inner, at)
    return additionalProperties === true ? [] : [at]
  })
}

function isOwnField(schema: Schema, path: string, name: string): boolean {
  return (
    (path === '' || schema['x-kubernetes-embedded-resource'] === true) &&
    ['apiVersion', 'kind', 'metadata'].includes(name)
  )
}

function typeError(schema: Schema, value: unknown): string | undefined {
  if (schema['x-kubernetes-int-or-string'] === true)
    return typeof value === 'string' || Number.isInteger(value) ? undefined : 'must be a whole number or a text'
  const isRight: Readonly<Record<string, boolean>> = {
    object: isMap(value),
    array: Array.isArray(value),
    string: typeof value === 'string',
    boolean: typeof value === 'boolean',
    number: typeof value === 'number',
    integer: Number.isInteger(value),
  }
  const { type } = schema
  return type === undefined || isRight[type] !== false ? undefined : `must be of type ${type}`
}

function choiceErrors(schema: Schema, value: unknown, path: string): string[] {
  const meets = (one: Schema): boolean => schemaErrors(one, value, path).length === 0
  const { enum: allowed, anyOf, oneOf, not } = schema
  return [
    ...(allowed === undefined || allowed.some((one) => JSON.stringify(one) === JSON.stringify(value))
      ? []
      : [`must be one of ${allowed.map((one) => JSON.stringify(one)).join(', ')}`]),
    ...(anyOf === undefined || anyOf.some(meets) ? [] : ['meets none of the alternatives (anyOf)']),
    ...(oneOf === undefined || oneOf.filter(meets).length === 1
      ? []
      : ['must meet exactly one of the alternatives (oneOf)']),
    ...(not !== undefined && meets(not) ? ['is what it must not be (not)'] : []),
  ]
}

function textErrors({ minLength = 0, maxLength = Infinity, pattern }: Schema, value: string): string[] {
  const { length } = Array.from(value)
  return [
    ...(length < minLength ? [`must have at least ${minLength} characters`] : []),
    ...(length > maxLength ? [`must have at most ${maxLength} characters`] : []),
    ...(pattern === undefined || matches(pattern, value) ? [] : [`must match ${pattern}`]),
  ]
}

/** Go's patterns are nearly JavaScript's; one that is not says nothing. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value)
  } catch {
    return true
  }
}

function numberErrors(schema: Schema, value: number): string[] {
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  const tooSmall = exclusiveMinimum === true ? value <= minimum : value < minimum
  const tooLarge = exclusiveMaximum === true ? value >= maximum : value > maximum
  return [
    ...(tooSmall ? [`must be ${exclusiveMinimum === true ? 'more than' : 'at least'} ${minimum}`] : []),
    ...(tooLarge ? [`must be ${exclusiveMaximum === true ? 'less than' : 'at most'} ${maximum}`] : []),
    ...(multipleOf === undefined || Number.isInteger(value / multipleOf)
      ? []
      : [`must be a multiple of ${multipleOf}`]),
  ]
}

type Say = (what: string) => string

function listErrors(
  { items, minItems = 0, maxItems = Infinity }: Schema,
  value: readonly unknown[],
  path: string,
  say: Say,
): string[] {
  return [
    ...(value.length < minItems ? [say(`must have at least ${minItems} items`)] : []),
    ...(value.length > maxItems ? [say(`must have at most ${maxItems} items`)] : []),
    ...(items === undefined ? [] : value.flatMap((one, at) => schemaErrors(items, one, `${path}[${at}]`))),
  ]
}

function mapErrors(schema: Schema, value: PlainMap, path: string, say: Say): string[] {
  const { properties = {}, additionalProperties, required = [], minProperties = 0, maxProperties = Infinity } = schema
  const count = Object.keys(value).length
  const missing = required.filter((name) => !Object.hasOwn(value, name) && properties[name]?.default === undefined)
  return [
    ...missing.map((name) => `${below(path, name)} is required`),
    ...(count < minProperties ? [say(`must have at least ${minProperties} fields`)] : []),
    ...(count > maxProperties ? [say(`must have at most ${maxProperties} fields`)] : []),
    ...Object.entries(value).flatMap(([name, inner]) => {
      const own = Object.hasOwn(properties, name) ? properties[name] : undefined
      const schemaOf = own ?? (isMap(additionalProperties) ? additionalProperties : undefined)
      // A null that a default replaces is none.
      if (schemaOf === undefined || (inner === null && schemaOf.default !== undefined)) return []
      return schemaErrors(schemaOf, inner, below(path, name))
    }),
  ]
}

function below(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
