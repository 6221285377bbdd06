import { isMap } from '../config/path.ts'

/** What a policy of Vault says of the paths that match. */
export interface PathRule {
  /** Without a leading slash: `secret/data/shop/*`, `secret/data/+/app`. */
  readonly pattern: string
  readonly capabilities: ReadonlySet<string>
}

/** `unknown`: a rule that is made for whoever logs in (`{{identity.…}}`) may speak of the path. */
export type Leave = 'allowed' | 'denied' | 'unknown'

/**
 * Whether a token with these policies may do this at the path: of all patterns that match the one with the highest priority
 * counts, with what all policies say of it together, and `deny` goes before everything
 * (https://developer.hashicorp.com/vault/docs/concepts/policies#priority-matching).
 */
export function leaveOf(rules: readonly PathRule[], path: string, capabilities: readonly string[]): Leave {
  const isTemplated = ({ pattern }: PathRule): boolean => pattern.includes('{{')
  const templated = rules.filter(isTemplated)
  if (templated.some(({ pattern }) => path.startsWith(pattern.slice(0, pattern.indexOf('{{'))))) return 'unknown'
  const matching = rules.filter((rule) => !isTemplated(rule) && matches(rule.pattern, path))
  const [first] = matching.toSorted((one, other) => byPriority(one.pattern, other.pattern, path))
  const together = new Set(
    matching.filter(({ pattern }) => pattern === first?.pattern).flatMap((rule) => [...rule.capabilities]),
  )
  if (together.has('deny')) return 'denied'
  return capabilities.some((one) => together.has(one)) ? 'allowed' : 'denied'
}

/** `*` stands at the end alone, for anything; `+` for one whole segment. */
function matches(pattern: string, path: string): boolean {
  const isPrefix = pattern.endsWith('*')
  const wanted = (isPrefix ? pattern.slice(0, -1) : pattern).split('/')
  const parts = path.split('/')
  if (isPrefix ? parts.length < wanted.length : parts.length !== wanted.length) return false
  return wanted.every((segment, at) => {
    const part = parts[at] ?? ''
    if (isPrefix && at === wanted.length - 1) return segment === '+' ? true : part.startsWith(segment)
    return segment === '+' || segment === part
  })
}

/** Negative: the first goes before. */
function byPriority(one: string, other: string, path: string): number {
  if (one === other) return 0
  if (one === path) return -1
  if (other === path) return 1
  const [a, b] = [one, other].map(placeOf) as [Place, Place]
  return (
    b.wild - a.wild ||
    Number(a.isPrefix) - Number(b.isPrefix) ||
    a.segments - b.segments ||
    other.length - one.length ||
    (one > other ? -1 : 1)
  )
}

interface Place {
  /** Where the first `+` or `*` stands. */
  readonly wild: number
  readonly isPrefix: boolean
  readonly segments: number
}

function placeOf(pattern: string): Place {
  const wild = pattern.search(/(?:^|\/)\+(?:\/|$)|\*$/u)
  return {
    wild: wild === -1 ? Number.POSITIVE_INFINITY : wild + (pattern[wild] === '/' ? 1 : 0),
    isPrefix: pattern.endsWith('*'),
    segments: pattern.split('/').filter((segment) => segment === '+').length,
  }
}

/** Of JSON or HCL. Undefined: it cannot be read. */
export function readPolicy(text: string): PathRule[] | undefined {
  const found = text.trimStart().startsWith('{') ? readJson(text) : readHcl(text)
  return found?.map(({ pattern, capabilities }) => ({ pattern: pattern.replace(/^\//u, ''), capabilities }))
}

function readJson(text: string): PathRule[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const given = isMap(value) ? value['path'] : undefined
    const all = Array.isArray(given) ? given : [given]
    return all.flatMap((paths: unknown) =>
      isMap(paths)
        ? Object.entries(paths).flatMap(([pattern, rule]) =>
            (Array.isArray(rule) ? rule : [rule]).map((one: unknown) => ({
              pattern,
              capabilities: ofRule(isMap(one) ? one : {}),
            })),
          )
        : [],
    )
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return undefined
  }
}

function ofRule(rule: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const { capabilities, policy } = rule
  const listed = Array.isArray(capabilities) ? capabilities.filter((one) => typeof one === 'string') : []
  return new Set([...listed, ...(typeof policy === 'string' ? (OLD_WAY[policy] ?? []) : [])])
}

/** `policy = "write"`, as policies were written first. */
const OLD_WAY: Readonly<Record<string, readonly string[]>> = {
  deny: ['deny'],
  read: ['read', 'list'],
  write: ['create', 'read', 'update', 'delete', 'list'],
  sudo: ['create', 'read', 'update', 'delete', 'list', 'sudo'],
}

const TOKEN =
  /\s+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<text>"(?:[^"\\\n]|\\.)*")|(?<word>[\w.-]+)|(?<mark>[{}[\]=,:])/uy

/** `path "…" { capabilities = ["read"] }`, in the order of the text; other settings say nothing of reading. */
function readHcl(text: string): PathRule[] | undefined {
  const tokens = tokensOf(text)
  if (tokens === undefined) return undefined
  const rules: PathRule[] = []
  for (let at = 0; at < tokens.length;) {
    const [word, pattern, open] = tokens.slice(at, at + 3)
    if (unquoted(word) === 'path' && pattern?.startsWith('"') === true && open === '{') {
      const end = closing(tokens, at + 2)
      if (end === undefined) return undefined
      rules.push({ pattern: unquoted(pattern), capabilities: capabilitiesIn(tokens.slice(at + 3, end)) })
      at = end + 1
    } else if (pattern === '=' && open !== undefined && open !== '{') at += 3
    else return undefined
  }
  return rules
}

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text)
    if (found === null) return undefined
    const { text: quoted, word, mark } = found.groups ?? {}
    const token = quoted ?? word ?? mark
    if (token !== undefined) tokens.push(token)
  }
  return tokens
}

function closing(tokens: readonly string[], open: number): number | undefined {
  let depth = 0
  for (let at = open; at < tokens.length; at += 1) {
    if (tokens[at] === '{') depth += 1
    if (tokens[at] === '}') depth -= 1
    if (depth === 0) return at
  }
  return undefined
}

function capabilitiesIn(tokens: readonly string[]): ReadonlySet<string> {
  const rule: Record<string, unknown> = {}
  let depth = 0
  for (const [at, token] of tokens.entries()) {
    if (token === '{') depth += 1
    if (token === '}') depth -= 1
    if (depth > 0 || tokens[at + 1] !== '=') continue
    const value = tokens[at + 2]
    const name = unquoted(token)
    if (value === '[')
      rule[name] = tokens
        .slice(at + 3, tokens.indexOf(']', at))
        .filter((one) => one.startsWith('"'))
        .map(unquoted)
    else if (value?.startsWith('"') === true) rule[name] = unquoted(value)
  }
  return ofRule(rule)
}

function unquoted(token = ''): string {
  return token.startsWith('"') ? token.slice(1, -1).replaceAll(/\\(["\\])/gu, '$1') : token
}
