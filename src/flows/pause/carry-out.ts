import { keyOf } from '../../domain/kube.ts'
import type { PausePlan, PauseStep, PlannedTier } from '../../domain/pause/plan.ts'
import type { StageTargets } from '../../domain/stages/stages.ts'
import type { StepPosition } from '../../domain/events/model.ts'
import { readExpectations } from '../prove/expectations.ts'
import { JudgedFailure } from '../prove/failure.ts'
import { underWatch } from '../prove/under-watch.ts'
import type { Connection, DeployPorts } from '../phases/ports.ts'
import { tellWorkloads } from '../run-events.ts'
import type { DeployRecord } from '../state/journal.ts'
import type { HeldLease } from '../state/lease.ts'
import { runSteps, step, type StepReport } from '../step.ts'
import { untilAtRest, untilAwake, type RestPorts } from './until-rest.ts'
import { bringToRest, forget, wake } from './write.ts'

/** Under the lock, with its entry in the journal. */
export interface Carrying {
  readonly cluster: Connection
  readonly ports: DeployPorts
  readonly lease: HeldLease
  readonly record: DeployRecord
  readonly namespace: string
  readonly flags: readonly string[]
  readonly by: string
  /** Keys of what is done. */
  readonly done: Set<string>
  /** What is to follow mends what is not ready, or proves that nothing does: told of it, and then the next stage is woken. */
  readonly goesOn?: (failure: JudgedFailure) => void
}

/** Tier after tier: each is written, then waited for. */
export async function carryOut(command: 'pause' | 'resume', { tiers }: PausePlan, carrying: Carrying): Promise<void> {
  const { ports, lease, done, goesOn } = carrying
  const left = (): string =>
    tiers
      .flatMap(({ steps }) => steps.filter(({ ref }) => !done.has(keyOf(ref))))
      .map(({ name }) => name)
      .join(', ')
  const rest = command === 'pause' ? 'still runs' : 'stays paused'
  const stopping = {
    signal: ports.signal,
    words: () => `stopping: what is done stays done; ${rest}: ${left()}`,
  }
  const signal = AbortSignal.any([ports.signal, lease.signal])
  // Before a deploy, whose steps have the numbers.
  const positionOf = ({ name }: PlannedTier, at: number): StepPosition =>
    goesOn === undefined ? { index: at + 1, total: tiers.length, name } : { index: 0, total: 0, name: `resume ${name}` }
  const steps = tiers.map((tier, at) =>
    step({ ...ports, stopping }, positionOf(tier, at), async (report) => {
      if (command === 'pause') await pauseTier(tier, carrying, report, signal)
      else await resumeTier(tier, carrying, report, signal)
      for (const { ref } of tier.steps) done.add(keyOf(ref))
      return tier.steps.map((one) => stepText(one, command)).join(', ')
    }),
  )
  await runSteps(steps, ports)
  signal.throwIfAborted()
}

/** `web 2 → 0`, `nightly suspended` */
export function stepText({ name, way, from, to }: PauseStep, command: 'pause' | 'resume'): string {
  if (way === 'scale') return from === to ? `${name} ${to ?? 0}` : `${name} ${from ?? 0} → ${to ?? 0}`
  if (command === 'resume') return way === 'hibernate' ? `${name} awake` : `${name} goes on`
  return way === 'hibernate' ? `${name} hibernated` : `${name} suspended`
}

async function pauseTier(
  tier: PlannedTier,
  carrying: Carrying,
  report: StepReport,
  signal: AbortSignal,
): Promise<void> {
  const { cluster, record, by, ports } = carrying
  const memory = { since: new Date(ports.clock.now()).toISOString(), by, deploy: record.number }
  await written(tier, 'pause', carrying, signal, async (one) => await bringToRest(one, memory, cluster, signal))
  await untilAtRest(tier, restPorts(carrying, report, signal))
}

async function resumeTier(
  tier: PlannedTier,
  carrying: Carrying,
  report: StepReport,
  signal: AbortSignal,
): Promise<void> {
  const { cluster, ports, namespace, goesOn } = carrying
  const stage = stageOf(tier)
  const wakeAll = async (): Promise<void> =>
    await written(tier, 'resume', carrying, signal, async (one) => await wake(one, cluster, signal))
  if (stage.targets.length === 0) await wakeAll()
  else {
    const scene = { cluster, project: { environment: { namespace } } }
    const tell = tellWorkloads(ports.events, 'there')
    await underWatch(scene, { clock: ports.clock, tell }, [stage], signal, async (follower) => {
      await wakeAll()
      await untilAwake(tier, restPorts(carrying, report, signal))
      follower.released(await readExpectations(cluster, [stage], namespace, signal))
      const end = await follower.stage(stage.name, (standing) => report.detail({ stage: standing, isStep: true }))
      if (end.state !== 'failed') return
      const failure = new JudgedFailure(end.failed, [])
      if (goesOn === undefined) throw failure.with({ exit: 8 })
      goesOn(failure)
    })
  }
  await lasting(tier.steps, carrying, async (one) => await forget(one, cluster, signal))
}

function stageOf({ name, timeoutMs, rules, steps }: PlannedTier): StageTargets {
  const targets = steps
    .filter(({ way }) => way !== 'suspend')
    .map(({ ref, name: called }) => ({ ...ref, label: called }))
  return { name, timeoutMs, targets, ...(rules === undefined ? {} : { rules }) }
}

async function written(
  { steps }: PlannedTier,
  op: 'pause' | 'resume',
  carrying: Carrying,
  signal: AbortSignal,
  write: (one: PauseStep) => Promise<void>,
): Promise<void> {
  const { record, lease } = carrying
  await lasting(steps, carrying, async (one) => {
    const { kind, name } = one.ref
    const operation = { op, kind, name }
    signal.throwIfAborted()
    await lease.confirm(signal)
    await record.step(operation, 'running')
    await write(one)
    await record.step(operation, 'done')
  })
}

/** One after the other: what was begun when it is stopped is one object at most. */
async function lasting(
  steps: readonly PauseStep[],
  { lease }: Pick<Carrying, 'lease'>,
  work: (one: PauseStep) => Promise<void>,
): Promise<void> {
  for (const one of steps) {
    lease.signal.throwIfAborted()
    await work(one)
  }
}

function restPorts({ cluster, ports, namespace, flags }: Carrying, report: StepReport, signal: AbortSignal): RestPorts {
  return {
    ...{ cluster, clock: ports.clock, signal, namespace, flags },
    tell: (waits) => report.detail(waits.map(({ name, why }) => `${name}: ${why}`).join(', ')),
  }
}
