import type { GivenImage } from '../../domain/config/given-images.ts'
import { choiceOf } from '../../domain/config/select.ts'
import type { Project } from '../../domain/config/model.ts'
import type { SavedPlan } from '../../domain/plan/saved.ts'
import { setTexts } from '../../domain/values/settings.ts'
import { forge, type SetTexts } from '../../hint.ts'
import type { RunOptions } from '../phases/options.ts'
import { adopting, writing, type Policy } from '../phases/policy.ts'
import { loadProject } from '../project/load.ts'
import { withPlainCharts } from '../project/plain.ts'
import type { ProjectPorts } from '../project/ports.ts'

/** What is asked of a deploy or a plan for the project of a folder. */
export interface DeployOptions extends RunOptions, SetTexts {
  readonly dir: string
  readonly dirGiven: boolean
  readonly env: string | undefined
  readonly values: readonly string[]
  readonly skipBuild: boolean
  /** `--image`, `--from`. */
  readonly images?: readonly GivenImage[]
  /** `--plan FILE`: exactly that is done, or nothing. */
  readonly saved?: SavedPlan
}

/** Ready to be rendered. */
export async function projectOf(options: DeployOptions, ports: ProjectPorts): Promise<Project> {
  const { dir, dirGiven, env, values, images } = options
  const project = await loadProject(ports, {
    ...(dirGiven ? { dir } : {}),
    env,
    values,
    images,
    ...setTexts(options),
    ...choiceOf(options),
  })
  const whole = await withPlainCharts(project, ports)
  return ports.standIn?.project(whole) ?? whole
}

/** Where the cluster has moved, or somebody else's is in the way, a saved plan is to be made anew. */
export function deployPolicy(environment: string, saved: SavedPlan | undefined): Policy {
  const show = forge('plan', '--env', environment)
  return saved === undefined
    ? writing(forge('deploy', '--env', environment), show, adopting('deploy', environment))
    : writing(forge('plan', '--env', environment, '--out', 'p.json'), show, adopting('plan', environment))
}
