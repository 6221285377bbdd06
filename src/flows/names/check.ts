import type { Project } from '../../domain/config/model.ts'
import { partsOf } from '../../domain/names/chart-files.ts'
import {
  checkComponent,
  checkConfigMap,
  checkPreserved,
  checkSecretName,
  checkVerify,
  together,
  type Findings,
  type RenderedNames,
} from '../../domain/names/objects.ts'
import { valueUses, type ValueUses } from '../../domain/names/value-uses.ts'
import type { KubeObject } from '../../domain/kube.ts'
import type { ReleaseConfiguration } from '../../domain/values/model.ts'
import type { ProjectPorts } from '../project/ports.ts'
import { checkImagePath, checkSetPath, targetsOf, type NamedRelease } from './values.ts'

export interface NamesRequest {
  readonly project: Project
  readonly releases: readonly (NamedRelease & { readonly objects: readonly KubeObject[] })[]
  readonly configuration: ReadonlyMap<string, Pick<ReleaseConfiguration, 'configMaps'>>
  /** The live Service of that name; undefined where none is, or where no cluster is asked. */
  readonly liveService: (name: string) => Promise<KubeObject | undefined>
  /** What the releases that are left out have. */
  readonly others?: readonly KubeObject[]
  /** Every release of the project is among `releases`. */
  readonly complete: boolean
}

/** Names in forge.yaml that nothing renders or reads: what they stand for would have no effect, and nobody would be told. */
export async function checkNames(request: NamesRequest): Promise<Findings> {
  const { project, releases, complete, others = [] } = request
  const names: RenderedNames = {
    objects: [...releases.flatMap(({ objects }) => objects), ...others],
    isOff: (kind, name) =>
      releases.some(({ release, uses }) => uses?.makes(kind, [name, name.replace(`${release.name}-`, '')]) === true),
    complete,
    closed: releases.some(({ uses }) => uses === undefined),
  }
  return together([
    ...(await Promise.all(releases.map(async (one) => await checkRelease(one, request, names)))),
    ...(await Promise.all(project.verify.map(async (check) => await verifyFindings(check, request, names)))),
    ...project.environment.drift.preserve.map((field) => checkPreserved(field, names, project.secrets)),
    ...project.components.map((component) => checkComponent(component, names)),
    ...project.secrets.map((secret) => checkSecretName(secret, names, project.secrets)),
  ])
}

async function checkRelease(
  one: NamedRelease,
  { project, configuration }: NamesRequest,
  names: RenderedNames,
): Promise<Findings> {
  const { release, uses } = one
  const targets = targetsOf({ images: project.images, release })
  const data = configuration.get(release.name)?.configMaps ?? {}
  const maps = release.configMaps.map((map) => {
    const knows = uses === undefined || uses.speaksOf(['configMaps', map.name]) !== 'no'
    return checkConfigMap(map, data[map.name] ?? {}, names, knows)
  })
  const values = [
    ...targets.map(async ({ name, path, at }) => await checkImagePath(name, path, at, one)),
    ...release.set.map(async ({ path, source }) => await checkSetPath(path, source.at, one)),
  ]
  return together([...maps, ...(await Promise.all(values))])
}

async function verifyFindings(
  check: Project['verify'][number],
  { liveService }: NamesRequest,
  names: RenderedNames,
): Promise<Findings> {
  const [first] = checkVerify(check, names, undefined).problems
  if (first === undefined) return { problems: [], warnings: [] }
  const live = await liveService(check.service.replace(/^https?:/u, ''))
  return live === undefined ? { problems: [first], warnings: [] } : checkVerify(check, names, live)
}

/** What the templates of a chart say; undefined when it is no folder. */
export async function usesOf(
  { chart, local }: { readonly chart: string; readonly local: boolean },
  { chartFiles }: Pick<ProjectPorts, 'chartFiles'>,
): Promise<ValueUses | undefined> {
  const files = local ? await chartFiles(chart) : undefined
  return files === undefined ? undefined : valueUses(partsOf(files))
}
