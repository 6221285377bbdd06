import { nameOf } from '../../domain/kube.ts'
import { pausedText, restedOf } from '../../domain/pause/rested.ts'
import { again, extended, forge } from '../../hint.ts'
import { refuse, type Check } from '../phases/findings.ts'
import type { Compared } from '../phases/planned.ts'

/** What `forge pause` brought to rest is woken before anything is written: a deploy would wake a part of it, and wait for the rest. */
export const checkRested: Check<Compared> = ({ live, project, options }) => {
  const rested = restedOf(live.values())
  const { name } = project.environment
  const message = pausedText(name, rested)
  if (message === undefined) return []
  const first = rested.map(({ object }) => nameOf(object))[0]
  // `resume` is undefined where the command has no --resume.
  const hint =
    options.resume === undefined ? forge('resume', '--env', name) : extended(options.again ?? again(), '--resume')
  const refused = refuse('E_ENVIRONMENT_PAUSED', message, { hint, where: first ?? name })
  return [{ ...refused, inPlan: [`a deploy is refused: ${message}`] }]
}
