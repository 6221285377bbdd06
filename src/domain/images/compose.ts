import type { ForgeError } from '../../errors.ts'
import { isMap, ownValue, type Path, type PlainMap } from '../config/path.ts'
import type { Position } from '../config/position.ts'
import type { Source } from '../sources/sources.ts'
import type { Lookup } from '../values/interpolate.ts'
import { composeRefused, readComposeFile } from './compose-file.ts'
import { ComposeTexts } from './compose-texts.ts'

/** How compose would build a service. Paths are as written: `context` from the compose file's folder, `dockerfile` from `context`. */
export interface ComposeBuild {
  readonly context: string
  readonly dockerfile: string
  /** The text of the Dockerfile itself. */
  readonly inline?: string
  readonly target?: string
  readonly platforms: readonly string[]
  readonly args: Readonly<Record<string, string>>
  /** Beside the context, by name: a folder, or an address. */
  readonly contexts: Readonly<Record<string, string>>
  /** Files from the compose file's folder. */
  readonly secrets: readonly { readonly id: string; readonly source: Source }[]
  readonly ssh: readonly string[]
  readonly cacheFrom: readonly string[]
  readonly cacheTo: readonly string[]
  readonly notes: readonly string[]
}

/** They change what comes out, and forge does not do them: building without them would give another image. */
const NEEDED = ['entitlements', 'extra_hosts', 'privileged', 'isolation', 'network']
const READ = [
  ...['context', 'dockerfile', 'dockerfile_inline', 'args', 'target', 'platforms', 'additional_contexts'],
  ...['secrets', 'ssh', 'cache_from', 'cache_to'],
]

/** Throws E_IMAGE_COMPOSE with the line that is responsible. `file` is as forge.yaml names it. */
export function readComposeBuild(text: string, file: string, service: string, lookup: Lookup): ComposeBuild {
  const { whole, services, places } = readComposeFile(text, file)
  const found = ownValue(services, service)
  const one = isMap(found) ? found : undefined
  if (one === undefined) {
    const names = Object.keys(services).join(', ') || 'none'
    throw composeRefused(`${file} has no service ${service} (it has: ${names})`, places.of(['services']))
  }
  const fail = (path: Path, message: string): ForgeError =>
    composeRefused(`service ${service} of ${file} ${message}`, places.of(['services', service, ...path]))
  if (one['extends'] !== undefined) throw fail(['extends'], 'extends another one, which forge does not follow')
  const build = one['build']
  if (build === undefined || build === null) throw fail([], 'has no build section')
  const raw = isMap(build) ? build : { context: build }
  const needed = NEEDED.find((key) => raw[key] !== undefined)
  if (needed !== undefined) throw fail(['build', needed], `is built with ${needed}, which forge does not do`)
  const shared = isMap(whole['secrets']) ? whole['secrets'] : {}
  const texts = new ComposeTexts(lookup, (path, message) => fail(['build', ...path], message))
  return new Reading(raw, shared, texts, (path) => places.of(['services', service, 'build', ...path])).build(
    one['platform'],
  )
}

class Reading {
  readonly #raw: PlainMap
  /** `secrets` of the whole file. */
  readonly #shared: PlainMap
  readonly #texts: ComposeTexts
  readonly #at: (path: Path) => Position

  constructor(raw: PlainMap, shared: PlainMap, texts: ComposeTexts, at: (path: Path) => Position) {
    this.#raw = raw
    this.#shared = shared
    this.#texts = texts
    this.#at = at
  }

  build(platform: unknown): ComposeBuild {
    const raw = this.#raw
    const texts = this.#texts
    const unread = Object.keys(raw).filter((key) => !READ.includes(key) && !key.startsWith('x-'))
    if (unread.length > 0) texts.note(`compose settings that forge leaves aside: ${unread.join(', ')}`)
    const target = texts.text(raw['target'], ['target'])
    const inline = texts.text(raw['dockerfile_inline'], ['dockerfile_inline'])
    if (inline !== undefined && raw['dockerfile'] !== undefined)
      throw texts.fail(['dockerfile_inline'], 'has both dockerfile and dockerfile_inline')
    return {
      context: texts.setText(raw['context'], ['context']) ?? '.',
      dockerfile: texts.setText(raw['dockerfile'], ['dockerfile']) ?? 'Dockerfile',
      ...(inline === undefined ? {} : { inline }),
      ...(target === undefined ? {} : { target }),
      platforms: this.#platforms(platform),
      args: Object.fromEntries(texts.pairs(raw['args'], ['args'], true)),
      contexts: this.#contexts(),
      secrets: texts.items(raw['secrets'], ['secrets']).map((one, at) => this.#secret(one, ['secrets', String(at)])),
      ssh: texts.pairs(raw['ssh'], ['ssh']).map(([id, path]) => (path === '' ? id : `${id}=${path}`)),
      cacheFrom: texts.list(raw['cache_from'], ['cache_from']),
      cacheTo: texts.list(raw['cache_to'], ['cache_to']),
      notes: texts.notes,
    }
  }

  #platforms(platform: unknown): string[] {
    const all = this.#texts.list(this.#raw['platforms'], ['platforms'])
    const own = this.#texts.text(platform, ['platform'])
    return all.length > 0 || own === undefined ? all : [own]
  }

  #contexts(): Record<string, string> {
    const path = ['additional_contexts']
    const pairs = this.#texts.pairs(this.#raw['additional_contexts'], path)
    const other = pairs.find(([, value]) => /^(?:service|target):/u.test(value))
    if (other !== undefined)
      throw this.#texts.fail(path, `is built with the context ${other[1]}, which forge does not follow`)
    return Object.fromEntries(pairs)
  }

  /** A name, or a map; what it is stands in the `secrets` of the whole file. */
  #secret(raw: unknown, path: readonly string[]): ComposeBuild['secrets'][number] {
    const texts = this.#texts
    const name = texts.text(isMap(raw) ? raw['source'] : raw, path) ?? ''
    const id = (isMap(raw) ? texts.text(raw['target'], path) : undefined) ?? name
    const found = ownValue(this.#shared, name)
    const [file, env] = isMap(found)
      ? [texts.text(found['file'], path), texts.text(found['environment'], path)]
      : [undefined, undefined]
    const at = this.#at(path)
    if (file !== undefined) return { id, source: { kind: 'file', file, at } }
    if (env !== undefined) return { id, source: { kind: 'env', name: env, at } }
    throw texts.fail(path, `takes the secret ${name}, which is neither a file nor an environment variable there`)
  }
}
