import { utf8Of } from '../../domain/decoded.ts'
import { readDocument, type Dialect, type ReadDocument } from '../../domain/config/document.ts'
import { absolutePath, relativeTo } from '../../domain/config/file-path.ts'
import type { Project } from '../../domain/config/model.ts'
import type { Source } from '../../domain/sources/sources.ts'
import type { Position, Problem } from '../../domain/config/position.ts'
import type { Places } from '../../domain/config/places.ts'
import { parseValuePath, showValuePath, type ValuePath } from '../../domain/config/value-path.ts'
import { documentsInPlace } from '../../domain/manifest/yaml.ts'
import { readDotenv, type DotenvEntry, type DotenvFile } from '../../domain/transforms/dotenv-file.ts'
import { doubtWarnings, type Doubt } from '../../domain/transforms/dotenv-otherwise.ts'
import { lookUp } from '../../domain/values/layers.ts'
import type { Json } from '../../domain/values/model.ts'
import { ForgeError } from '../../errors.ts'
import type { Hint } from '../../hint.ts'
import { suggestion } from '../../domain/config/nearest.ts'
import type { VaultSecret } from '../../vault-port.ts'
import type { ProjectPorts } from './ports.ts'
import { vaultAccess } from './vault-access.ts'
import { textOf } from '../../domain/values/text-of.ts'

export type Reading =
  | {
      readonly kind: 'found'
      readonly bytes: Uint8Array
      /** The text as it is written; undefined when the bytes are not UTF-8. */
      readonly text: string | undefined
      /** Typed where the source is typed (YAML, a literal), else the text. */
      readonly value: Json
      readonly at: Position
    }
  | { readonly kind: 'missing'; readonly what: string }
  | { readonly kind: 'invalid'; readonly what: string; readonly at: Position; readonly hint?: Hint }

type Inside =
  | Exclude<Reading, { readonly kind: 'found' }>
  | { readonly kind: 'found'; readonly value: Json; readonly places: Places }

/** Reads sources of one project; each file is read and parsed once. */
export class SourceReader {
  readonly #project: Pick<Project, 'dir' | 'vault'>
  readonly #ports: ProjectPorts
  readonly #bytes = new Map<string, Promise<Uint8Array | undefined>>()
  readonly #documents = new Map<string, Promise<readonly ReadDocument[] | undefined>>()
  readonly #dotenvs = new Map<string, Promise<DotenvFile | undefined>>()
  readonly #decrypted = new Map<string, Promise<string>>()
  #doubts: Doubt[] = []

  constructor(project: Pick<Project, 'dir' | 'vault'>, ports: ProjectPorts) {
    this.#project = project
    this.#ports = ports
  }

  /** How a path is shown: relative to the project's folder. */
  shown(path: string): string {
    return relativeTo(this.#project.dir, absolutePath(this.#project.dir, path))
  }

  bytes(path: string): Promise<Uint8Array | undefined> {
    this.#ports.signal.throwIfAborted()
    return remember(this.#bytes, path, () => this.#ports.files.readBytes(absolutePath(this.#project.dir, path)))
  }

  /** Undefined: there is no such file, or it is not UTF-8. */
  async text(path: string): Promise<string | undefined> {
    const bytes = await this.bytes(path)
    return bytes === undefined ? undefined : utf8Of(bytes)
  }

  async document(path: string, dialect: Dialect): Promise<ReadDocument | undefined> {
    const found = await this.#read(path, dialect, 'whole')
    return found?.[0]
  }

  /** What stands at a path of a YAML file, as helm reads it. Of several documents the one that has it is meant. */
  async inside(file: string, path: ValuePath): Promise<Inside> {
    const shown = this.shown(file)
    const documents = await this.#read(file, 'helm', 'each')
    if (documents === undefined) return { kind: 'missing', what: `${shown} is missing` }
    const problem = documents.flatMap(({ problems }) => problems)[0]
    if (problem !== undefined)
      return { kind: 'invalid', what: problem.message, at: problem.at ?? { file: shown, line: 1, column: 1 } }
    const [first, second] = documents.flatMap((document) => {
      const hit = document.value === undefined ? undefined : lookUp(document.value as Json, path)
      const isThere = hit?.depth === path.length && hit.value !== null
      return isThere ? [{ kind: 'found' as const, value: hit.value, places: document.places }] : []
    })
    if (first === undefined) return { kind: 'missing', what: `${shown} has no ${showValuePath(path)}` }
    if (second === undefined) return first
    const what = `${shown} has ${showValuePath(path)} in several of its documents`
    return { kind: 'invalid', what, at: second.places.of(path) }
  }

  async #read(
    path: string,
    dialect: Dialect,
    documents: 'whole' | 'each',
  ): Promise<readonly ReadDocument[] | undefined> {
    return remember(this.#documents, `${dialect} ${documents} ${path}`, async () => {
      const text = await this.text(path)
      if (text === undefined) return undefined
      const texts = documents === 'each' ? documentsInPlace(text) : [text]
      return texts.map((one) => readDocument(one, this.shown(path), dialect))
    })
  }

