import { isMap } from './config/path.ts'

/** JSON whose keys are sorted: equal values give equal texts. For digests and files; `isEqual` compares. */
export function canonical(value: unknown): string {
  const text = JSON.stringify(sorted(value)) as string | undefined
  return text ?? ''
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((name) => [name, sorted(value[name])]),
  )
}

/** Whether both are the same JSON, whatever the order of keys: a field that is undefined is none. No text is made. */
export function isEqual(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (Array.isArray(one)) {
    const isList = Array.isArray(other) && one.length === other.length
    return isList && one.every((item, at) => isEqual(item ?? null, other[at] ?? null))
  }
  if (!isMap(one) || !isMap(other)) return one === 0 && other === 0
  const names = Object.keys(one)
  const isWithin = names.every((name) => isEqual(one[name], Object.hasOwn(other, name) ? other[name] : undefined))
  return isWithin && Object.keys(other).every((name) => other[name] === undefined || Object.hasOwn(one, name))
}

/** SHA-256 in hex. */
export async function digestOf(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
