import { resolveConfiguration, type ConfigurationRequest } from '../../src/flows/project/configuration.ts'
import { loadProject } from '../../src/flows/project/load.ts'
import type { ReleaseConfiguration } from '../../src/domain/values/model.ts'
import { showOrigin } from '../../src/domain/values/why.ts'
import type { SetTexts } from '../../src/hint.ts'
import { memoryFiles, projectPorts, type Outside } from './project-ports.ts'

const head = 'version: 1\nproject: demo\nenvironments:\n  dev: { cluster: sandbox }\n'
const chart = { 'chart/Chart.yaml': 'name: demo\n' }

/** The configuration of release `api`, of which the text of forge.yaml from line 8 on is given. */
export const configure = async (
  release: string,
  files: Record<string, string | Uint8Array> = {},
  {
    outside = {},
    set = [],
    values = [],
    settings = {},
    request = {},
    more = '',
  }: {
    outside?: Outside
    set?: string[]
    values?: string[]
    settings?: Partial<SetTexts>
    request?: ConfigurationRequest
    more?: string
  } = {},
): Promise<ReleaseConfiguration> => {
  const memory = memoryFiles({
    'forge.yaml': `${head}releases:\n  api:\n    chart: ./chart\n${release}${more}`,
    ...chart,
    ...files,
  })
  const ports = projectPorts(memory, outside)
  const project = await loadProject(ports, { dir: '/p', set, values, ...settings })
  const resolved = (await resolveConfiguration(project, ports, request)).get('api')
  if (resolved === undefined) throw new Error('no release api')
  return resolved
}

/** Where the value at a path comes from. */
export const winner = ({ origins }: ReleaseConfiguration, path: string): string | undefined => {
  const origin = origins.get(path)?.[0].origin
  return origin === undefined ? undefined : showOrigin(origin)
}
