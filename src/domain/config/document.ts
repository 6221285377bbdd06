import {
  isAlias,
  isMap as isYamlMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  type Scalar,
  type ScalarTag,
  type Tags,
  type YAMLMap,
} from 'yaml'
import { loadHelmYaml } from '../manifest/yaml.ts'
import { parsed } from './parsed.ts'
import { setOwn, showPath, pathKey, type Path, type PlainMap } from './path.ts'
import type { Place } from './places.ts'
import { Places } from './places.ts'
import type { Position, Problem } from './position.ts'

export interface ReadDocument {
  /** Plain data; undefined when the document holds nothing. */
  readonly value: unknown
  readonly places: Places
  readonly problems: readonly Problem[]
}

/**
 * `core`: YAML 1.2, for forge's own files (`yes` and `on` are text). `helm`: as helm reads values files (goyaml v2: `yes`
 * and `on` are booleans and `0400` is octal, but times such as `22:22` stay text). Tried: helm 3.22 and 4.3. `compose`: as
 * `core`, with tags of its own (`!reset`, https://docs.docker.com/reference/compose-file/merge/).
 */
export type Dialect = 'core' | 'helm' | 'compose'

/** More nodes than any real project has: an alias bomb ends here. */
const MOST_NODES = 200_000
/** Deeper than any real project is; whoever walks the values has a stack with an end. */
const DEEPEST = 1000
const TOO_DEEP = 'this is nested too deeply'

/**
 * Reads one YAML document with the position of everything in it. Merge keys and aliases are resolved. Of what helm reads,
 * places and values come from two readers: the one that knows places is stricter, and differs in some values.
 */
export function readDocument(text: string, file: string, dialect: Dialect): ReadDocument {
  const { isForgivable, ...placed } = readPlaced(text, file, dialect)
  if (dialect === 'core' || (placed.problems.length > 0 && !isForgivable)) return placed
  const { value, reason } = loadHelmYaml(text)
  if (reason === undefined) return { ...placed, value, problems: [] }
  const problems =
    placed.problems.length > 0 ? placed.problems : [{ message: reason, at: { file, line: 1, column: 1 } }]
  return { ...placed, value: undefined, problems }
}

/** `isForgivable`: what is wrong with the text need not be wrong for helm. */
function readPlaced(text: string, file: string, dialect: Dialect): ReadDocument & { readonly isForgivable: boolean } {
  const lines = new LineCounter()
  const common = { lineCounter: lines, prettyErrors: false, uniqueKeys: false } as const
  const root = { file, line: 1, column: 1 }
  const document = parsed(
    text,
    dialect === 'helm' ? { ...common, schema: 'yaml-1.1', customTags: asHelmReads } : { ...common, schema: 'core' },
  )
  if (document === undefined) {
    const problems = [{ message: TOO_DEEP, at: root }]
    return { value: undefined, places: new Places(root, new Map()), problems, isForgivable: true }
  }
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { file, line, column: Math.max(col, 1) }
  }
  const warnings = dialect === 'compose' ? [] : document.warnings
  const syntax = [...document.errors, ...warnings].map((error) => ({
    message: explain(error.code, error.message),
    at: positionAt(Math.min(error.pos[0], Math.max(text.trimEnd().length, 0))),
  }))
  if (syntax.length > 0) {
    const isForgivable = document.errors.every(({ code }) => code !== 'MULTIPLE_DOCS')
    return { value: undefined, places: new Places(root, new Map()), problems: syntax, isForgivable }
  }
  const walker = new Walker(positionAt, dialect)
  const value = document.contents === null ? undefined : walker.plain(document.contents, [])
  return { value, places: new Places(root, walker.places), problems: walker.problems, isForgivable: false }
}

const GO_OCTAL: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?0o[0-7]+$/u,
  resolve: (text) => Number.parseInt(text.replace('0o', ''), 8),
}

function asHelmReads(tags: Tags): Tags {
  const kept = tags.filter((tag) => {
    if (typeof tag === 'string') return true
    return tag.tag !== 'tag:yaml.org,2002:merge' && tag.tag !== 'tag:yaml.org,2002:timestamp' && tag.format !== 'TIME'
  })
  return [...kept, GO_OCTAL]
}

function explain(code: string, message: string): string {
  const known: Readonly<Record<string, string>> = {
    TAB_AS_INDENT: 'a tab cannot indent YAML; use spaces',
    MULTIPLE_DOCS: 'a second document begins here; one file holds one',
    BLOCK_AS_IMPLICIT_KEY: 'a second "key: value" on one line; quote the value, or put it on a line of its own',
    MULTILINE_IMPLICIT_KEY: 'expected "key: value" here',
    BAD_SCALAR_START: 'a value that starts with this character must be quoted',
  }
  return known[code] ?? message.charAt(0).toLowerCase() + message.slice(1)
}

class Walker {
  readonly places = new Map<string, Place>()
  readonly problems: Problem[] = []
  readonly #positionAt: (offset: number) => Position
  /** Anchors met so far; YAML lets an alias mean the last one before it. */
  readonly #anchors = new Map<string, unknown>()
  readonly #open = new Set<unknown>()
  #nodes = 0

