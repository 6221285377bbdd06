import { absolutePath } from '../../domain/config/file-path.ts'
import type { ConfigMapSpec, Project, Release, TransformStep } from '../../domain/config/model.ts'
import type { Position } from '../../domain/config/position.ts'
import { applyStep, type Transformed } from '../../domain/transforms/by-name.ts'
import { holdsPrivateKey, looksSecret } from '../../domain/transforms/secret-like.ts'
import type { PatchEntry } from '../../domain/values/layers.ts'
import { strayNewline } from '../../domain/values/newline.ts'
import type { CodedProblem } from '../../domain/config/problems.ts'
import { ForgeError } from '../../errors.ts'
import type { ProjectPorts } from './ports.ts'
import type { Reading, SourceReader } from './source-reader.ts'
import { isElsewhere, type Source } from '../../domain/sources/sources.ts'

/** What the API server accepts in one ConfigMap: the sum of its values. */
const MOST_BYTES = 1_048_576

export interface ResolvedConfigMaps {
  readonly data: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** The same as chart values: configMaps.NAME.KEY. */
  readonly entries: readonly PatchEntry[]
  readonly problems: readonly CodedProblem[]
}

interface Content {
  readonly text: string
  readonly at: Position
}

/** A ConfigMap's content as it is gathered, with what is wrong. */
interface Gathering {
  readonly map: ConfigMapSpec
  readonly reader: SourceReader
  readonly project: Project
  readonly ports: Pick<ProjectPorts, 'modules' | 'signal'>
  readonly offline: boolean
  readonly contents: Map<string, Content>
  readonly problems: CodedProblem[]
}

export async function resolveConfigMaps(
  release: Release,
  { project, reader, ports, offline }: Pick<Gathering, 'project' | 'reader' | 'ports' | 'offline'>,
): Promise<ResolvedConfigMaps> {
  const data: [string, Record<string, string>][] = []
  const entries: PatchEntry[] = []
  const problems: CodedProblem[] = []
  for (const map of release.configMaps) {
    const gathering: Gathering = { map, reader, project, ports, offline, contents: new Map(), problems }
    await gatherDotenv(gathering)
    await gatherSet(gathering)
    checkSecrets(gathering)
    await gatherFiles(gathering)
    checkSize(gathering)
    data.push([map.name, Object.fromEntries([...gathering.contents].map(([key, { text }]) => [key, text]))])
    entries.push(...entriesOf(gathering))
  }
  return { data: Object.fromEntries(data), entries, problems }
}

function entriesOf({ map, contents }: Gathering): PatchEntry[] {
  if (contents.size === 0) return [{ path: ['configMaps', map.name], value: {}, origin: { kind: 'file', at: map.at } }]
  return [...contents].map(([key, { text, at }]) => ({
    path: ['configMaps', map.name, key],
    value: text,
    origin: { kind: 'file', at },
  }))
}

async function gatherDotenv({ map, reader, contents, problems }: Gathering): Promise<void> {
  if (map.dotenv === undefined) return
  const file = await reader.dotenv(map.dotenv.file)
  if (file === undefined) {
    const message = `${reader.shown(map.dotenv.file)} is missing (needed by ConfigMap ${map.name})`
    problems.push({ code: 'E_SOURCE_MISSING', message, at: map.dotenv.at })
    return
  }
  problems.push(...file.problems.map((problem) => ({ code: 'E_CONFIGMAP_INVALID' as const, ...problem })))
  const omitted = new Set(map.omit.map(({ key }) => key))
  const set = new Set(map.set.map(({ key }) => key))
  for (const [key, entry] of file.entries) {
    const { value, at, fault } = entry
    if (omitted.has(key)) continue
    if (!set.has(key)) reader.used(key, entry)
    if (fault !== undefined && !set.has(key))
      problems.push({ code: 'E_CONFIGMAP_INVALID', message: `${key} ${fault}`, at })
    contents.set(key, { text: value, at })
  }
}

