import { keyOf, nameOf, refOf, type KubeObject } from '../../domain/kube.ts'
import { ownObjects } from '../../domain/manifest/hooks.ts'
import type { Rendered } from '../../domain/manifest/parse.ts'
import { hasBegun, hasCompleted, isAtWork } from '../../domain/plan/jobs.ts'
import { inParallel } from '../in-parallel.ts'
import { podsOfJob } from '../observe/job-pods.ts'
import type { StepReport } from '../step.ts'
import type { Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { underWatch } from '../prove/under-watch.ts'
import type { Watched } from '../prove/watching.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

/** Where neither the Job nor its stage sets a limit. */
const DEFAULT_MS = 5 * 60_000
const READS_AT_ONCE = 8

type Scene = Watched & Partial<Pick<Followed, 'stages' | 'follower'>>
type Ports = Pick<DeployPorts, 'clock'>

export interface JobsEnd {
  /** Still running when their time was up: `Job/temporal-schema-setup-9c1d`. */
  readonly running: readonly string[]
  /** How many Jobs are meant. */
  readonly jobs: number
  /** All of them came to their end, and none failed. */
  readonly complete: boolean
}

export interface Left {
  readonly leaving: readonly Rendered[]
  readonly to: readonly Rendered[]
  /** Also between two attempts: somebody else, a helm that outlived its forge, waits for them. */
  readonly untilEnded?: boolean
}

/**
 * Jobs of a revision that is about to be left, and that the revision before does not have: one that still runs is not cut
 * off in the middle of a migration (docs/design.md, facts). Waits for them up to their own deadline. One of which no container
 * runs, as none can be started, is at nothing.
 */
export async function waitForJobs(
  { leaving, to, untilEnded = false }: Left,
  context: Scene,
  ports: Ports,
  report: Pick<StepReport, 'detail'>,
  signal: AbortSignal,
): Promise<JobsEnd> {
  const old = new Set(ownObjects(to).map(keyOf))
  const jobs = ownObjects(leaving).filter((object) => object.kind === 'Job' && !old.has(keyOf(object)))
  const atWork = async (all: readonly KubeObject[]): Promise<KubeObject[]> => {
    const begun = all.filter(hasBegun)
    return untilEnded ? begun : await withWork(begun, context, signal)
  }
  const running = await atWork(await read(jobs, context, signal))
  if (running.length > 0) await follow(running, context, ports, report, signal)
  const ended = await read(jobs, context, signal)
  const still = await atWork(ended)
  const there = new Map(ended.map((job) => [keyOf(job), job]))
  // One that its TTL has taken away was seen to end.
  const last = jobs.flatMap((job) => there.get(keyOf(job)) ?? context.follower?.cache.lastSeen(refOf(job)) ?? [])
  const complete = last.length === jobs.length && last.every(hasCompleted)
  return { running: still.map(nameOf), jobs: jobs.length, complete }
}

async function read(jobs: readonly KubeObject[], { cluster }: Scene, signal: AbortSignal): Promise<KubeObject[]> {
  const live = await Promise.all(jobs.map(async (job) => await cluster.get(refOf(job), signal)))
  return live.filter((job) => job !== undefined)
}

/** Those of which a pod is at work; one whose pods cannot be seen may have one. */
async function withWork(jobs: readonly KubeObject[], { cluster }: Scene, signal: AbortSignal): Promise<KubeObject[]> {
  const found = await inParallel(jobs, READS_AT_ONCE, async (job) => {
    const { uid } = job.metadata
    const pods = await unlessForbidden(podsOfJob(job.metadata, cluster, signal))
    const own = pods?.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid))
    return own === undefined || own.length === 0 || own.some(isAtWork) ? [job] : []
  })
  return found.flat()
}

async function follow(
  jobs: readonly KubeObject[],
  context: Scene,
  ports: Ports,
  report: Pick<StepReport, 'detail'>,
  signal: AbortSignal,
): Promise<void> {
  report.detail({ doing: 'until-ended', jobs: jobs.map(({ metadata }) => metadata.name) })
  const timeoutMs = Math.max(...jobs.map((job) => limitOf(job, context, ports)))
  const stages = [{ name: 'jobs', timeoutMs, targets: jobs.map(refOf) }]
  await underWatch(context, ports, stages, signal, async (follower) => {
    follower.released([])
    await follower.stage('jobs', (stage) => report.detail({ stage }))
  })
}

/** What is left of the Job's own deadline, else its stage's time. Kubernetes counts the deadline from the Job's start. */
function limitOf(job: KubeObject, { stages = [] }: Scene, { clock }: Ports): number {
  const { activeDeadlineSeconds } = (job['spec'] ?? {}) as { activeDeadlineSeconds?: number }
  const { startTime } = (job['status'] ?? {}) as { startTime?: string }
  const stage = stages.find(({ targets }) => targets.some((target) => keyOf(target) === keyOf(job)))
  if (activeDeadlineSeconds === undefined) return stage?.timeoutMs ?? DEFAULT_MS
  const begun = startTime === undefined ? clock.now() : Date.parse(startTime)
  // The controller needs a moment to end what is over its time.
  return Math.max(begun + activeDeadlineSeconds * 1000 - clock.now(), 0) + 10_000
}
