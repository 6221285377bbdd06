import { utf8Of } from '../decoded.ts'
import { isMap, setOwn, type PlainMap } from '../config/path.ts'
import { saysSecret as tellsSecret } from '../init/compose-secrecy.ts'
import { openValues } from '../init/kept-values.ts'
import { parseJson } from '../json.ts'
import { holdsPrivateKey, looksSecret } from '../transforms/secret-like.ts'
import { lookUp } from '../values/layers.ts'
import type { KindRef } from '../kube.ts'
import type { Json, JsonMap } from '../values/model.ts'
import { isSecretPath } from '../values/secret-path.ts'
import { isCustom } from './kinds.ts'
import { isAmount, type Takes } from './taken-texts.ts'
import { secretOfLine, tellingParts, tells } from './telling.ts'

/** What becomes of each text of an object, by what its place says of it. */
export interface Visit {
  /** A value of a Secret, in base64. */
  readonly encoded: (value: string) => string
  /** A value of a Secret, or one whose name says that it is secret. */
  readonly secret: (value: string, from: 'Secret' | 'name') => string
  /** Any other. */
  readonly text: (value: string) => string
  /** One that names something: `secretName`, `key`. */
  readonly name: (value: string) => string
  /** A text that nothing but programs read, and what is left of it once what is known is replaced. */
  readonly free: (value: string, told: string) => string
  /** Where a custom resource has such texts. */
  readonly takes: (kind: KindRef) => Takes
  /** Texts that were looked through for secrets. */
  readonly taught: Set<string>
}

/** What Kubernetes finds objects by, and what tells one version of a thing from another. */
const FIRM = new Set(
  (
    'apiVersion kind uid image imageID labels matchLabels selector nodeSelector ownerReferences finalizers managedFields ' +
    'resourceVersion generateName creationTimestamp deletionTimestamp'
  ).split(' '),
)
const NAMES = /^(?:name|names|namespace|key|keys)$|(?:Name|Names|Namespace|Class|Key)$/u
const FIRM_ANNOTATION = /^(?:checksum|forge\.api-forge\.io)\//u
const VERSION_ANNOTATION = /(?:^|[/.-])(?:checksum|hash|digest|sha256|revision)(?:$|[.-])/u
const VERSION = /^(?:sha\d{1,3}[:-])?[\da-f]{6,128}$|^\d{1,20}$/iu
/** What is read by Kubernetes, helm or forge, and not by programs alone. Ingress controllers take texts of any kind. */
const READ_ANNOTATION =
  /^(?:(?:(?!alb\.)[\w-]+\.)*helm\.sh|forge\.api-forge\.io|(?:(?!(?:[\w-]+\.)*ingress\.)[\w-]+\.)*(?:kubernetes|k8s)\.io)\//u
const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
/** `--mode`, `-c`: what is said behind it is another word. */
const FLAG = /^(?:--[a-z][\w.-]*|-\w)$/iu
const IMAGE_KEY = /^(?:image|tag|digest|repository|registry|version)$|(?:Image|Tag|Digest|Repository|Registry)$/u
const IMAGE = /^[\w.-]+(?::\d+)?(?:\/[\w.-]+)+(?::[\w.-]+|@sha256:[\da-f]{64})$/u
/** `$(DB_PASSWORD)` of a container's environment, and what shells have. */
const REFERENCES = /\$\(\w+\)|\$\{\w+\}/gu

/** Maps and lists in which somebody gives names to texts. */
const PARAMETERS = new Set(['parameters', 'volumeAttributes'])
const VARIABLES = new Set(['env', 'httpHeaders'])
const HEADER = /^(?:proxy-)?authorization$|cookie$/iu

/** A copy of an object, a list of them, or any part of one. */
export function mapObject<T>(value: T, visit: Visit): T {
  return mapped(value, '', visit) as T
}

function mapped(value: unknown, key: string, visit: Visit): unknown {
  if (typeof value === 'string') return NAMES.test(key) ? visit.name(value) : visit.text(value)
  if (Array.isArray(value)) return listed(value, key, visit)
  if (!isMap(value)) return value
  if (PARAMETERS.has(key)) return mapEntries(value, (name, inner) => parameter(name, inner, visit))
  const takes = isCustomObject(value) ? visit.takes(value) : undefined
  const data = dataOf(value, visit)
  return mapEntries(value, (name, inner) => {
    if (FIRM.has(name)) return inner
    if (name === 'annotations' && isMap(inner)) return annotated(inner, visit)
    if (key === 'metadata' && /^name(?:space)?$/u.test(name)) return inner
    if (takes !== undefined && name !== 'metadata') return mapValues({ [name]: inner } as JsonMap, visit, takes)[name]
    const change = data[name]
    if (change === undefined || !isMap(inner)) return mapped(inner, name, visit)
    return mapEntries(inner, (of, text) => (typeof text === 'string' ? change(of, text) : text))
  })
}

