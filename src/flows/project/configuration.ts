import { codedError, type CodedProblem } from '../../domain/config/problems.ts'
import type { Project, Release } from '../../domain/config/model.ts'
import { refusedValues } from '../../domain/trust/values.ts'
import { mergeLayers, type Layer, type PatchEntry } from '../../domain/values/layers.ts'
import type { Json, ReleaseConfiguration } from '../../domain/values/model.ts'
import { strayNewline } from '../../domain/values/newline.ts'
import { typed } from '../../domain/values/set-option.ts'
import { wholeNumbers } from '../../domain/values/whole-numbers.ts'
import { resolveConfigMaps } from './config-maps.ts'
import type { ProjectPorts } from './ports.ts'
import { SourceReader } from './source-reader.ts'
import { conflictProblems, givenLayers } from './overrides.ts'
import { insideLayer, valuesLayer } from './values-layer.ts'
import { forge } from '../../hint.ts'
import { isElsewhere, keeperOf, type Source } from '../../domain/sources/sources.ts'

export interface ConfigurationRequest {
  /** Image name of forge.yaml → reference (`ghcr.io/acme/app@sha256:…`), put where `to` says. */
  readonly images?: Readonly<Record<string, string>>
  /** Leaves out what only the target's machine has: sources of kind env, command and sops (`forge validate`). */
  readonly offline?: boolean
}

/**
 * What each release is deployed with. Throws one ForgeError for all problems: E_SOURCE_MISSING, E_SOURCE_INVALID,
 * E_VALUES_SYNTAX, E_CONFIGMAP_SECRET, E_CONFIGMAP_INVALID, E_TRANSFORM, E_UNTRUSTED.
 */
export async function resolveConfiguration(
  project: Project,
  ports: ProjectPorts,
  request: ConfigurationRequest = {},
): Promise<ReadonlyMap<string, ReleaseConfiguration>> {
  const reader = new SourceReader(project, ports)
  const problems: CodedProblem[] = []
  const result = new Map<string, ReleaseConfiguration>()
  const given = await givenLayers(project, reader, problems)
  for (const release of project.releases) {
    const configMaps = await resolveConfigMaps(release, { project, reader, ports, offline: request.offline === true })
    problems.push(...configMaps.problems)
    const single: PatchEntry[] = [
      ...imageEntries(project, release, request.images ?? {}),
      ...(await setEntries(release, reader, request.offline === true, problems)),
      ...configMaps.entries,
    ]
    const layers: Layer[] = [
      ...(await fileLayers(release, reader, problems)),
      { kind: 'patch', entries: single },
      ...given.layersOf(release.name),
    ]
    const { values, origins, conflicts } = mergeLayers(layers)
    problems.push(...conflictProblems(conflicts))
    if (ports.confinement !== undefined) problems.push(...refusedValues(origins, release.name))
    result.set(release.name, {
      values,
      origins,
      wholeNumbers: wholeNumbers(layers),
      configMaps: configMaps.data,
      warnings: [...reader.warnings(), ...given.warnings, ...(release.plain?.warnings ?? [])],
    })
  }
  const error = codedError(problems, forge('validate', '--env', project.environment.name))
  if (error !== undefined) throw error
  return result
}

async function fileLayers(release: Release, reader: SourceReader, problems: CodedProblem[]): Promise<Layer[]> {
  const layers: Layer[] = []
  for (const { file, path, at } of release.values) {
    const layer = path === undefined ? await valuesLayer(file, reader) : await insideLayer(file, path, reader)
    if ('kind' in layer) layers.push(layer)
    else problems.push({ ...layer, at: layer.at ?? at })
  }
  return layers
}

function imageEntries(project: Project, release: Release, images: Readonly<Record<string, string>>): PatchEntry[] {
  return project.images.flatMap((image) => {
    const reference = Object.hasOwn(images, image.name)
      ? images[image.name]
      : image.from.kind === 'ref'
        ? image.from.ref
        : undefined
    if (reference === undefined) return []
    return image.to
      .filter((target) => target.release === release.name)
      .map(({ path, at }) => ({ path, value: reference, origin: { kind: 'file' as const, at } }))
  })
}

async function setEntries(
  release: Release,
  reader: SourceReader,
  offline: boolean,
  problems: CodedProblem[],
): Promise<PatchEntry[]> {
  const entries: PatchEntry[] = []
  for (const { path, source, asString } of release.set) {
    if (offline && isElsewhere(source)) continue
    const reading = await reader.read(source)
    if (reading.kind === 'missing') {
      problems.push({
        code: 'E_SOURCE_MISSING',
        message: `${reading.what} (needed by set of release ${release.name})`,
        at: source.at,
      })
    } else if (reading.kind === 'invalid') {
      problems.push({ code: 'E_SOURCE_INVALID', message: reading.what, at: reading.at })
    } else if (reading.text === undefined) {
      problems.push({ code: 'E_SOURCE_INVALID', message: 'is not UTF-8 text', at: reading.at })
    } else if (strayNewline(source, reading.text) !== undefined) {
      const message = `${strayNewline(source, reading.text) ?? ''} (set of release ${release.name})`
      problems.push({ code: 'E_SOURCE_INVALID', message, at: reading.at })
    } else {
      const { text, value, at } = reading
      const origin = { kind: 'file', at } as const
      const given = asString ? { value: text } : typedReading(source, { text, value })
      entries.push({ path, ...given, origin, isPrivate: keeperOf(source) !== undefined })
    }
  }
  return entries
}

/** A text from outside reads as with --set, so that REDIS_ENABLED=false switches off; literals and YAML have types. */
function typedReading(
  { kind }: Source,
  { text, value }: { readonly text: string; readonly value: Json },
): Pick<PatchEntry, 'value' | 'digits'> {
  const isTyped = kind === 'literal' || kind === 'yaml'
  if (!isTyped) return typeof value === 'string' ? typed(text) : { value }
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? typed(text) : { value }
}
