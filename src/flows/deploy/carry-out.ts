import type { Ending } from './report.ts'
import { remarksOn } from '../../domain/readiness/remark.ts'
import { toApply, type Followed } from '../phases/applied.ts'
import type { NamespaceFacts } from '../phases/observed.ts'
import type { Opened } from '../phases/opened.ts'
import type { Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { tellWorkloads } from '../run-events.ts'
import { answering, runSteps, step, StepLeft, type Step, type StepRecord, type StepReport } from '../step.ts'
import { followStage } from '../prove/stage.ts'
import { upgradeReleases } from '../apply/upgrade.ts'
import { noting } from '../noted.ts'
import { verify } from '../prove/verify.ts'
import { ensureNamespaces } from '../apply/namespace.ts'
import { check } from '../phases/findings.ts'
import { checkPods } from '../plan/pods.ts'
import { checksOf, isPartOf, NOT_PART } from '../prove/part.ts'
import { restore, withoutWriting } from '../restore/restore.ts'
import { secure } from '../backup/before.ts'
import { refusal } from '../refusal.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { openWriteSession, type Writer, type WriteSession } from '../apply/write-session.ts'
import { followStageLogs } from '../prove/stage-logs.ts'
import type { Detail } from '../../domain/events/model.ts'
import { readExpectations } from '../prove/expectations.ts'
import { stoppingOf } from '../restore/stopping.ts'
import { createFollower } from '../prove/watching.ts'

export interface CarriedOut extends Omit<Ending, 'steps'> {
  /** What was done, as far as it came. */
  readonly reached: Planned | Followed
}

/** The step that writes, and what stands around it. */
export interface Writing {
  readonly name: string
  readonly write: (context: Followed, writer: Writer) => Promise<Detail>
  /** After the last stage: what is left to be proven. Throws where it is not so. */
  readonly prove?: (context: Followed, writer: Writer) => Promise<string[]>
  readonly total: (asked: Opened) => number
  readonly reached: 'deployed' | 'rolled-back'
  /** As the journal has it, where that is another. */
  readonly state?: 'uninstalled'
}

/** Of a deploy: `10` steps with four stages, after the `reading` ones the upgrade, and one per stage. */
export function upgrading(reading: number): Writing {
  const total: Writing['total'] = ({ project }) => reading + 1 + Math.max(project.stages.length, 1)
  return { name: 'upgrade', write: upgradeReleases, total, reached: 'deployed' }
}

/** Steps 6 to 10, under the lock and written down in the journal; a failure is recovered from here. */
export async function carryOut(
  plan: Planned,
  ports: DeployPorts,
  writing: Writing,
  steps: readonly StepRecord[],
): Promise<CarriedOut> {
  const { signal, leave } = ports
  const carried: Carried = { steps, session: undefined, context: undefined }
  const words = (): string => {
    const { session, context } = carried
    if (session === undefined || context === undefined) return 'stopping: nothing was changed'
    return stoppingOf(context, ports, session).words()
  }
  return await answering(ports, { signal, leave, words }, async () => {
    const secured = await secure(plan, ports)
    if ('plan' in secured) return await carry(secured.plan, ports, writing, carried)
    const { error } = secured
    return { outcome: withoutWriting(plan, error), error, reached: plan }
  })
}

/** As far as it has come. */
interface Carried {
  readonly steps: readonly StepRecord[]
  session: WriteSession | undefined
  context: Followed | undefined
}

async function carry(plan: Planned, ports: DeployPorts, writing: Writing, carried: Carried): Promise<CarriedOut> {
  let session: WriteSession | undefined
  let context: Followed | undefined
  try {
    const watched = (context = beginWatching(plan, ports, carried.steps))
    if (!plan.unchanged) {
      const { cluster, facts, project } = plan
      const missing = facts.namespaces.flatMap(({ name, object }) => (object === undefined ? [name] : []))
      const isNew = await ensureNamespaces(missing, project, cluster, ports.signal)
      if (missing.length > 0) await tryInMade(missing, plan, ports)
      const opened = await openWriteSession(watched, ports, isNew)
      session = carried.session = opened.session
      context = carried.context = opened.context
    }
    const done = await apply(context, ports, session, writing)
    const outcome = plan.unchanged ? 'unchanged' : writing.reached
    return { ...done, outcome, error: undefined, reached: context }
  } catch (error) {
    const cause = refusal(error, lockOr(ports, session))
    if (context === undefined || session === undefined)
      return { outcome: withoutWriting(plan, cause), error: cause, reached: plan }
    return { ...(await restore({ context, ports, session }, cause)), reached: context }
  } finally {
    await context?.follower.close()
    await session?.close()
    await plan.lease?.release()
  }
}

/** What the preview could not try for want of the namespace. Throws E_ADMISSION: of the releases nothing was written. */
async function tryInMade(made: readonly string[], plan: Planned, ports: DeployPorts): Promise<void> {
  const { cluster, facts } = plan
  const again = async (one: NamespaceFacts): Promise<NamespaceFacts> => {
    if (!made.includes(one.name)) return one
    const ref = { apiVersion: 'v1', kind: 'Namespace', name: one.name }
    return { ...one, object: await unlessForbidden(cluster.get(ref, ports.signal)) }
  }
  const [home, ...others] = facts.namespaces
  const namespaces = [await again(home), ...(await Promise.all(others.map(again)))] as const
  await check({ ...plan, facts: { ...facts, namespaces } }, [checkPods], ports)
}

/** The watch is open before anything is written: nothing that follows can be missed. */
function beginWatching(plan: Planned, ports: DeployPorts, steps: readonly StepRecord[]): Followed {
  const { clock, events, signal } = ports
  const applied = toApply(plan, steps)
  const tell = noting(applied.noted, clock, 'there', tellWorkloads(events, 'there'))
  const watched = { ...applied, follower: createFollower(applied, ports, plan.stages, signal, tell) }
  return { ...watched, stageLogs: followStageLogs(watched, ports) }
}

async function apply(
  context: Followed,
  ports: DeployPorts,
  session: WriteSession | undefined,
  writing: Writing,
): Promise<Pick<CarriedOut, 'restarted' | 'remarks'>> {
  const { follower, stages, restarts } = context
  const answering = { ...withLock(ports, session), stopping: stoppingOf(context, ports, session) }
  await runSteps(writingSteps(context, answering, session, writing), ports)
  const targets = stages.flatMap((stage) => stage.targets)
  const remarks = remarksOn(targets, follower.judge, follower.now())
  // What was proven is this run's own state only while nobody else may write.
  await session?.guard()
  await session?.finish(writing.state ?? writing.reached)
  return { restarted: restarts.filter(({ ref }) => follower.judge.restarted(ref)), remarks }
}

/** helm is not run, and there is no new revision: what stands is judged as the watch has it. */
async function leaveUnchanged({ cluster, stages, project, follower }: Followed, signal: AbortSignal): Promise<string> {
  const { namespace } = project.environment
  await follower.open
  follower.released(await readExpectations(cluster, stages, namespace, signal, new Set(), follower.cache))
  return 'unchanged, helm not run'
}

/** What a flow under the lock stops for: the person, or the loss of the lock. */
function lockOr({ signal }: DeployPorts, session: WriteSession | undefined): AbortSignal {
  return session === undefined ? signal : AbortSignal.any([signal, session.signal])
}

function withLock(ports: DeployPorts, session: WriteSession | undefined): DeployPorts {
  return { ...ports, signal: lockOr(ports, session) }
}

function writingSteps(
  context: Followed,
  ports: DeployPorts,
  session: WriteSession | undefined,
  writing: Writing,
): Step[] {
  const proven = async (report: StepReport): Promise<string[]> =>
    session === undefined ? [] : ((await writing.prove?.(context, { ports, session, report })) ?? [])
  const total = writing.total(context)
  const first = total - context.stages.length
  const upgrade = step(ports, { index: first, total, name: writing.name }, async (report) =>
    session === undefined
      ? await leaveUnchanged(context, ports.signal)
      : await writing.write(context, { ports, session, report }),
  )
  const stages = context.stages.map(({ name }, at) =>
    step(ports, { index: first + at + 1, total, name }, async (report) => {
      const isPart = isPartOf(name, context)
      const found = isPart ? await followStage(name, context, ports, report) : NOT_PART
      const last = at === context.stages.length - 1
      if (!isPart && !(last && checksOf(context).length > 0)) throw new StepLeft(found)
      const checks = last ? [...(await verify(context, ports)), ...(await proven(report))] : []
      return typeof found === 'string' ? [found, ...checks].join(', ') : { ...found, more: checks }
    }),
  )
  return [upgrade, ...stages]
}
