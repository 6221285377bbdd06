import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { systemClock } from '../../adapters/clock.ts'
import { stickComment } from '../../adapters/github/comments.ts'
import { parsed } from '../../domain/config/parsed.ts'
import { expected } from '../../expected.ts'
import { commentMark, type Commented } from '../../screen/github/comment.ts'
import { missingComment } from '../../screen/github/missing-comment.ts'
import { planComment } from '../../screen/github/plan-comment.ts'
import { rehearsalComment } from '../../screen/github/rehearsal-comment.ts'
import { workflowCommand } from '../../screen/github/workflow-command.ts'
import { outcomeOf, type Report } from '../step/result.ts'
import type { ActionInputs, Job } from './inputs.ts'

interface Place {
  readonly inputs: Pick<ActionInputs, 'pull' | 'words' | 'env' | 'dir'>
  readonly job: Pick<Job, 'api' | 'repository' | 'commit' | 'runUrl' | 'workspace'>
  readonly say: (line: string) => void
}

interface Ran {
  readonly status: number
  /** Undefined: forge printed none. */
  readonly report: Report | undefined
}

interface Wanted {
  readonly what: 'plan' | 'rehearsal' | 'verdict'
  readonly mark: string
  readonly body: string
}

/** The plan, or the rehearsal, of a pull request as its comment; of one that there is not, why, in the place of an earlier one. */
export async function commentOn(ran: Ran, { inputs, job, say }: Place): Promise<void> {
  const { pull } = inputs
  if (pull === undefined) return
  const { api, repository } = job
  const wanted = wantedOf(ran, inputs, job)
  if (wanted === undefined) return
  const stuck = await stickComment({ api, repository, ...pull }, wanted.mark, wanted.body, systemClock)
  if ('refused' in stuck)
    say(workflowCommand('warning', `the ${wanted.what} is in the job's summary, not in a comment: ${stuck.refused}`))
}

function wantedOf(
  { report = {}, status }: Ran,
  inputs: Pick<ActionInputs, 'words' | 'env' | 'dir'>,
  job: Place['job'],
): Wanted | undefined {
  const { plan, rehearsal, verdict } = report
  const screen = { now: systemClock.now(), commit: job.commit, run: job.runUrl }
  if (plan != null) return { what: 'plan', mark: commentMark('plan', plan), body: planComment(plan, screen) }
  const kind = (['plan', 'rehearse'] as const).find((command) => command === inputs.words[0])
  if (kind === undefined) return undefined
  const { outcome = outcomeOf(status), project = projectIn(inputs, job), environment = inputs.env } = report
  // One that is cancelled makes room for a newer one.
  if (project === undefined || environment === '' || outcome === 'interrupted') return undefined
  const about: Commented = { project, environment }
  const mark = commentMark(kind, about)
  if (rehearsal != null) return { what: 'rehearsal', mark, body: rehearsalComment(rehearsal, about, screen) }
  const missing = { outcome, verdict: verdict ?? null, status }
  return { what: 'verdict', mark, body: missingComment(kind, missing, about, screen) }
}

/** Of a forge.yaml in which something may be wrong. Undefined: it names none. */
function projectIn({ dir }: Pick<ActionInputs, 'dir'>, { workspace }: Pick<Job, 'workspace'>): string | undefined {
  try {
    const file = join(resolve(workspace, dir), 'forge.yaml')
    const name = parsed(readFileSync(file, 'utf8'), {})?.get('project')
    return typeof name === 'string' && /^[a-z0-9-]+$/u.test(name) ? name : undefined
  } catch (error) {
    expected(error)
    return undefined
  }
}
