import { specOf } from '../shapes.ts'
import { ready, type Assess, type Assessment, withoutPods } from './assessment.ts'

/** What is ready as soon as it exists: no controller says anything of it. */
export const assessThing: Assess = () => existing('exists')

/** Its Jobs run when it is time; a suspended one is wanted so, and nothing of it is waited for. */
export const assessSchedule: Assess = ({ object }) => existing(specOf(object).suspend === true ? 'suspended' : 'exists')

function existing(detail: string): Assessment {
  return withoutPods(ready(detail), { ready: 1, wanted: 1 })
}
