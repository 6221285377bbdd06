import type { Rehearsal } from './model.ts'

/** Nothing would have gone wrong tonight. */
export function isGood({ deploy, failures }: Pick<Rehearsal, 'deploy' | 'failures'>): boolean {
  const reached = deploy.outcome === 'deployed' || deploy.outcome === 'unchanged'
  return reached && failures.every(({ explained, restored }) => explained && restored !== false)
}

export function summaryOf(deploy: Rehearsal['deploy'], failures: Rehearsal['failures']): string {
  return `rehearsed: ${failures.length} failures ${deploy.outcome}`
}
