import { systemClock } from '../../adapters/clock.ts'
import { stickComment } from '../../adapters/github/comments.ts'
import { commentMark } from '../../screen/github/comment.ts'
import { planComment } from '../../screen/github/plan-comment.ts'
import { rehearsalComment } from '../../screen/github/rehearsal-comment.ts'
import { workflowCommand } from '../../screen/github/workflow-command.ts'
import type { Report } from '../step/result.ts'
import type { ActionInputs, Job } from './inputs.ts'

interface Place {
  readonly inputs: Pick<ActionInputs, 'pull'>
  readonly job: Pick<Job, 'api' | 'repository' | 'commit' | 'runUrl'>
  readonly say: (line: string) => void
}

interface Wanted {
  readonly what: 'plan' | 'rehearsal'
  readonly mark: string
  readonly body: string
}

/** The plan, or the rehearsal, of a pull request as its comment. */
export async function commentOn(report: Report | undefined, { inputs: { pull }, job, say }: Place): Promise<void> {
  if (pull === undefined || report === undefined) return
  const { api, repository } = job
  const wanted = wantedOf(report, job)
  if (wanted === undefined) return
  const stuck = await stickComment({ api, repository, ...pull }, wanted.mark, wanted.body, systemClock)
  if ('refused' in stuck)
    say(workflowCommand('warning', `the ${wanted.what} is in the job's summary, not in a comment: ${stuck.refused}`))
}

function wantedOf(
  { plan, rehearsal, project = '', environment = '' }: Report,
  { commit, runUrl: run }: Place['job'],
): Wanted | undefined {
  const screen = { now: systemClock.now(), commit, run }
  if (plan != null) return { what: 'plan', mark: commentMark('plan', plan), body: planComment(plan, screen) }
  if (rehearsal == null) return undefined
  const about = { project, environment }
  return {
    what: 'rehearsal',
    mark: commentMark('rehearse', about),
    body: rehearsalComment(rehearsal, about, screen),
  }
}
