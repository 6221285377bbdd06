import { nameOf, type KubeObject } from '../kube.ts'
import { memoryOf, type PauseMemory } from './memory.ts'

export interface Rested {
  readonly object: KubeObject
  readonly memory: PauseMemory
}

/** What a pause brought to rest, among these. */
export function restedOf(objects: Iterable<KubeObject>): Rested[] {
  return [...objects].flatMap((object) => {
    const memory = memoryOf(object)
    return memory === undefined ? [] : [{ object, memory }]
  })
}

/** `prod is paused since 2026-11-28 22:00 UTC by ops@laptop: Deployment/web, Deployment/db`; undefined: nothing is. */
export function pausedText(environment: string, rested: readonly Rested[]): string | undefined {
  const [first] = rested
  if (first === undefined) return undefined
  const { since, by } = first.memory
  const names = rested.map(({ object }) => nameOf(object))
  const told = names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
  return `${environment} is paused since ${since.slice(0, 16).replace('T', ' ')} UTC by ${by}: ${told}`
}
