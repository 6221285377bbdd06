import type { Release } from '../config/model.ts'
import { showLine } from '../config/position.ts'
import type { ObjectPlan } from '../plan/model.ts'

/** Where an object of a release without a chart is written; nobody knows the template that forge made of it. */
export function writtenAt({ plain }: Pick<Release, 'plain'>, template: string): string | undefined {
  const at = plain?.places?.get(template)
  return at === undefined ? undefined : showLine(at)
}

/** The object that a refusal of the API server names: `configmaps "a" is forbidden: …`, `Deployment.apps "a" is invalid: …`. */
export function namedBy(message: string, plans: readonly ObjectPlan[]): ObjectPlan | undefined {
  const text = message.toLowerCase()
  return plans.find(({ ref: { kind, name } }) => {
    const stem = kind.toLowerCase().replace(/[sy]$/u, '')
    return [...text.matchAll(/([a-z]+)(?:\.[a-z0-9.-]+)? "([^"]+)"/gu)].some(
      ([, word = '', named]) => named === name && word.startsWith(stem),
    )
  })
}
