import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import { readDocument } from '../config/document.ts'
import { isMap, ownValue, type PlainMap } from '../config/path.ts'
import { showLine } from '../config/position.ts'
import { interpolate, type Lookup } from '../values/interpolate.ts'

/** How compose would build a service. Paths are as written: `context` from the compose file's folder, `dockerfile` from `context`. */
export interface ComposeBuild {
  readonly context: string
  readonly dockerfile: string
  readonly target?: string
  readonly platform?: string
  readonly args: Readonly<Record<string, string>>
  readonly notes: readonly string[]
}

/** They change what comes out, and forge does not do them: building without them would give another image. */
const NEEDED = [
  'dockerfile_inline',
  'additional_contexts',
  'secrets',
  'ssh',
  'entitlements',
  'extra_hosts',
  'privileged',
  'isolation',
]
const READ = ['context', 'dockerfile', 'args', 'target']

/** Throws E_IMAGE_COMPOSE with the line that is responsible. `file` is as forge.yaml names it. */
export function readComposeBuild(text: string, file: string, service: string, lookup: Lookup): ComposeBuild {
  const { value, places, problems } = readDocument(text, file, 'compose')
  const where = (path: readonly string[]): string => showLine(places.of(path))
  const [problem] = problems
  if (problem !== undefined) {
    const at = problem.at === undefined ? file : showLine(problem.at)
    throw refuse(`${file} cannot be read: ${problem.message}`, { where: at })
  }
  const { services, one } = serviceOf(value, service)
  if (one === undefined) {
    const names = Object.keys(services).join(', ') || 'none'
    throw refuse(`${file} has no service ${service} (it has: ${names})`, { where: where(['services']) })
  }
  const fail = (path: readonly string[], message: string): ForgeError =>
    refuse(`service ${service} of ${file} ${message}`, { where: where(['services', service, ...path]) })
  if (one['extends'] !== undefined) throw fail(['extends'], 'extends another one, which forge does not follow')
  const build = one['build']
  if (build === undefined || build === null) throw fail([], 'has no build section')
  const raw = isMap(build) ? build : { context: build }
  const needed = NEEDED.find((key) => raw[key] !== undefined)
  if (needed !== undefined) throw fail(['build', needed], `is built with ${needed}, which forge does not do`)
  return new Reading(raw, lookup, (path, message) => fail(['build', ...path], message)).build(one['platform'])
}

function serviceOf(value: unknown, service: string): { services: PlainMap; one: PlainMap | undefined } {
  const services = isMap(value) && isMap(value['services']) ? value['services'] : {}
  const one = ownValue(services, service)
  return { services, one: isMap(one) ? one : undefined }
}

class Reading {
  readonly #raw: PlainMap
  readonly #lookup: Lookup
  readonly #fail: (path: readonly string[], message: string) => ForgeError
  readonly #notes: string[] = []

  constructor(raw: PlainMap, lookup: Lookup, fail: (path: readonly string[], message: string) => ForgeError) {
    this.#raw = raw
    this.#lookup = lookup
    this.#fail = fail
  }

  build(platform: unknown): ComposeBuild {
    const unread = Object.keys(this.#raw).filter((key) => !READ.includes(key) && !key.startsWith('x-'))
    if (unread.length > 0) this.#notes.push(`compose settings that forge leaves aside: ${unread.join(', ')}`)
    const target = this.#text(this.#raw['target'], ['target'])
    const onPlatform = this.#text(platform, ['platform'])
    return {
      context: this.#text(this.#raw['context'], ['context']) ?? '.',
      dockerfile: this.#text(this.#raw['dockerfile'], ['dockerfile']) ?? 'Dockerfile',
      ...(target === undefined ? {} : { target }),
      ...(onPlatform === undefined ? {} : { platform: onPlatform }),
      args: this.#args(this.#raw['args']),
      notes: this.#notes,
    }
  }

  /** A map, or a list of `NAME=value`; without a value it is the environment's, and without that it is not passed. */
  #args(value: unknown): Record<string, string> {
    const pairs: (readonly [string, unknown])[] = Array.isArray(value)
      ? value.map((one) => splitPair(String(one)))
      : isMap(value)
        ? Object.entries(value)
        : []
    return Object.fromEntries(
      pairs.flatMap(([name, given]) => {
        const text = given === undefined || given === null ? this.#lookup(name) : this.#text(given, ['args', name])
        return text === undefined ? [] : [[name, text] as const]
      }),
    )
  }

  #text(value: unknown, path: readonly string[]): string | undefined {
    if (value === undefined || value === null) return undefined
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      throw this.#fail(path, `has a ${path.join('.')} that is not a text`)
    const { text, unset, required } = interpolate(String(value), this.#lookup)
    if (required !== undefined) throw this.#fail(path, `needs a variable: ${required}`)
    for (const name of unset) this.#notes.push(`${name} is not set and counts as empty (compose ${path.join('.')})`)
    return text
  }
}

function splitPair(text: string): readonly [string, string | undefined] {
  const equals = text.indexOf('=')
  return equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)]
}

function refuse(message: string, { where }: { readonly where: string }): ForgeError {
  return new ForgeError('E_IMAGE_COMPOSE', message, { hint: forge('explain', 'E_IMAGE_COMPOSE'), where })
}
