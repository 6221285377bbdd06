import { touched } from '../../domain/plan/objects.ts'
import { recordedOtherwise } from '../../domain/plan/recorded.ts'
import { counted } from '../../screen/counted.ts'
import { planStages, presentStages } from '../../domain/stages/stages.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { ReleaseRecord } from '../../domain/helm/model.ts'
import { cameIn } from '../../domain/journal/target.ts'
import { AS_RECORDED, type DesiredRelease } from '../phases/desired.ts'
import { refuse, type Check, type Finding } from '../phases/findings.ts'
import type { Observed, ObservedRelease } from '../phases/observed.ts'
import type { Opened } from '../phases/opened.ts'
import type { Assessed, Compared, Foreseen } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { inspectRecord, recordedIn } from '../observe/release-records.ts'
import { stillRuns, waitThen } from '../../screen/way-back.ts'
import { waitForJobs } from '../restore/pending-jobs.ts'
import { BEFORE_ROLLBACK } from '../plan/check-list.ts'
import type { Planning } from '../plan/plan.ts'
import { WHAT_WAS_ITS_OWN } from '../plan/take-over.ts'
import { waitForLeaving } from '../plan/leaving.ts'
import { withGrownClaims } from './present.ts'
import type { StepReport } from '../step.ts'

/**
 * A release on its way back: what it shall be is the manifest of the revision that it goes back to. What a rollback of
 * this rollback would bring back is the newest revision, whatever became of it.
 */
export function workBack(work: ObservedRelease, target: ReleaseRecord, context: Observed): DesiredRelease {
  const [before] = work.history
  const { namespace } = work.release
  const { rendered, hooks, unread } = inspectRecord(target, namespace, context.facts.resources)
  if (unread !== undefined) throw unreadTarget(unread, context)
  const way = context.charts.major >= 4 && target.applyMethod === 'apply' ? 'apply' : 'patch'
  return {
    ...work,
    ...AS_RECORDED,
    before,
    target,
    way,
    values: target.config,
    manifest: target.manifest,
    // helm runs the hooks of the revision that it goes back to.
    rendered: [...rendered, ...hooks],
    came: cameIn(context.target, work.release.name),
    ...recordedIn({ ...work, before, target }, context.facts),
  }
}

function unreadTarget(unread: string, { target, project }: Opened): ForgeError {
  return new ForgeError('E_RECORD_UNREADABLE', `#${target?.number ?? '?'} cannot be gone back to: ${unread}`, {
    hint: forge('history', '--env', project.environment.name),
    where: `#${target?.number ?? '?'}`,
  })
}

/** Step 3: what going back would change, and whether it can. Nothing is waited for. */
export const GOING_BACK: Planning = {
  checks: BEFORE_ROLLBACK,
  isWhole: true,
  measure: () => Promise.resolve(new Map()),
  mayTake: WHAT_WAS_ITS_OWN,
  settled: (found) => Promise.resolve(withGrownClaims(found)),
  isUnchanged,
  said: summary,
}

/** The same, before it is done. */
export function goingBack(ports: DeployPorts, report: StepReport): Planning {
  const { compared } = BEFORE_ROLLBACK
  const migrations: Check<Compared> = async (known) => await checkMigrations(known, ports, report)
  return {
    ...GOING_BACK,
    checks: { ...BEFORE_ROLLBACK, compared: [migrations, ...compared] },
    settled: async (found) => await waitForLeaving(ports, report)(withGrownClaims(found)),
  }
}

/** A migration that runs is not cut off in its middle: the rollback waits for it, or does not begin. */
async function checkMigrations(known: Compared, ports: DeployPorts, report: StepReport): Promise<readonly Finding[]> {
  const { project, policy } = known
  for (const { previous: leaving, rendered: to } of known.releases) {
    // The Job's time is that of its stage among what runs; the target's stages may not know it.
    const present = leaving.filter(({ hook }) => hook === undefined).map(({ object }) => object)
    const scene = { ...known, stages: planStages(presentStages(project, present), present) }
    const { running } = await waitForJobs({ leaving, to }, scene, ports, report, ports.signal)
    const [first] = running
    if (first === undefined) continue
    const hint = waitThen(running, project.environment.namespace, policy.again)
    return [refuse('E_JOB_RUNNING', stillRuns(running), { hint, where: first })]
  }
  return []
}

function isUnchanged({ releases, secretPlans, homes }: Assessed): boolean {
  if (homes?.plans.some(({ write }) => write !== undefined) === true) return false
  const same = releases.every(
    ({ history, plans, rendered, previous: recorded }) =>
      history[0]?.status === 'deployed' &&
      touched(plans).length === 0 &&
      recordedOtherwise({ rendered: rendered.filter(({ hook }) => hook === undefined), recorded, kept: {} }).length ===
        0,
  )
  return same && secretPlans.every(({ object }) => object === undefined)
}

function summary({ releases, secretPlans, restarts, unchanged }: Foreseen): string {
  if (unchanged) return 'no changes'
  const changes =
    releases.flatMap(({ plans }) => touched(plans)).length +
    secretPlans.filter(({ object }) => object !== undefined).length
  return `${counted(changes, 'change')}, ${counted(restarts.length, 'restart')}`
}
