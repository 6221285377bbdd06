import { utf8Of } from '../decoded.ts'
import { bytesOfBase64 } from '../base64.ts'
import { isEqual } from '../canonical.ts'
import { isMap } from '../config/path.ts'
import type { KubeObject } from '../kube.ts'
import { writeDocument } from '../manifest/write-yaml.ts'
import { loadHelmYaml, mapDocuments } from '../manifest/yaml.ts'
import type { Redactor } from '../redact/redactor.ts'
import type { JsonMap } from '../values/model.ts'
import { MadeUp } from './made-up.ts'
import { OpenTexts, type Open } from './open-texts.ts'
import { mapObject, mapValues, type Visit } from './secret-places.ts'
import { Replacer } from './replace.ts'
import type { Keyed } from './scramble.ts'
import { takenBy } from './taken-texts.ts'

/** The type of the Secrets in which helm keeps its records. */
export const RECORD_TYPE = 'helm.sh/release.v1'

/**
 * Made-up values in the place of secrets, the same every time within a run. What the redactor masks is changed; what it leaves
 * readable (`postgres`, `5432`, less than four characters where they stand in other texts) may stay, and so do the keys, the
 * lines and the boundaries of a value that has a structure. Names that the redactor spares are no secrets: give it those of the
 * objects first, for what is called like a Secret's value would be replaced wherever it is told.
 */
export interface Disguise {
  /**
   * The made-up bytes for a secret value: same length and shape, never the value itself, and of what was made up the same. Learns
   * it: `known` replaces it everywhere.
   */
  bytes(value: Uint8Array): Uint8Array
  text(value: string): string
  /** What a made-up value stands for; the same bytes where they are none of ours. */
  original(value: Uint8Array): Uint8Array
  /** Learns what an object holds that is secret. Of all of them before the first is copied: one may tell what is secret in another. */
  learn(object: unknown): void
  /** A copy of anything like JSON, in which no secret that was learned is left in any form, nor what its own name says to be one. */
  known<T>(value: T): T
  /**
   * What tonight's project has itself. From then on `object`, `manifest` and `given`, which are for what stands in the environment,
   * make up all else that only programs read; it is not learned. `definitions`: of its custom resources.
   */
  open(open: Open & { readonly definitions?: readonly KubeObject[] }): void
  /** The same as `known` of an object; of a Secret all of its values are made up. Helm's records are not for it: `disguisedRecord`. */
  object(object: KubeObject): KubeObject
  /** The same of what a manifest of helm says; its text stays where it can. */
  manifest(text: string): string
  /** The same of values that a release of the environment was given. */
  given(values: JsonMap): JsonMap
  /** The same of values that helm was given: what is secret tells their path. */
  values(values: JsonMap): JsonMap
  learnManifest(text: string): void
  learnValues(values: JsonMap): void
  /** All values that were learned, in base64: what another one of the same key has to be given (`bytes`) to disguise alike. */
  learned(): readonly string[]
  /** True when something that was learned is in a text, in any form; what is left of a value's structure is none. */
  finds(text: string): boolean
}

export function createDisguise(options: { readonly keyed: Keyed; readonly redactor: Redactor }): Disguise {
  return new Disguising(options.keyed, options.redactor)
}

class Disguising implements Disguise {
  readonly #redactor: Redactor
  readonly #madeUp: MadeUp
  readonly #replacer: Replacer
  /** By the text; what is none by its base64. */
  readonly #learned = new Map<string, string>()
  /** Revisions of a release have most of them in common. */
  readonly #documents = new Set<string>()
  readonly #learning: Visit
  readonly #copying: Visit
  /** What stands in the environment. */
  readonly #taking: Visit
  #open: OpenTexts | undefined
  #definitions: readonly KubeObject[] = []
  /** Of those that are no secrets as far as anybody knows: apart, for nothing of them is replaced elsewhere. */
  readonly #foreign: MadeUp

  constructor(keyed: Keyed, redactor: Redactor) {
    this.#redactor = redactor
    this.#madeUp = new MadeUp(keyed)
    this.#foreign = new MadeUp(keyed)
    this.#replacer = new Replacer(redactor, this.#madeUp)
    const same = (text: string): string => text
    const encoded = (text: string): string => this.#encoded(text)
    this.#learning = {
      encoded,
      secret: (text, from) => this.#secret(text, from),
      text: same,
      name: same,
      free: (_, told) => told,
      takes: (kind) => takenBy(this.#definitions, kind),
      taught: new Set(),
    }
    this.#copying = {
      ...this.#learning,
      text: (text) => this.#replacer.text(text),
      // `apiKey: hunter2-and-more` is called like a name, and is none.
      name: (text) => (this.#redactor.reveals(text) ? this.#replacer.text(text) : text),
    }
    this.#taking = { ...this.#copying, free: (text, told) => this.#free(text, told) }
  }

