import type { Project } from '../domain/config/model.ts'
import { showProblem } from '../domain/config/position.ts'
import { builtDependencies } from './project/dependencies.ts'
import { codedError, distinct } from '../domain/config/problems.ts'
import { checkNamesOffline, type OfflinePorts } from './names/offline.ts'
import { loadEnvironments, loadProject } from './project/load.ts'
import { resolveConfiguration } from './project/configuration.ts'
import type { ProjectPorts } from './project/ports.ts'
import { refuseLater } from './project/later.ts'
import { withPlainCharts } from './project/plain.ts'
import { forge } from '../hint.ts'

export interface ValidateReport {
  readonly file: string
  readonly project: string
  readonly environments: readonly EnvironmentSummary[]
}

export interface EnvironmentSummary {
  readonly name: string
  readonly cluster: string
  readonly namespace: string
  readonly protected: boolean
  readonly releases: readonly string[]
  readonly configMaps: number
  readonly secrets: number
  readonly stages: readonly string[]
  readonly warnings: readonly string[]
  readonly notChecked: readonly string[]
}

export interface ValidatePorts extends ProjectPorts {
  /** Undefined: there is no helm on this machine, and none is fetched for this. Looked for once forge.yaml is read. */
  readonly charts?: (() => Promise<OfflinePorts['charts'] | undefined>) | undefined
}

/**
 * forge.yaml, the files that configuration comes from, and the names of what the charts render, for one environment or for
 * all. Needs neither cluster nor the secrets: sources that only the target's machine has (environment variables, commands,
 * sops) are left out. Throws E_CONFIG_*, E_NAME_UNUSED, E_STAGE_TARGET, E_NOT_SUPPORTED.
 */
export async function validateProject(
  ports: ValidatePorts,
  request: { readonly dir?: string | undefined; readonly env?: string | undefined },
): Promise<ValidateReport> {
  const projects =
    request.env === undefined ? await loadEnvironments(ports, request.dir) : [await loadProject(ports, request)]
  const environments: EnvironmentSummary[] = []
  for (const named of projects) {
    refuseLater(named)
    const project = await withPlainCharts(named, ports)
    const configuration = await resolveConfiguration(project, ports, { offline: true, images: builtImages(project) })
    const maps = [...configuration.values()].flatMap(({ configMaps }) => Object.keys(configMaps))
    const found = await namesOf(project, configuration, ports)
    const problems = found.problems.map((problem) => ({ code: 'E_NAME_UNUSED' as const, ...problem }))
    const error = codedError(problems, forge('render', '--env', project.environment.name))
    if (error !== undefined) throw error
    const warnings = distinct([...configuration.values()].flatMap((one) => one.warnings ?? []))
    const built = await builtDependencies(project, ports)
    environments.push(
      summarize(project, maps.length, { ...found, warnings: [...built, ...warnings, ...found.warnings] }),
    )
  }
  const [first] = projects
  return { file: first?.file ?? '', project: first?.name ?? '', environments }
}

/** What is built has no reference yet; the chart only has to get one. */
function builtImages({ images }: Project): Record<string, string> {
  const built = images.filter(({ from }) => from.kind !== 'ref')
  return Object.fromEntries(built.map(({ name, repository }) => [name, `${repository ?? name}:built`]))
}

async function namesOf(
  project: Project,
  configuration: Awaited<ReturnType<typeof resolveConfiguration>>,
  { charts: find, ...ports }: ValidatePorts,
): ReturnType<typeof checkNamesOffline> {
  const charts = await find?.()
  if (charts !== undefined) return await checkNamesOffline(project, configuration, { ...ports, charts })
  return { problems: [], warnings: [], notChecked: ['what the charts render: not checked, there is no helm here'] }
}

function summarize(
  { environment, releases, secrets, vaultSecrets = [], stages }: Project,
  configMaps: number,
  { warnings, notChecked }: Awaited<ReturnType<typeof namesOf>>,
): EnvironmentSummary {
  const { name, cluster, namespace } = environment
  return {
    name,
    cluster: cluster.sandbox ? 'sandbox' : (cluster.context ?? 'current context'),
    namespace,
    protected: environment.protected,
    releases: releases.map((release) => release.name),
    configMaps,
    secrets: secrets.length + vaultSecrets.length,
    stages: stages.map((stage) => stage.name),
    warnings: warnings.map(showProblem),
    notChecked,
  }
}
