import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { Opened } from '../phases/opened.ts'

export function stale(moved: readonly string[], { project, options }: Pick<Opened, 'project' | 'options'>): ForgeError {
  const { name } = project.environment
  const shown = moved.slice(0, 5).join(', ')
  const more = moved.length > 5 ? ` and ${moved.length - 5} more` : ''
  return new ForgeError('E_PLAN_STALE', `the cluster has moved since the plan was made: ${shown}${more}`, {
    hint:
      options.saved === undefined
        ? (options.again ?? forge('deploy', '--env', name))
        : forge('plan', '--env', name, '--out', 'p.json'),
    where: moved[0] ?? 'the cluster',
    problems: moved.map((message) => ({ message })),
  })
}
