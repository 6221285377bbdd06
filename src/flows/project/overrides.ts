import { relativeTo } from '../../domain/config/file-path.ts'
import type { Project } from '../../domain/config/model.ts'
import type { Problem } from '../../domain/config/position.ts'
import type { CodedProblem } from '../../domain/config/problems.ts'
import { releaseNames } from '../../domain/config/select.ts'
import { showValuePath } from '../../domain/config/value-path.ts'
import type { Conflict, Layer } from '../../domain/values/layers.ts'
import type { Json, Origin } from '../../domain/values/model.ts'
import { parseSetting, type Assignment } from '../../domain/values/set-option.ts'
import { settingsOf, type Setting } from '../../domain/values/settings.ts'
import { showOrigin } from '../../domain/values/why.ts'
import type { SourceReader } from './source-reader.ts'
import { valuesLayer } from './values-layer.ts'

/** What the command line says. It has the last word. */
export interface Given {
  /** `--values`, then the single values that are for this release. */
  readonly layersOf: (release: string) => readonly Layer[]
  /** What reaches several releases, as nobody may have meant. */
  readonly warnings: readonly Problem[]
}

interface ForReleases {
  /** Undefined: for all, or for those that --release names. */
  readonly release: string | undefined
  readonly layer: Layer
}

export async function givenLayers(project: Project, reader: SourceReader, problems: CodedProblem[]): Promise<Given> {
  const known = releaseNames(project)
  const plain = project.releases.flatMap(({ name, plain: own }) => (own === undefined ? [] : [name]))
  const named = (project.selection?.named ?? known).filter((name) => !plain.includes(name))
  const layers: ForReleases[] = []
  const warnings: Problem[] = []
  for (const file of project.overrides.values) {
    const layer = await valuesLayer(file, reader)
    if ('kind' in layer) {
      layers.push({ release: undefined, layer })
      problems.push(...plainProblems('--values', layers.slice(-1), { plain, named }))
    } else problems.push({ ...layer, message: `--values ${relativeTo(project.dir, file)}: ${layer.message}` })
  }
  for (const setting of settingsOf(project.overrides)) {
    const found = await layersOf(setting, known, reader, problems)
    problems.push(...leftOutProblems(setting, found, project), ...plainProblems(setting.flag, found, { plain, named }))
    layers.push(...found)
    if (named.length > 1) warnings.push(...reachOf(setting, found, named))
  }
  return {
    layersOf: (name) =>
      layers
        .filter(({ release }) => (release === undefined ? named.includes(name) : release === name))
        .map(({ layer }) => layer),
    warnings,
  }
}

async function layersOf(
  setting: Setting,
  releases: readonly string[],
  reader: SourceReader,
  problems: CodedProblem[],
): Promise<ForReleases[]> {
  const { flag } = setting
  const origin: Origin = { kind: 'flag', text: flag }
  const parsed = parseSetting(setting, releases)
  if ('fault' in parsed) {
    problems.push({ code: 'E_USAGE', message: `${flag} ${parsed.fault}` })
    return []
  }
  if ('document' in parsed)
    return [{ release: undefined, layer: { kind: 'tree', value: parsed.document, originOf: () => origin } }]
  const found: ForReleases[] = []
  for (const { release, ...one } of parsed.assignments) {
    const value = flag === '--set-file' ? await textsOf(one, reader, problems) : one.value
    found.push({ release, layer: { kind: 'patch', entries: [{ ...one, value, origin }] } })
  }
  return found
}

/** It would set nothing, and nobody would be told. */
function leftOutProblems({ flag }: Setting, found: readonly ForReleases[], { selection }: Project): CodedProblem[] {
  const leftOut = (selection?.leftOut ?? []).map(({ name }) => name)
  const meant = found.flatMap(({ release }) => (release !== undefined && leftOut.includes(release) ? [release] : []))
  return [...new Set(meant)].map((name) => ({
    code: 'E_USAGE',
    message: `${flag} is for release ${name}, which --release leaves out`,
  }))
}

/** The same of a release that takes no values. `named`: those that take some, and are meant where none is said. */
function plainProblems(
  flag: string,
  found: readonly ForReleases[],
  { plain, named }: { readonly plain: readonly string[]; readonly named: readonly string[] },
): CodedProblem[] {
  const meant = found.flatMap(({ release }) => {
    if (release === undefined) return named.length === 0 ? plain : []
    return plain.includes(release) ? [release] : []
  })
  return [...new Set(meant)].map((name) => ({
    code: 'E_USAGE',
    message: `${flag} is for release ${name}, which has no chart and takes no values`,
  }))
}

/** A file's text in the place of its name. */
async function textsOf(
  { path, value }: Pick<Assignment, 'path' | 'value'>,
  reader: SourceReader,
  problems: CodedProblem[],
): Promise<Json> {
  if (Array.isArray(value)) {
    const items = value as readonly Json[]
    return await Promise.all(items.map(async (inner) => await textsOf({ path, value: inner }, reader, problems)))
  }
  const file = typeof value === 'string' ? value : ''
  const text = file === '' ? '' : await reader.text(file)
  if (text !== undefined) return text
  const shown = `--set-file ${showValuePath(path)}`
  problems.push({ code: 'E_SOURCE_MISSING', message: `${shown}: ${file} is missing, or is not UTF-8 text` })
  return null
}

/** Names alone: a value may be secret. */
function reachOf({ flag }: Setting, found: readonly ForReleases[], releases: readonly string[]): Problem[] {
  const [first] = releases
  const paths = found.flatMap(({ release, layer }) => {
    if (release !== undefined) return []
    return layer.kind === 'patch' ? layer.entries.map(({ path }) => showValuePath(path)) : ['']
  })
  return [...new Set(paths)].map((path) => ({
    message:
      path === ''
        ? `${flag} reaches ${releases.join(', ')}`
        : `${flag} ${path} reaches ${releases.join(', ')}; ${flag} ${first ?? ''}:${path}=… sets it in one`,
  }))
}

/** What helm refuses of the command line: a path through something that holds nothing. */
export function conflictProblems(conflicts: readonly Conflict[]): CodedProblem[] {
  return conflicts.flatMap(({ entry: { origin, path }, above }) => {
    if (origin.kind !== 'flag') return []
    const [own, other] = [showValuePath(path), showValuePath(above)]
    const message = `${showOrigin(origin)} ${own}: ${other} has another value that holds nothing of that name`
    return [{ code: 'E_USAGE' as const, message }]
  })
}
