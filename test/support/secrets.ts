import { loadProject } from '../../src/flows/project/load.ts'
import { refuseProblems, resolveSecrets } from '../../src/flows/project/secrets.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { memoryFiles, projectPorts, type Outside } from './project-ports.ts'

export const now = Date.parse('2026-11-20T12:00:00Z')
export const head =
  'version: 1\nproject: demo\nenvironments:\n  dev: { cluster: sandbox, namespace: demo-ns }\nsecrets:\n'

/** Takes what would be masked. */
export const sink = () => {
  const values: string[] = []
  return { values, add: (value: string) => void values.push(value) }
}

/** The secrets of a forge.yaml of which lines from 6 on are given. */
export const resolve = async (
  secrets: string,
  files: Record<string, string | Uint8Array> = {},
  outside: Outside = {},
  edited: (yaml: string) => string = (yaml) => yaml,
) => {
  const ports = projectPorts(memoryFiles({ 'forge.yaml': edited(`${head}${secrets}`), ...files }), outside)
  const redact = sink()
  const project = await loadProject(ports, { dir: '/p' })
  const { secrets: resolved } = await resolveSecrets(project, ports, redact)
  refuseProblems(
    project,
    resolved.flatMap(({ problems }) => problems),
  )
  return { secrets: resolved, warnings: resolved.flatMap(({ warnings }) => warnings), redact, project, ports }
}

export const secretObject = (data: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's', namespace: 'demo-ns' },
  type: 'Opaque',
  data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, btoa(value)])),
})
