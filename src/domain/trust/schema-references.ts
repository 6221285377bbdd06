/** The dialects that helm knows by itself; any other it would fetch. */
const KNOWN = /^https?:\/\/json-schema\.org\/(?:draft-0[467]|draft\/20(?:19-09|20-12))\/schema#?$/u
const REFERENCES = new Set(['$ref', '$dynamicRef', '$recursiveRef'])

export interface SchemaReference {
  readonly address: string
  readonly line: number
}

/**
 * What a values.schema.json refers to outside itself: helm loads it, from a file (`file:///…`) or the network (tried with helm
 * 3.22 and 4.3). Undefined: the text is no JSON.
 */
export function foreignReferences(text: string): SchemaReference[] | undefined {
  let root: unknown
  try {
    root = JSON.parse(text)
  } catch {
    return undefined
  }
  const found: SchemaReference[] = []
  // No recursion: how deep it is nested is the stranger's to say.
  const open: unknown[] = [root]
  while (open.length > 0) {
    const one = open.pop()
    if (typeof one !== 'object' || one === null) continue
    for (const [key, value] of Object.entries(one) as [string, unknown][]) {
      open.push(value)
      if (typeof value === 'string' && isForeign(key, value)) found.push({ address: value, line: lineOf(text, value) })
    }
  }
  return found
}

function isForeign(key: string, value: string): boolean {
  return (REFERENCES.has(key) && !value.startsWith('#')) || (key === '$schema' && !KNOWN.test(value))
}

function lineOf(text: string, address: string): number {
  const at = text.indexOf(JSON.stringify(address))
  return at < 0 ? 1 : text.slice(0, at).split('\n').length
}
