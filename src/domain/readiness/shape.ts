import { isMap, type PlainMap } from '../config/path.ts'

/**
 * Reads one value as it should be, or not at all. What conforms is handed back as it is, so that hundreds of pods are not
 * copied; where a part does not, a copy without that part.
 */
export type Shape<T> = (value: unknown) => T | undefined

export const text: Shape<string> = (value) => (typeof value === 'string' ? value : undefined)
export const number: Shape<number> = (value) =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined
/** Some controllers write a count as text (Argo Rollouts' observedGeneration). */
export const count: Shape<number> = (value) =>
  typeof value === 'string' && /^\d{1,15}$/u.test(value) ? Number(value) : number(value)
export const flag: Shape<boolean> = (value) => (typeof value === 'boolean' ? value : undefined)
/** There is something inside, whatever it is. */
export const anything: Shape<object> = (value) => (typeof value === 'object' && value !== null ? value : undefined)
/** A map of which no value is relied upon. */
export const anyMap: Shape<Readonly<Record<string, never>>> = (value) =>
  isMap(value) ? (value as Record<string, never>) : undefined

/** Items that do not conform are left out. */
export function list<T>(of: Shape<T>): Shape<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) return undefined
    const items: readonly unknown[] = value
    const read = items.map(of)
    return read.every((item, at) => item !== undefined && item === items[at])
      ? (value as T[])
      : read.filter((item) => item !== undefined)
  }
}

/** `required`: without these it is nothing. Fields that are not named here stay as they are; nothing reads them. */
export function map<T extends object>(
  fields: { readonly [K in keyof T]-?: Shape<NonNullable<T[K]>> },
  required: readonly (keyof T & string)[] = [],
): Shape<T> {
  const known = Object.entries<Shape<unknown>>(fields)
  return (value) => {
    if (!isMap(value)) return undefined
    const copy = known.reduce<PlainMap>((found, [name, of]) => withField(found, name, of, value), value)
    return required.some((name) => copy[name] === undefined) ? undefined : (copy as T)
  }
}

/** What does not conform becomes undefined, as if it had not been written. */
function withField(found: PlainMap, name: string, of: Shape<unknown>, original: PlainMap): PlainMap {
  const value = original[name]
  if (value === undefined) return found
  const read = of(value)
  return read === value ? found : { ...found, [name]: read }
}

/** Asked at every event of each pod: a state of an object is read once. */
export function remembered<T extends object>(of: Shape<T>, nothing: T): (value: unknown) => T {
  const known = new WeakMap<object, T>()
  return (value) => {
    if (typeof value !== 'object' || value === null) return nothing
    const before = known.get(value)
    if (before !== undefined) return before
    const read = of(value) ?? nothing
    known.set(value, read)
    return read
  }
}