  readonly #dialect: Dialect

  constructor(positionAt: (offset: number) => Position, dialect: Dialect) {
    this.#positionAt = positionAt
    this.#dialect = dialect
  }

  plain(node: unknown, path: Path, key?: Position): unknown {
    const at = this.#at(node) ?? key ?? this.#positionAt(0)
    this.#nodes += 1
    if (this.#nodes > MOST_NODES) {
      if (this.#nodes === MOST_NODES + 1)
        this.problems.push({ message: 'the aliases of this document unfold to too much', at })
      return null
    }
    if (path.length > DEEPEST) {
      this.problems.push({ message: TOO_DEEP, at })
      return null
    }
    this.places.set(pathKey(path), {
      value: at,
      ...(key === undefined ? {} : { key }),
      ...(isScalar(node) && typeof node.source === 'string' ? { text: node.source } : {}),
    })
    if (isAlias(node)) return this.#alias(node, path, key)
    const { anchor } = (node ?? {}) as { anchor?: string }
    if (anchor !== undefined) this.#anchors.set(anchor, node)
    if (isScalar(node)) return this.#scalar(node, at)
    if (isSeq(node))
      return this.#guarded(node, at, () => node.items.map((item, index) => this.plain(item, [...path, index])))
    if (isYamlMap(node)) return this.#guarded(node, at, () => this.#map(node, path))
    return null
  }

  /** JSON has no number for infinity, and helm refuses it. Of a number that is too large helm makes a text; a commit (`12e4567`) is one. */
  #scalar({ value, source = '' }: Scalar, at: Position): unknown {
    if (typeof value !== 'number' || Number.isFinite(value)) return value
    if (this.#dialect !== 'core' && /\d/u.test(source)) return source
    this.problems.push({
      message: `${source} is not a number that a chart can get; quote it if it is meant as text`,
      at,
    })
    return null
  }

  #alias(node: { source: string }, path: Path, key?: Position): unknown {
    const target = this.#anchors.get(node.source)
    if (target !== undefined) return this.plain(target, path, key)
    this.problems.push({ message: `*${node.source} names no anchor`, at: this.#at(node) ?? this.#positionAt(0) })
    return null
  }

  #guarded(node: unknown, at: Position, read: () => unknown): unknown {
    if (this.#open.has(node)) {
      this.problems.push({ message: 'an alias contains itself', at })
      return null
    }
    this.#open.add(node)
    const value = read()
    this.#open.delete(node)
    return value
  }

  #map(node: YAMLMap, path: Path): PlainMap {
    const target: PlainMap = {}
    const merges: Pair[] = []
    for (const pair of node.items) {
      if (isMergeKey(pair)) merges.push(pair)
      else this.#entry(pair, path, target)
    }
    // Keys of the map itself win over merged ones, wherever `<<` stands.
    for (const pair of merges) this.#merge(pair.value, path, target)
    return target
  }

  #entry(pair: Pair, path: Path, target: PlainMap): void {
    const at = this.#at(pair.key) ?? this.#positionAt(0)
    const name = keyName(pair.key)
    if (name === undefined) {
      this.problems.push({ message: `a key of ${showPath(path) || 'the document'} is not plain text`, at })
      return
    }
    if (Object.hasOwn(target, name)) {
      const first = this.places.get(pathKey([...path, name]))?.key
      const where = first === undefined ? '' : `; the first is on line ${first.line}`
      this.problems.push({ message: `duplicate key "${name}"${inside(path)}${where}`, at })
      return
    }
    setOwn(target, name, this.plain(pair.value, [...path, name], at))
  }

  #merge(value: unknown, path: Path, target: PlainMap): void {
    const source = isAlias(value) ? this.#anchors.get(value.source) : value
    const at = this.#at(value) ?? this.#positionAt(0)
    if (isSeq(source)) {
      for (const item of source.items) this.#merge(item, path, target)
    } else if (isYamlMap(source)) {
      this.#guarded(source, at, () => {
        for (const pair of source.items) {
          const name = keyName(pair.key)
          if (isMergeKey(pair)) this.#merge(pair.value, path, target)
          else if (name === undefined || !Object.hasOwn(target, name)) this.#entry(pair, path, target)
        }
      })
    } else {
      this.problems.push({ message: `"<<"${inside(path)} merges a map, or a list of maps`, at })
    }
  }

  #at(node: unknown): Position | undefined {
    const range = (node as { range?: readonly number[] | null } | null | undefined)?.range
    return range?.[0] === undefined ? undefined : this.#positionAt(range[0])
  }
}

function inside(path: Path): string {
  return path.length === 0 ? '' : ` in ${showPath(path)}`
}

function isMergeKey(pair: Pair): boolean {
  return isScalar(pair.key) && pair.key.source === '<<' && pair.key.type === 'PLAIN'
}

/** Keys that YAML reads as numbers or booleans become the text that helm makes of them: `8080`, `true`. */
function keyName(key: unknown): string | undefined {
  const value = isScalar(key) ? key.value : undefined
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}