  dotenv(path: string): Promise<DotenvFile | undefined> {
    return remember(this.#dotenvs, path, async () => {
      const bytes = await this.bytes(path)
      return bytes === undefined ? undefined : readDotenv(utf8Of(bytes) ?? '', this.shown(path))
    })
  }

  /** Notes what bash or docker compose would read otherwise in an entry that is used. */
  used(key: string, { at, otherwise }: DotenvEntry): void {
    if (otherwise !== undefined) this.#doubts.push({ key, at, why: otherwise })
  }

  /** The warnings about the entries that were used since this was last asked. */
  warnings(): Problem[] {
    const doubts = this.#doubts
    this.#doubts = []
    return doubtWarnings(doubts)
  }

  /** A file gives exactly its bytes, unless the source says `trim: newline`. */
  async read(source: Source): Promise<Reading> {
    switch (source.kind) {
      case 'file':
        return this.#file(source)
      case 'yaml':
        return this.#yaml(source)
      case 'env': {
        const value = this.#ports.sources.env(source.name)
        return value === undefined
          ? { kind: 'missing', what: `environment variable ${source.name} is not set` }
          : found(value, source.at)
      }
      case 'dotenv':
        return this.#entry(source)
      case 'command':
        return this.#command(source)
      case 'sops':
        return this.#sops(source)
      case 'vault':
        return this.#vault(source)
      case 'literal':
        return found(source.value as Json, source.at, source.text)
    }
  }

  async #file(source: Source & { kind: 'file' }): Promise<Reading> {
    const bytes = await this.bytes(source.file)
    if (bytes === undefined) return { kind: 'missing', what: `${this.shown(source.file)} is missing` }
    const text = utf8Of(bytes)
    const at = { file: this.shown(source.file), line: 1, column: 1 }
    if (text === undefined) return { kind: 'found', bytes, text, value: null, at }
    const trimmed = trim(text, source.trim)
    return { kind: 'found', bytes: trimmed === text ? bytes : encode(trimmed), text: trimmed, value: trimmed, at }
  }

  async #yaml(source: Source & { kind: 'yaml' }): Promise<Reading> {
    const path = parseValuePath(source.path) ?? [source.path]
    const hit = await this.inside(source.file, path)
    // The text as written, so that 1.10 does not become 1.1 where text is wanted.
    return hit.kind === 'found' ? found(hit.value, hit.places.of(path), hit.places.textOf(path)) : hit
  }

  async #entry(source: Source & { kind: 'dotenv' }): Promise<Reading> {
    const file = await this.dotenv(source.file)
    if (file === undefined) return { kind: 'missing', what: `${this.shown(source.file)} is missing` }
    const entry = file.entries.get(source.name)
    if (entry?.fault === undefined && entry !== undefined) this.used(source.name, entry)
    return entryOf(file, source.name, this.shown(source.file))
  }

  async #command(source: Source & { kind: 'command' }): Promise<Reading> {
    const { sources, signal } = this.#ports
    return this.#tried(source.at, async () => {
      const output = await sources.command(source.argv, this.#project.dir, signal)
      return found(output.replace(/(?:\r?\n)+$/u, ''), source.at)
    })
  }

  async #sops(source: Source & { kind: 'sops' }): Promise<Reading> {
    if ((await this.bytes(source.file)) === undefined)
      return { kind: 'missing', what: `${this.shown(source.file)} is missing` }
    const { sources, signal } = this.#ports
    return this.#tried(source.at, async () => {
      const shown = this.shown(source.file)
      const full = absolutePath(this.#project.dir, source.file)
      // One run of sops for all values of a file: each may ask a key service, or for a passphrase.
      const text = await remember(this.#decrypted, full, () => sources.decrypt(full, signal))
      const { path } = source
      return path === undefined ? found(trim(text, source.trim), source.at) : within(text, path, shown, source.at)
    })
  }

  async #vault({ secret, key, at }: Source & { kind: 'vault' }): Promise<Reading> {
    const access = await vaultAccess(this.#project, async (source) => await this.read(source))
    if (access.kind !== 'found') return access
    const { sources, signal } = this.#ports
    return this.#tried(at, async () => inVault(await sources.vault(secret, access.value, signal), { secret, key, at }))
  }

  async #tried(at: Position, read: () => Promise<Reading>): Promise<Reading> {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof ForgeError)) throw error
      return { kind: 'invalid', what: error.message, at, hint: error.hint }
    }
  }
}

