import { ForgeError } from '../../errors.ts'
import type { Opened } from '../phases/opened.ts'

export function stale(moved: readonly string[], { policy }: Pick<Opened, 'policy'>): ForgeError {
  const shown = moved.slice(0, 5).join(', ')
  const more = moved.length > 5 ? ` and ${moved.length - 5} more` : ''
  return new ForgeError('E_PLAN_STALE', `the cluster has moved since the plan was made: ${shown}${more}`, {
    hint: policy.again,
    where: moved[0] ?? 'the cluster',
    problems: moved.map((message) => ({ message })),
  })
}
