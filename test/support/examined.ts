import { forgeHere } from './cluster.ts'
import { document } from './forge.ts'
import { smallProject, type Manifest } from './small.ts'

export interface Line {
  readonly group: string
  readonly state: 'ok' | 'warning' | 'problem' | 'unchecked'
  readonly text: string
  readonly code: string | null
  readonly hint: string | null
  readonly where: string | null
}

export interface Found {
  readonly status: number | undefined
  readonly ready: boolean
  readonly lines: readonly Line[]
  /** All that is not well; of kubectl's skew, which is this machine's, nothing. */
  readonly ills: readonly Line[]
}

export async function examine(dir: string, env: string, ...flags: string[]): Promise<Found> {
  const ran = await forgeHere(['doctor', '--env', env, '-C', dir, '--json', ...flags])
  const { ready, lines } = document<{ ready: boolean; lines: Line[] }>(ran)
  const ills = lines.filter(({ state, where }) => state !== 'ok' && where !== 'kubectl')
  return { status: ran.status, ready, lines, ills }
}

export async function examineSmall(
  namespace: string,
  objects: readonly Manifest[],
  ...flags: string[]
): Promise<Found> {
  const { project } = await smallProject(namespace, 4, objects)
  return await examine(project.dir, 'test', ...flags)
}
