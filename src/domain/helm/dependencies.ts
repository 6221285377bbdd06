import { isMap } from '../config/path.ts'
import { loadHelmYaml } from '../manifest/yaml.ts'

/** A chart that another one names in its Chart.yaml. */
export interface Dependency {
  readonly name: string
  /** One version where Chart.lock or Chart.yaml names one; else a range. */
  readonly version: string
  readonly repository: string
  /** What Chart.lock says it is the lock of, and what that would be said of: equal by their digest (`lockDigest`). */
  readonly lock?: { readonly digest: string; readonly of: string }
  /** Line of Chart.yaml (or, of old charts, of requirements.yaml), from 1 on. */
  readonly line: number
  readonly file: 'Chart.yaml' | 'requirements.yaml'
}

interface TextFile {
  readonly name: string
  readonly text: () => string
}

/** Those that are not in charts/, by name, as helm looks for them (pkg/action, CheckDependencies): it renders nothing then. */
export function missingDependencies(files: readonly TextFile[]): Dependency[] {
  const read = (name: string): string | undefined => files.find((one) => one.name === name)?.text()
  const file = listIn(read('Chart.yaml')).length > 0 ? 'Chart.yaml' : 'requirements.yaml'
  const text = read(file)
  const declared = listIn(text)
  if (declared.length === 0) return []
  const lockText = read(file === 'Chart.yaml' ? 'Chart.lock' : 'requirements.lock')
  const locked = listIn(lockText)
  const lock = file === 'Chart.yaml' ? lockOf(text ?? '', lockText) : undefined
  const present = new Set(
    files.filter(({ name }) => /^charts\/[^/]+\/Chart\.yaml$/u.test(name)).map((one) => nameIn(one.text())),
  )
  return declared
    .filter(({ name }) => !present.has(name))
    .map(({ name, version, repository }) => {
      const found = locked.find((one) => one.name === name)
      const line = lineOf(text ?? '', name)
      const which = { version: found?.version ?? version, repository: found?.repository ?? repository }
      return { name, ...which, line, file, ...(lock === undefined ? {} : { lock }) }
    })
}

/** Fields of a dependency in the order in which helm writes them, and those that it leaves out where they are empty. */
const FIELDS = ['name', 'version', 'repository', 'condition', 'tags', 'enabled', 'import-values', 'alias'] as const
const ALWAYS: readonly string[] = ['name', 'repository']

/** What helm makes a digest of: both lists (internal/resolver, HashReq). Undefined: there is no lock, or it has no digest. */
function lockOf(chart: string, lock: string | undefined): Dependency['lock'] {
  const locked = loadHelmYaml(lock ?? '').value
  const digest = isMap(locked) ? locked['digest'] : undefined
  if (typeof digest !== 'string') return undefined
  const lists = [loadHelmYaml(chart).value, locked].map((value) => {
    const list = isMap(value) ? value['dependencies'] : undefined
    return Array.isArray(list) ? (list as unknown[]).map(asHelmWrites) : null
  })
  return { digest, of: goJson(lists) }
}

function asHelmWrites(dependency: unknown): unknown {
  if (!isMap(dependency)) return dependency
  const isWritten = (field: string): boolean => {
    const value = dependency[field] ?? ''
    return ALWAYS.includes(field) || !(value === '' || value === false || (Array.isArray(value) && value.length === 0))
  }
  return Object.fromEntries(FIELDS.filter(isWritten).map((field) => [field, dependency[field] ?? '']))
}

/** Go escapes what HTML could take for its own, and sorts the keys of maps (only `import-values` has some). */
function goJson(value: unknown): string {
  const sorted = (_key: string, inner: unknown): unknown =>
    isMap(inner) && !Object.hasOwn(inner, 'name')
      ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : inner
  return JSON.stringify(value, sorted).replace(
    /[<>&\u2028\u2029]/gu,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** What a Chart.yaml, or its lock, takes from folders of this machine. */
export function localRepositories(text: string): { readonly path: string; readonly line: number }[] {
  return listIn(text).flatMap(({ name, repository }) => {
    const path = localPath(repository)
    return path === undefined ? [] : [{ path, line: lineOf(text, name) }]
  })
}

/** `file://../db`, seen from the chart's folder. */
export function localPath(repository: string): string | undefined {
  return /^file:\/\/(.+)$/u.exec(repository)?.[1]
}

/** Name and version of a chart, by its Chart.yaml. */
export function identityOf(text: string): { readonly name: string; readonly version: string } | undefined {
  const { value } = loadHelmYaml(text)
  return isMap(value) && typeof value['name'] === 'string'
    ? { name: value['name'], version: String(value['version']) }
    : undefined
}

/**
 * One version, or what is usual beside it: `1.x.x`, `~1.2.0`, `^1.2.0`, `*` (https://helm.sh/docs/chart_best_practices/dependencies/#versions).
 * Anything else is left to helm.
 */
export function meets(version: string, range: string): boolean {
  const wanted = range.trim().replace(/^v/u, '')
  if (['', '*', version].includes(wanted)) return true
  const [, sign = '', text] = /^([~^]?)(\d+(?:\.(?:\d+|[xX*])){0,2})$/u.exec(wanted) ?? []
  if (text === undefined || version.includes('-')) return false
  const from = numbersIn(text)
  // A whole version without a sign means itself alone.
  if (sign === '' && from.length === 3) return false
  const has = numbersIn(version)
  return from.slice(0, fixedParts(sign, from)).every((one, at) => has[at] === one) && !isOlder(has, from)
}

/** The parts of a version up to the first that is not a number. */
function numbersIn(version: string): number[] {
  const parts = version.split('+')[0]?.split('.').map(Number) ?? []
  const end = parts.findIndex(Number.isNaN)
  return end < 0 ? parts : parts.slice(0, end)
}

/** How many parts must be the same. */
function fixedParts(sign: string, from: readonly number[]): number {
  if (sign === '^') return from.findIndex((one) => one > 0) + 1
  return sign === '~' ? Math.min(from.length, 2) : from.length
}

function isOlder(one: readonly number[], than: readonly number[]): boolean {
  const at = than.findIndex((part, index) => (one[index] ?? 0) !== part)
  return at >= 0 && (one[at] ?? 0) < (than[at] ?? 0)
}

function nameIn(text: string): string | undefined {
  return identityOf(text)?.name
}

function listIn(text: string | undefined): Pick<Dependency, 'name' | 'version' | 'repository'>[] {
  const { value } = loadHelmYaml(text ?? '')
  const found = isMap(value) ? value['dependencies'] : undefined
  return (Array.isArray(found) ? (found as unknown[]) : []).flatMap((one) => {
    if (!isMap(one) || typeof one['name'] !== 'string') return []
    const { name, version, repository } = one
    return [
      {
        name,
        version: ['string', 'number'].includes(typeof version) ? String(version) : '',
        repository: typeof repository === 'string' ? repository : '',
      },
    ]
  })
}

function lineOf(text: string, name: string): number {
  const at = text.split('\n').findIndex((line) => /\bname:\s*/u.test(line) && line.includes(name))
  return Math.max(at, 0) + 1
}