  bytes(value: Uint8Array): Uint8Array {
    const text = utf8Of(value)
    if (text !== undefined) return Buffer.from(this.text(text))
    const made = this.#madeUp.bytes(value)
    if (made === value) return made
    const encoded = Buffer.from(value).toString('base64')
    this.#learn(encoded, encoded)
    return made
  }

  text(value: string): string {
    if (this.#madeUp.isMade(value)) return value
    this.#learn(value, Buffer.from(value).toString('base64'))
    return this.#madeUp.text(value)
  }

  original(value: Uint8Array): Uint8Array {
    return this.#madeUp.original(value)
  }

  learn(object: unknown): void {
    if (typeof object === 'object' && object !== null) mapObject(object, this.#learning)
  }

  known<T>(value: T): T {
    this.learn(value)
    return mapObject(value, this.#copying)
  }

  object(object: KubeObject): KubeObject {
    if (object['type'] === RECORD_TYPE) throw new Error('a record of helm is not disguised as an object')
    this.learn(object)
    return mapObject(object, this.#taking)
  }

  open({ definitions = [], ...open }: Parameters<Disguise['open']>[0]): void {
    this.#open = new OpenTexts(open)
    this.#definitions = definitions
  }

  given(values: JsonMap): JsonMap {
    this.learnValues(values)
    return mapValues(values, this.#taking)
  }

  learnManifest(text: string): void {
    mapDocuments(text, (document) => {
      if (!this.#documents.has(document)) this.learn(loadHelmYaml(document).value)
      this.#documents.add(document)
      return document
    })
  }

  learnValues(values: JsonMap): void {
    mapValues(values, this.#learning)
  }

  values(values: JsonMap): JsonMap {
    this.learnValues(values)
    return mapValues(values, this.#copying)
  }

  manifest(text: string): string {
    this.learnManifest(text)
    return mapDocuments(text, (document) => this.#document(document))
  }

  learned(): readonly string[] {
    return [...this.#learned.values()]
  }

  finds(text: string): boolean {
    return this.#replacer.finds(text)
  }

  /** The object decides; its text stays, with its comments, where it says the same when each secret is replaced in it. */
  #document(document: string): string {
    const { value } = loadHelmYaml(document)
    const text = this.#replacer.text(document)
    if (!isMap(value)) return text
    const made = mapObject(value, this.#taking)
    const isSame = text === document ? isEqual(value, made) : isEqual(loadHelmYaml(text).value, made)
    return isSame && !this.#saysMore(document) ? text : writeDocument(document, made)
  }

  /** Comments that tonight's project has not. */
  #saysMore(document: string): boolean {
    const lines = document.split('\n').filter((line) => line.includes('#') && !/^# Source: /u.test(line))
    return this.#open !== undefined && lines.some((line) => this.#open?.has(line) === false)
  }

  /** Of a text of several lines those stay that the project has, too. */
  #free(text: string, told: string): string {
    if (this.#open === undefined || this.#open.has(text)) return told
    const made = this.#strange(told)
    const [own, lines] = [text.split('\n'), told.split('\n')]
    if (lines.length < 2 || own.length !== lines.length) return made
    return made
      .split('\n')
      .map((line, at) => (this.#open?.has(own[at] ?? '') === true ? (lines[at] ?? '') : line))
      .join('\n')
  }

  #strange(text: string): string {
    const isKnown = this.#redactor.isSpared(text.trim()) || this.#madeUp.isMade(text)
    return isKnown || !/[\p{L}\d]/u.test(text) ? text : this.#foreign.text(text)
  }

  #encoded(value: string): string {
    const bytes = bytesOfBase64(value)
    return bytes === undefined ? this.text(value) : Buffer.from(this.bytes(bytes)).toString('base64')
  }

  /** What is called secret and is a short word (`CACHE_KEY: shop`) is changed where it stands; elsewhere it is a word. */
  #secret(value: string, from: 'Secret' | 'name'): string {
    // `secret: { key: tls.crt }` in the values of a chart says where it is.
    if (from === 'name' && this.#redactor.isSpared(value)) return value
    return from === 'name' && /^[a-z]{1,7}$/u.test(value) ? this.#madeUp.text(value) : this.text(value)
  }

  #learn(value: string, encoded: string): void {
    if (this.#learned.has(value)) return
    this.#learned.set(value, encoded)
    // Certificates are shown to every client; to mask them would only make output unreadable.
    if (!value.includes('-----BEGIN CERTIFICATE-----') || value.includes('PRIVATE KEY-----')) this.#redactor.add(value)
  }
}