/** Whatever a definition allows: it is read as any other document that people write. */
function isCustomObject(value: PlainMap): value is PlainMap & KindRef {
  const { apiVersion, kind } = value
  return typeof apiVersion === 'string' && typeof kind === 'string' && isCustom({ apiVersion, kind })
}

function parameter(name: string, value: unknown, visit: Visit): unknown {
  if (typeof value !== 'string') return mapped(value, name, visit)
  return saysSo(name, value) ? visit.secret(value, 'name') : told(value, visit)
}

type Change = (name: string, text: string) => string

/** The fields of an object that hold what somebody put there under a name. */
function dataOf({ kind, apiVersion }: PlainMap, visit: Visit): Readonly<Record<string, Change>> {
  if (apiVersion !== 'v1') return {}
  if (kind === 'Secret')
    return { data: (_, text) => visit.encoded(text), stringData: (_, text) => visit.secret(text, 'Secret') }
  if (kind !== 'ConfigMap') return {}
  return {
    data: (name, text) => fileText(name, text, visit),
    binaryData: (name, text) => encodedFile(name, text, visit),
  }
}

function encodedFile(name: string, encoded: string, visit: Visit): string {
  const text = utf8Of(Buffer.from(encoded, 'base64'))
  return text === undefined ? visit.encoded(encoded) : Buffer.from(fileText(name, text, visit)).toString('base64')
}

function listed(list: readonly unknown[], key: string, visit: Visit): unknown[] {
  if (VARIABLES.has(key)) return list.map((one) => variable(one, visit))
  if (key !== 'args' && key !== 'command') return list.map((one) => mapped(one, key, visit))
  return list.map((one, at) => (typeof one === 'string' ? word(one, list[at - 1], visit) : one))
}

function variable(entry: unknown, visit: Visit): unknown {
  if (!isMap(entry)) return entry
  const { name, value } = entry
  if (typeof name !== 'string' || typeof value !== 'string') return mapped(entry, 'env', visit)
  return {
    ...entry,
    value: HEADER.test(name) || saysSo(name, value) ? visit.secret(value, 'name') : told(value, visit),
  }
}

/** `SECRET_NAME=web-secrets` says which one, not what is in it. */
function saysSo(name: string, value: string): boolean {
  const said = value.replaceAll(REFERENCES, '')
  return !/(?:^|[_.-])name$/iu.test(name) && (looksSecret(name, said) !== undefined || tells(name, said))
}

/** A text that may tell a secret by a name within it. */
function told(text: string, visit: Visit): string {
  teach(text, visit)
  return text.replaceAll(REFERENCES, '').trim() === '' ? text : visit.free(text, visit.text(text))
}

/** Always of what was there before anything was made up. */
function teach(text: string, visit: Visit): void {
  if (visit.taught.has(text)) return
  visit.taught.add(text)
  for (const part of tellingParts(text)) visit.secret(part, 'name')
}

/** `--password=x`, or the word behind `--password`. */
function word(text: string, before: unknown, visit: Visit): string {
  // As a shell would have it in one line: the word itself does not say what it is.
  if (before === '-u') teach(`-u ${text}`, visit)
  const said = text.replaceAll(REFERENCES, '')
  const [, flag = '', value = text] = /^(--?[\w.-]+=)(.*)$/su.exec(text) ?? []
  if (!text.includes('\n') && tellsSecret(said, typeof before === 'string' ? before : ''))
    return flag + visit.secret(value, 'name')
  teach(text, visit)
  const made = visit.text(text)
  // One that is the project's own is so as a whole.
  if (FLAG.test(text) || visit.free(text, made) === made) return made
  return made.startsWith(flag) ? flag + told(value, visit) : told(text, visit)
}

function isVersion(name: string, text: string): boolean {
  return FIRM_ANNOTATION.test(name) || (VERSION_ANNOTATION.test(name) && VERSION.test(text))
}

