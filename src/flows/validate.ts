import type { Project } from '../domain/config/model.ts'
import { loadEnvironments, loadProject } from './project/load.ts'
import { resolveConfiguration } from './project/configuration.ts'
import type { ProjectPorts } from './project/ports.ts'

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
}

/**
 * forge.yaml and the files that configuration comes from, for one environment or for all. Needs neither cluster nor helm
 * nor the secrets: sources that only the target's machine has (environment variables, commands, sops) are left out.
 */
export async function validateProject(
  ports: ProjectPorts,
  request: { readonly dir?: string | undefined; readonly env?: string | undefined },
): Promise<ValidateReport> {
  const projects =
    request.env === undefined ? await loadEnvironments(ports, request.dir) : [await loadProject(ports, request)]
  const environments: EnvironmentSummary[] = []
  for (const project of projects) {
    const configuration = await resolveConfiguration(project, ports, { offline: true })
    const maps = [...configuration.values()].flatMap(({ configMaps }) => Object.keys(configMaps))
    environments.push(summarize(project, maps.length))
  }
  const [first] = projects
  return { file: first?.file ?? '', project: first?.name ?? '', environments }
}

function summarize({ environment, releases, secrets, stages }: Project, configMaps: number): EnvironmentSummary {
  const { name, cluster, namespace } = environment
  return {
    name,
    cluster: cluster.sandbox ? 'sandbox' : (cluster.context ?? 'current context'),
    namespace,
    protected: environment.protected,
    releases: releases.map((release) => release.name),
    configMaps,
    secrets: secrets.length,
    stages: stages.map((stage) => stage.name),
  }
}