async function gatherSet({ map, reader, offline, contents, problems }: Gathering): Promise<void> {
  for (const { key, source } of map.set) {
    if (offline && isElsewhere(source)) continue
    const content = textOf(await reader.read(source), source, `ConfigMap ${map.name}, key ${key}`)
    const newline = 'code' in content ? undefined : strayNewline(source, content.text)
    if ('code' in content) problems.push(content)
    else if (newline === undefined) contents.set(key, content)
    else {
      const message = `${newline} (ConfigMap ${map.name}, key ${key})`
      problems.push({ code: 'E_SOURCE_INVALID', message, at: content.at })
    }
  }
}

async function gatherFiles(gathering: Gathering): Promise<void> {
  const { map, reader, offline, contents, problems } = gathering
  for (const { key, source, transform } of map.files) {
    if (offline && isElsewhere(source)) continue
    const content = textOf(await reader.read(source), source, `ConfigMap ${map.name}, key ${key}`)
    if ('code' in content) {
      problems.push(content)
      continue
    }
    const text = await transformed(transform, key, content, gathering)
    if (holdsPrivateKey(text) && !isAllowed(map, key)) {
      problems.push({
        code: 'E_CONFIGMAP_SECRET',
        message: `holds a private key, and ConfigMap ${map.name} is readable by all; make it a secret`,
        at: content.at,
      })
    }
    contents.set(key, { text, at: content.at })
  }
}

/** The text after all steps; one that fails is noted, and the rest is left out. */
async function transformed(
  steps: readonly TransformStep[],
  key: string,
  { text: original, at }: Content,
  { map, project, ports, problems }: Gathering,
): Promise<string> {
  let text = original
  for (const step of steps) {
    const done = step.kind === 'module' ? await runModule(step) : applyStep(step, text, at.file)
    problems.push(...done.problems.map((problem) => ({ code: 'E_CONFIGMAP_INVALID' as const, ...problem })))
    if (done.problems.length > 0) return text
    text = done.text
  }
  return text

  async function runModule({ file, at: place }: TransformStep & { kind: 'module' }): Promise<Transformed> {
    const about = { file: at.file, configMap: map.name, key, environment: project.environment.name }
    try {
      const module = absolutePath(project.dir, file)
      return { text: await ports.modules.transform({ module, text, about }, ports.signal), problems: [] }
    } catch (error) {
      if (!(error instanceof ForgeError) || error.code !== 'E_TRANSFORM') throw error
      problems.push({ code: 'E_TRANSFORM', message: `${file} ${error.message}`, at: place })
      return { text, problems: [] }
    }
  }
}

function textOf(reading: Reading, source: Source, user: string): Content | CodedProblem {
  if (reading.kind === 'missing')
    return { code: 'E_SOURCE_MISSING', message: `${reading.what} (needed by ${user})`, at: source.at }
  if (reading.kind === 'invalid') return { code: 'E_SOURCE_INVALID', message: reading.what, at: reading.at }
  if (reading.text === undefined)
    return { code: 'E_SOURCE_INVALID', message: `is not UTF-8 text (needed by ${user})`, at: reading.at }
  return { text: reading.text, at: reading.at }
}

function isAllowed(map: ConfigMapSpec, key: string): boolean {
  return map.allow.some((allowed) => allowed.key === key)
}

function checkSecrets({ map, contents, problems }: Gathering): void {
  for (const [key, { text, at }] of contents) {
    const why = isAllowed(map, key) ? undefined : looksSecret(key, text)
    if (why === undefined) continue
    const message = `${key} looks like a secret (${why}) and would get into ConfigMap ${map.name}; list it under "omit" or "allow" there (${map.at.file}:${map.at.line})`
    problems.push({ code: 'E_CONFIGMAP_SECRET', message, at })
  }
}

function checkSize({ map, contents, problems }: Gathering): void {
  const bytes = [...contents.values()].reduce((sum, { text }) => sum + new TextEncoder().encode(text).length, 0)
  if (bytes <= MOST_BYTES) return
  const [largest] = [...contents].toSorted(([, a], [, b]) => b.text.length - a.text.length)
  const message = `ConfigMap ${map.name} has ${bytes} bytes, and Kubernetes takes ${MOST_BYTES}; the largest key is ${largest?.[0] ?? ''}`
  problems.push({ code: 'E_CONFIGMAP_INVALID', message, at: map.at })
}