function annotated(annotations: PlainMap, visit: Visit): PlainMap {
  return mapEntries(annotations, (name, text) => {
    if (typeof text !== 'string' || isVersion(name, text)) return text
    const applied = name === APPLIED ? parseJson(text) : undefined
    const key = name.replace(/^.*\//u, '')
    if (applied === undefined) return fileText(key, text, READ_ANNOTATION.test(name) ? bound(visit) : visit)
    return JSON.stringify(mapObject(applied, visit)) + (text.endsWith('\n') ? '\n' : '')
  })
}

/** Where Kubernetes reads what it visits. */
function bound(visit: Visit): Visit {
  return { ...visit, free: (_, told) => told }
}

/** A file, or a single setting, under its name. */
function fileText(name: string, text: string, visit: Visit): string {
  const isSecret = holdsPrivateKey(text) || (!text.includes('\n') && saysSo(name, text))
  const made = knownFile(name, text, bound(visit))
  return isSecret ? made : visit.free(text, made)
}

/** What is secret in it by the name that stands before it is made up. */
function knownFile(name: string, text: string, visit: Visit): string {
  if (holdsPrivateKey(text)) return visit.secret(text, 'name')
  teach(text, visit)
  const document = /^\s*[[{]/u.test(text) ? parseJson(text) : undefined
  if (isMap(document)) {
    const made = mapValues(document as JsonMap, visit)
    return JSON.stringify(made) === JSON.stringify(document) ? visit.text(text) : writtenLike(text, made)
  }
  if (text.includes('\n'))
    return visit.text(
      text
        .split('\n')
        .map((line) => settingLine(line, visit))
        .join('\n'),
    )
  return saysSo(name, text) ? visit.secret(text, 'name') : visit.text(text)
}

function writtenLike(text: string, value: unknown): string {
  const [, indent = ''] = /^\s*[[{]\n(\s+)/u.exec(text) ?? []
  return JSON.stringify(value, null, indent) + (/\n$/u.test(text) ? '\n' : '')
}

function settingLine(line: string, visit: Visit): string {
  const value = secretOfLine(line)
  if (value === undefined) return line
  const at = line.lastIndexOf(value)
  const made = visit.secret(value, 'name')
  return at < 0 ? line : line.slice(0, at) + made + line.slice(at + value.length)
}

/** Of values that helm was given: all but what names an image. */
const takesValues: Takes = (path, text) => !IMAGE_KEY.test(keyOf(path)) && !IMAGE.test(text)

/** Values of helm, or of any other document that people write: each under its path. */
export function mapValues(values: JsonMap, visit: Visit, takes: Takes = takesValues): JsonMap {
  const secret = new Map<string, string | number>()
  for (const { path } of openValues('', values).moved) {
    const found = lookUp(values, path)?.value
    if (typeof found === 'string' || typeof found === 'number') secret.set(JSON.stringify(path), found)
  }
  teachAll(values, [], visit)
  const place: Place = { isSecret: (path) => secret.has(JSON.stringify(path)), takes, visit }
  return valueAt(values, [], place) as JsonMap
}

interface Place {
  readonly isSecret: (path: readonly (string | number)[]) => boolean
  readonly takes: Takes
  readonly visit: Visit
}

function valueAt(value: Json, path: readonly (string | number)[], place: Place): Json {
  if (Array.isArray(value)) return value.map((one: Json, at) => valueAt(one, [...path, at], place))
  if (isMap(value)) return mapEntries(value, (name, inner) => valueAt(inner as Json, [...path, name], place)) as JsonMap
  if (typeof value === 'number') return numberFrom(value, path, place)
  return typeof value === 'string' ? textFrom(value, path, place) : value
}

function textFrom(value: string, path: readonly (string | number)[], { isSecret, takes, visit }: Place): string {
  const isFile = value.includes('\n')
  if (!isFile && isSecret(path)) return visit.secret(value, 'name')
  const key = keyOf(path)
  if (!isFile && (NAMES.test(key) || FIRM.has(key))) return visit.name(value)
  const made = isFile ? fileText('', value, bound(visit)) : visit.text(value)
  if (holdsPrivateKey(value) || isAmount(value)) return made
  const free = visit.free(value, made)
  return takes(path, free) && takes(path, value) ? free : made
}

function keyOf(path: readonly (string | number)[]): string {
  return path.findLast((part) => typeof part === 'string') ?? ''
}

/** Options can name no path with an empty key in it; secrets stand there all the same. */
function teachAll(value: Json, path: readonly (string | number)[], visit: Visit): void {
  if (Array.isArray(value)) value.forEach((one: Json, at) => teachAll(one, [...path, at], visit))
  else if (isMap(value)) for (const [name, inner] of Object.entries(value)) teachAll(inner, [...path, name], visit)
  else if (typeof value === 'string' && isSecretValue(path, value)) visit.secret(value, 'name')
  else if (typeof value === 'string') teach(value, visit)
}

function isSecretValue(path: readonly (string | number)[], value: string): boolean {
  if (value.includes('\n') || value.replaceAll(REFERENCES, '') === '') return false
  return isSecretPath(path, value) || tells(String(path.at(-1) ?? ''), value)
}

/** A definition limits numbers in more ways than one; helm's values have none. */
function numberFrom(value: number, path: readonly (string | number)[], { isSecret, takes, visit }: Place): number {
  const text = String(value)
  if (isSecret(path)) return Number(visit.secret(text, 'name'))
  const made = visit.text(text)
  return Number(takes === takesValues && /^\d{6,15}$/u.test(text) ? visit.free(text, made) : made)
}

function mapEntries(map: PlainMap, change: (name: string, value: unknown) => unknown): PlainMap {
  const made: PlainMap = {}
  for (const [name, value] of Object.entries(map)) setOwn(made, name, change(name, value))
  return made
}