function inVault(
  secret: VaultSecret,
  { secret: path, key, at }: { readonly secret: string; readonly key: string; readonly at: Position },
): Reading {
  if (secret.kind === 'missing') return secret
  const { data } = secret
  if (Object.hasOwn(data, key)) return found(data[key] as Json, at)
  return { kind: 'missing', what: `${path} in Vault has no ${key}${suggestion(key, Object.keys(data))}` }
}

function remember<V>(cache: Map<string, Promise<V>>, key: string, make: () => Promise<V>): Promise<V> {
  const known = cache.get(key)
  if (known !== undefined) return known
  const made = make()
  cache.set(key, made)
  return made
}

function found(value: Json, at: Position, written?: string): Reading {
  const text = written ?? textOf(value)
  return { kind: 'found', bytes: encode(text), text, value, at }
}

/** `place`: where the source stands, for a file that nobody sees as it is read. */
function entryOf({ entries }: DotenvFile, name: string, shown: string, place?: Position): Reading {
  const entry = entries.get(name)
  if (entry === undefined) return { kind: 'missing', what: `${shown} has no ${name}` }
  return entry.fault === undefined
    ? found(entry.value, place ?? entry.at)
    : { kind: 'invalid', what: `${name} ${entry.faultOfSecret ?? entry.fault}`, at: place ?? entry.at }
}

function inDocument(document: ReadDocument, path: string, shown: string, at: Position): Reading {
  const [problem] = document.problems
  if (problem !== undefined) return { kind: 'invalid', what: problem.message, at: problem.at ?? at }
  const parsed = parseValuePath(path) ?? [path]
  const hit = document.value === undefined ? undefined : lookUp(document.value as Json, parsed)
  if (hit?.depth !== parsed.length || hit.value === null) return { kind: 'missing', what: `${shown} has no ${path}` }
  // The text as written, so that 1.10 does not become 1.1 where text is wanted.
  return found(hit.value, document.places.of(parsed), document.places.textOf(parsed))
}

/** One value of what sops has decrypted; it tells the format by the file's name, and so does this. */
function within(text: string, path: string, shown: string, at: Position): Reading {
  if (shown.endsWith('.env')) {
    return entryOf(readDotenv(text, shown), path, shown, at)
  }
  // sops indents JSON with tabs, which YAML does not allow.
  const document = shown.endsWith('.json') ? spaced(text) : text
  return inDocument(readDocument(document, shown, 'helm'), path, shown, at)
}

/** A line break within a text of JSON is escaped, so what begins a line is always indentation. */
function spaced(json: string): string {
  return json.replace(/^\t+/gmu, (tabs) => '  '.repeat(tabs.length))
}

function trim(text: string, rule: 'newline' | 'none' | undefined): string {
  return rule === 'newline' ? text.replace(/(?:\r?\n)+$/u, '') : text
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
