import { nameOf } from '../../domain/kube.ts'
import { memoryOf } from '../../domain/pause/memory.ts'
import { forge } from '../../hint.ts'
import { refuse, type Check } from '../phases/findings.ts'
import type { Compared } from '../phases/planned.ts'

/** What `forge pause` brought to rest is woken before anything is written: a deploy would wake a part of it, and wait for the rest. */
export const checkRested: Check<Compared> = ({ live, project }) => {
  const rested = [...live.values()].flatMap((object) => {
    const memory = memoryOf(object)
    return memory === undefined ? [] : [{ object, memory }]
  })
  const [first] = rested
  if (first === undefined) return []
  const { name } = project.environment
  const { since, by } = first.memory
  const names = rested.map(({ object }) => nameOf(object))
  const told = names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
  const message = `${name} is paused since ${since.slice(0, 16).replace('T', ' ')} UTC by ${by}: ${told}`
  const details = { hint: forge('resume', '--env', name), where: names[0] ?? name }
  return [{ ...refuse('E_ENVIRONMENT_PAUSED', message, details), inPlan: [`a deploy is refused: ${message}`] }]
}
