import { relativeTo, absolutePath } from '../../domain/config/file-path.ts'
import type { Project, Release } from '../../domain/config/model.ts'
import type { Position, Problem } from '../../domain/config/position.ts'
import { codedError, type CodedProblem } from '../../domain/config/problems.ts'
import { showPlace, type ManifestFile, type SourcePlace } from '../../domain/migrate/source.ts'
import { plainChart } from '../../domain/plain/chart.ts'
import { isOwnNamespace, plainName, plainObjects, repeated, type PlainObject } from '../../domain/plain/objects.ts'
import { isPattern } from '../../domain/plain/pattern.ts'
import { ForgeError } from '../../errors.ts'
import { forge, kubectl, program } from '../../hint.ts'
import type { ProjectPorts } from './ports.ts'

/**
 * The same project where each release has a chart: those that are plain objects get one that forge makes of them, in a folder of
 * this run. Throws one ForgeError for all that is wrong with their files (E_MANIFEST_*), and E_KUSTOMIZE, E_KUSTOMIZE_REMOTE,
 * E_TOOL_*, E_UNTRUSTED.
 */
export async function withPlainCharts(project: Project, ports: ProjectPorts): Promise<Project> {
  const problems: CodedProblem[] = []
  const releases: Release[] = []
  for (const release of project.releases) releases.push(await withChart(release, project, ports, problems))
  const error = codedError(problems, forge('validate', '--env', project.environment.name))
  if (error !== undefined) throw error
  return { ...project, releases }
}

async function withChart(
  release: Release,
  project: Project,
  ports: ProjectPorts,
  problems: CodedProblem[],
): Promise<Release> {
  const { name, chart, plain } = release
  if (plain === undefined) return release
  const before = problems.length
  const files = await filesOf(release, plain, project, { ports, problems })
  const { objects, unread } = plainObjects(files)
  const place = placed(plain.kind === 'kustomization')
  for (const { at, reason } of unread)
    problems.push(unreadable(place(at), reason, { file: at.file, namespace: release.namespace }))
  for (const [first, second] of repeated(objects, release.namespace)) problems.push(twice(first, second, place))
  const own = objects.filter((one) => isOwnNamespace(one, release.namespace))
  const taken = objects.filter((one) => !own.includes(one))
  const at = plain.paths[0]?.at ?? chart.at
  if (taken.length === 0 && problems.length === before) problems.push(empty(release, at))
  if (problems.length > before) return release
  const made = plainChart(name, taken)
  const folder = await ports.plain.chart(name, made.files)
  const places = new Map([...made.places].map(([template, written]) => [template, place(written)] as const))
  return {
    ...release,
    plain: { ...plain, places, warnings: own.map((one) => leftOut(one, place)) },
    chart: { ...chart, chart: folder, from: chart.chart },
  }
}

interface Reading {
  readonly ports: ProjectPorts
  readonly problems: CodedProblem[]
}

async function filesOf(
  { name }: Release,
  { kind, paths }: NonNullable<Release['plain']>,
  { dir }: Project,
  { ports, problems }: Reading,
): Promise<readonly ManifestFile[]> {
  const found = new Map<string, ManifestFile>()
  for (const { path, at } of paths) {
    if (kind === 'kustomization') {
      found.set(path, await rendered(path, at, dir, ports))
      continue
    }
    const named = await ports.plain.find(path, dir)
    if (named.length === 0) problems.push(missing(path, at, name))
    for (const file of named) {
      const text = await ports.files.read(absolutePath(dir, file))
      const shown = relativeTo(dir, absolutePath(dir, file))
      if (text === undefined) problems.push(missing(path, at, name))
      else found.set(shown, { file: shown, text })
    }
  }
  return [...found.values()]
}

/** What is wrong with a kustomization is told where forge.yaml names it. */
async function rendered(path: string, at: Position, dir: string, { plain }: ProjectPorts): Promise<ManifestFile> {
  try {
    const { file, text } = await plain.kustomize(path, dir)
    return { file, text }
  } catch (error) {
    if (!(error instanceof ForgeError) || error.code !== 'E_KUSTOMIZE') throw error
    const { log } = error.details
    const told = codedError([{ code: error.code, message: error.message, at }], error.hint) ?? error
    throw log === undefined ? told : told.with({ log })
  }
}

type Place = (at: SourcePlace) => Position

/** Of what kustomize has rendered, lines say nothing to anybody. */
function placed(isRendered: boolean): Place {
  return ({ file, line = 1 }) => ({ file, line: isRendered ? 1 : line, column: 1 })
}

function missing(path: string, at: Position, release: string): CodedProblem {
  const what = isPattern(path) ? 'matches no file' : 'is not there, or holds no .yaml, .yml or .json'
  const message = `${path} ${what} (manifests of release ${release})`
  return { code: 'E_MANIFEST_MISSING', message, at, hint: program('ls', '-ld', path) }
}

function empty({ name }: Release, at: Position): CodedProblem {
  return { code: 'E_MANIFEST_MISSING', message: `release ${name} would hold no object`, at }
}

interface Unreadable {
  readonly file: string
  readonly namespace: string
}

function unreadable(at: Position, reason: string, { file, namespace }: Unreadable): CodedProblem {
  const hint = kubectl(['create', '--dry-run=client', '--filename', file], namespace)
  return { code: 'E_MANIFEST_INVALID', message: `no Kubernetes object: ${reason}`, at, hint }
}

function twice(first: PlainObject, second: PlainObject, place: Place): CodedProblem {
  const message = `${plainName(second)} is described already, in ${showPlace(first.at)}`
  const hint = program('grep', '--line-number', `name: ${second.object.metadata.name}`, first.at.file, second.at.file)
  return { code: 'E_MANIFEST_TWICE', message, at: place(second.at), hint }
}

function leftOut({ at, object }: PlainObject, place: Place): Problem {
  const message = `Namespace/${object.metadata.name} is no part of the release that is in it: forge makes the namespace, with the labels of createNamespace`
  return { message, at: place(at) }
}
