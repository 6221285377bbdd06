import { chooseEnvironment, parseConfig, resolveProject, type ParsedConfig } from '../../domain/config/config.ts'
import { absolutePath, parentOf, relativeTo } from '../../domain/config/file-path.ts'
import { requireTaken, withGivenImages, type GivenImage } from '../../domain/config/given-images.ts'
import type { Overrides, Project } from '../../domain/config/model.ts'
import type { Problem } from '../../domain/config/position.ts'
import { selectReleases, type Choice } from '../../domain/config/select.ts'
import { isNotEmpty, problemsError } from '../../domain/config/problems.ts'
import { ForgeError } from '../../errors.ts'
import { forge, type SetTexts } from '../../hint.ts'
import { withFiles } from '../../domain/values/set-option.ts'
import { setTexts } from '../../domain/values/settings.ts'
import { checkDependencies } from './dependencies.ts'
import { chartText } from './chart-text.ts'
import type { ProjectPorts } from './ports.ts'
import { refuseUntrusted } from './untrusted.ts'

export interface LoadRequest extends Partial<SetTexts>, Choice {
  /** `-C DIR`; without it forge.yaml is looked for here and in the folders above. */
  readonly dir?: string | undefined
  /** `--env`; without it FORGE_ENV, defaultEnvironment, the only one. */
  readonly env?: string | undefined
  readonly values?: readonly string[] | undefined
  /** In place of what forge.yaml says of them. */
  readonly images?: readonly GivenImage[] | undefined
}

export interface FoundConfig {
  /** Absolute path of forge.yaml. */
  readonly file: string
  readonly dir: string
  readonly parsed: ParsedConfig
}

/**
 * Throws E_CONFIG_MISSING, E_CONFIG_SYNTAX, E_CONFIG_INVALID, E_ENVIRONMENT_UNKNOWN, E_ENVIRONMENT_REQUIRED,
 * E_RELEASE_UNKNOWN, E_CHART_MISSING and E_UNTRUSTED. Reads files only; nothing of the cluster.
 */
export async function loadProject(ports: ProjectPorts, request: LoadRequest): Promise<Project> {
  const found = await findConfig(ports, request.dir)
  const environment = chooseEnvironment(found.parsed, request.env ?? ports.sources.env('FORGE_ENV'))
  const images = request.images ?? []
  const whole = withGivenImages(resolveProject(found.parsed, environment, found), images)
  const overrides = overridesOf(request, ports)
  await refuseUntrusted([{ ...whole, overrides }], ports)
  withholdSecrets(whole, ports)
  const project = { ...selectReleases(whole, request), overrides }
  requireTaken(project, images)
  await checkCharts(project, ports)
  return project
}

/** Which environment the one that is meant takes its images from; reads forge.yaml and nothing else. */
export async function promotesOf(
  ports: ProjectPorts,
  request: LoadRequest,
): Promise<{ readonly environment: string; readonly promotes: string } | undefined> {
  const { parsed } = await findConfig(ports, request.dir)
  const environment = chooseEnvironment(parsed, request.env ?? ports.sources.env('FORGE_ENV'))
  const promotes = parsed.config.environments[environment]?.promotes
  return promotes === undefined ? undefined : { environment, promotes }
}

/** Files are found from where forge was started, and a saved plan is carried out elsewhere. */
function overridesOf(request: LoadRequest, { files }: Pick<ProjectPorts, 'files'>): Overrides {
  const texts = setTexts(request)
  const own = texts['set-file']?.map((text) => withFiles(text, (file) => files.resolve(file)))
  const values = (request.values ?? []).map((file) => files.resolve(file))
  return { values, ...texts, ...(own === undefined ? {} : { 'set-file': own }) }
}

/** A secret that came in the environment stays with forge: helm and git have no use for it, and others can read theirs. */
function withholdSecrets(project: Project, { sources }: ProjectPorts): void {
  const { releases, secrets, vaultSecrets = [], images, notify = [], vault } = project
  const all = [
    ...notify.map(({ source }) => source),
    ...secrets.flatMap(({ keys }) => keys.map(({ source }) => source)),
    ...images.flatMap(({ from }) => (from.kind === 'build' ? from.secrets.map(({ source }) => source) : [])),
  ]
  const jwt = vault?.auth?.jwt === undefined ? [] : [vault.auth.jwt]
  sources.withhold([...all, ...jwt].flatMap((source) => (source.kind === 'env' ? [source.name] : [])))
  // Whoever has it reads whatever the person may.
  const open = releases.flatMap(({ set, configMaps }) => [...set, ...configMaps.flatMap((one) => one.set)])
  const reads = [...all, ...open.map(({ source }) => source)].some(({ kind }) => kind === 'vault')
  if (reads || vaultSecrets.length > 0) sources.withhold(['VAULT_TOKEN', 'BAO_TOKEN'])
}

/** All environments of forge.yaml resolved, for `forge validate`. */
export async function loadEnvironments(ports: ProjectPorts, dir: string | undefined): Promise<readonly Project[]> {
  const found = await findConfig(ports, dir)
  const projects = Object.keys(found.parsed.config.environments).map((name) =>
    resolveProject(found.parsed, name, found),
  )
  await refuseUntrusted(projects, ports)
  for (const project of projects) withholdSecrets(project, ports)
  for (const project of projects) await checkCharts(project, ports)
  return projects
}

export async function findConfig(ports: Pick<ProjectPorts, 'files'>, dir: string | undefined): Promise<FoundConfig> {
  const start = ports.files.resolve(dir ?? '.')
  const file = await findUpwards(ports, start, dir === undefined)
  const text = file === undefined ? undefined : await ports.files.read(file)
  if (file === undefined || text === undefined) {
    const where = dir === undefined ? `in ${start} or above it` : `in ${start}`
    const hint = dir === undefined ? forge('init') : forge('init', '-C', dir)
    throw new ForgeError('E_CONFIG_MISSING', `there is no forge.yaml ${where}`, { hint, where: start })
  }
  return { file, dir: parentOf(file), parsed: parsedOnce(text) }
}

/** The last text and what it says: a command may ask more than once, and reading it takes longer than all else of it. */
let last: { readonly text: string; readonly parsed: ParsedConfig } | undefined

function parsedOnce(text: string): ParsedConfig {
  if (last?.text !== text) last = { text, parsed: parseConfig(text) }
  return last.parsed
}

async function findUpwards(
  ports: Pick<ProjectPorts, 'files'>,
  start: string,
  upwards: boolean,
): Promise<string | undefined> {
  for (let dir = start; ; dir = parentOf(dir)) {
    const file = absolutePath(dir, 'forge.yaml')
    if (await ports.files.exists(file)) return file
    if (!upwards || parentOf(dir) === dir) return undefined
  }
}

async function checkCharts(project: Project, ports: ProjectPorts): Promise<void> {
  const problems: Problem[] = []
  const local = project.releases.filter(({ chart, plain }) => chart.local && plain === undefined)
  for (const { name, chart } of local) {
    if ((await chartText(chart.chart, 'Chart.yaml', ports)) !== undefined) continue
    problems.push({
      message: `${relativeTo(project.dir, chart.chart)} has no Chart.yaml (chart of release ${name})`,
      at: chart.at,
    })
  }
  if (isNotEmpty(problems)) throw problemsError('E_CHART_MISSING', problems, forge('validate'))
  await checkDependencies(project, ports)
}
