import type { Project, Release } from '../config/model.ts'
import type { Position, Problem } from '../config/position.ts'
import { showValuePath } from '../config/value-path.ts'
import { again } from '../../hint.ts'
import { isAddress } from '../images/address.ts'
import { isPattern } from '../plain/pattern.ts'
import { mayFetch } from './addresses.ts'
import type { Allowance } from './model.ts'
import { refusedSource, type Source } from '../sources/sources.ts'

/** What forge.yaml asks for and `--untrusted` refuses, as far as forge.yaml alone tells. */
export function refusedIn(project: Project, allowance: Allowance): Problem[] {
  return [
    ...projectSources(project).flatMap((use) => refusedUse(use, allowance)),
    ...(project.vaultSecrets ?? []).map(({ name, path, at }) => ({
      message: `would read ${path} from Vault (secret ${name})`,
      at,
    })),
    ...project.releases.flatMap(refusedModules),
    ...project.releases.flatMap((release) => refusedChart(release, allowance)),
    ...project.releases.flatMap(refusedKustomization),
    ...refusedBuilds(project, allowance),
    ...refusedCluster(project, allowance),
  ]
}

/** A file or folder that forge.yaml names. */
export interface NamedPath {
  readonly path: string
  readonly at: Position
  /** What it is for, for people. */
  readonly by: string
}

/** Every path of forge.yaml, whether this command would open it or not. */
export function pathsIn(project: Project): NamedPath[] {
  const { releases, images, secrets } = project
  return [
    ...[...projectSources(project), ...buildSourcesOf(project)].flatMap(({ source, by }) =>
      'file' in source ? [{ path: source.file, at: source.at, by }] : [],
    ),
    ...releases.flatMap(({ name, chart, plain, values, configMaps }) => [
      ...(plain?.paths ?? []).map(({ path, at }) => ({ path: fixedPart(path), at, by: `objects of release ${name}` })),
      ...(chart.local && plain === undefined
        ? [{ path: chart.chart, at: chart.at, by: `chart of release ${name}` }]
        : []),
      ...values.map(({ file, at }) => ({ path: file, at, by: `values of release ${name}` })),
      ...configMaps.flatMap(({ name: map, dotenv }) =>
        dotenv === undefined ? [] : [{ path: dotenv.file, at: dotenv.at, by: `ConfigMap ${map}` }],
      ),
    ]),
    ...images.flatMap(({ name, from, at }) => {
      if (from.kind === 'ref') return []
      const paths = from.kind === 'compose' ? [from.file] : [from.context, `${from.context}/${from.dockerfile}`]
      return paths.filter((path) => !isAddress(path)).map((path) => ({ path, at, by: `image ${name}` }))
    }),
    ...secrets.flatMap(({ name, generate }) =>
      generate?.kind === 'certificate' ? [{ path: generate.ca, at: generate.at, by: `CA of secret ${name}` }] : [],
    ),
  ]
}

interface Use {
  readonly source: Source
  readonly by: string
}

/** Each source of values and secrets, with what it is for. */
export function projectSources({ releases, secrets }: Project): Use[] {
  return [
    ...releases.flatMap(({ name, set, configMaps }) => [
      ...set.map(({ path, source }) => ({ source, by: `set ${showValuePath(path)} of release ${name}` })),
      ...configMaps.flatMap((map) =>
        [...map.set, ...map.files].map(({ key, source }) => ({ source, by: `ConfigMap ${map.name}, key ${key}` })),
      ),
    ]),
    ...secrets.flatMap(({ name, keys }) =>
      keys.map(({ key, source }) => ({ source, by: `secret ${name}, key ${key}` })),
    ),
  ]
}

/** Read where images are built, which is refused as a whole. */
function buildSourcesOf({ images }: Project): Use[] {
  return images.flatMap(({ name, from }) =>
    (from.kind === 'build' ? [...from.args, ...from.secrets] : []).map(({ source }) => ({
      source,
      by: `image ${name}`,
    })),
  )
}

function refusedUse({ source, by }: Use, { variables }: Allowance): Problem[] {
  const refused = refusedSource(source, variables)
  return refused === undefined ? [] : [{ ...refused, message: `${refused.message} (${by})`, at: source.at }]
}

function refusedModules({ configMaps }: Release): Problem[] {
  return configMaps.flatMap(({ name, files }) =>
    files.flatMap(({ key, transform }) =>
      transform.flatMap((step) =>
        step.kind === 'module'
          ? [{ message: `would run the module ${step.file} (ConfigMap ${name}, key ${key})`, at: step.at }]
          : [],
      ),
    ),
  )
}

/** kustomize reads what it likes, and starts git. */
function refusedKustomization({ name, plain }: Release): Problem[] {
  if (plain?.kind !== 'kustomization') return []
  return plain.paths.map(({ path, at }) => ({ message: `would run kustomize on ${path} (release ${name})`, at }))
}

/** What comes before the first part of a path with a wildcard in it. */
function fixedPart(path: string): string {
  const parts = path.split('/')
  const first = parts.findIndex(isPattern)
  return first === -1 ? path : parts.slice(0, first).join('/') || '.'
}

function refusedChart({ name, chart }: Release, { charts }: Allowance): Problem[] {
  const address =
    chart.repository === undefined ? chart.chart : `${chart.repository.replace(/\/$/u, '')}/${chart.chart}`
  if (chart.local || mayFetch(address, charts)) return []
  const hint = again('--allow-chart', [...charts, address].join(','))
  const message = `would fetch the chart ${address}, which --allow-chart does not name (release ${name})`
  return [{ message, at: chart.at, hint }]
}

/** The simulated nodes of a sandbox need no image. */
function refusedBuilds({ images, environment }: Project, { builds }: Allowance): Problem[] {
  if (!builds || environment.cluster.sandbox) return []
  const hint = again('--skip-build')
  return images
    .filter(({ from }) => from.kind !== 'ref')
    .map(({ name, at }) => ({ message: `would build image ${name}, which runs what its Dockerfile says`, at, hint }))
}

function refusedCluster({ environment: { name, cluster, at } }: Project, { choosesCluster }: Allowance): Problem[] {
  if (!choosesCluster || cluster.sandbox || cluster.context === undefined) return []
  const hint = again('--context', cluster.context)
  const message = `would choose the cluster: environment ${name} names the context ${cluster.context}, and --context does not`
  return [{ message, at, hint }]
}
