import { remarksOn, type Remark } from '../../domain/readiness/remark.ts'
import type { Project } from '../../domain/config/model.ts'
import { keyOf, placedIn } from '../../domain/kube.ts'
import { isBuiltIn } from '../../domain/prediction/three-way.ts'
import { unansweredSince } from '../../domain/readiness/spec-write.ts'
import type { StageTargets } from '../../domain/stages/stages.ts'
import { ForgeError } from '../../errors.ts'
import { unlessItFails } from '../../expected.ts'
import { forge } from '../../hint.ts'
import { Once } from '../once.ts'
import { readExpectations } from '../prove/expectations.ts'
import { followStage, type StageContext } from '../prove/stage.ts'
import { followStageLogs } from '../prove/stage-logs.ts'
import { verifyChecks } from '../prove/verify.ts'
import type { Specs } from '../observe/past.ts'
import { createFollower } from '../prove/watching.ts'
import { tellWorkloads } from '../run-events.ts'
import { runSteps, step } from '../step.ts'
import { whileApplied, type AppliedChain } from './until-applied.ts'
import type { Following } from './ports.ts'

export interface Proving {
  readonly following: Following
  /** Without a checkout as the journal has it. */
  readonly project: Project
  readonly stages: readonly StageTargets[]
  readonly applied: AppliedChain
  readonly skipVerify: boolean
}

/**
 * The stages, as a deploy proves them (followStage): one watch for all, the same rules, windows and times. Nothing was written by
 * this run, so that what the watch lists at its beginning is what counts. Ends at once when another revision is applied meanwhile.
 */
export async function proveStages(proving: Proving, first: number): Promise<readonly Remark[]> {
  const { following, project, stages, applied } = proving
  const { ports, scope } = following
  const over = new AbortController()
  const signal = AbortSignal.any([ports.signal, over.signal])
  const own = { ...ports, signal }
  const context = contextOf(proving, await unanswered(stages, scope, signal), signal)
  const { follower } = context
  const lost = whileApplied(applied, following, signal)
  lost.catch((error: unknown) => over.abort(error))
  const namespace = scope.namespace
  const steps = stages.map(({ name }, at) =>
    step(
      { ...ports, stopping: { signal: ports.signal, words: () => 'stopping: nothing was written' } },
      { index: first + at, total: first + stages.length - 1, name },
      async (report) => {
        const found = await followStage(name, context, own, report)
        if (at < stages.length - 1 || proving.skipVerify) return found
        const scene = { cluster: scope.connected.cluster, namespace, simulated: project.environment.cluster.sandbox }
        const more = await verifyChecks(project.verify, scene, own)
        return typeof found === 'string' ? [found, ...more].join(', ') : { ...found, more }
      },
    ),
  )
  try {
    await follower.open
    follower.released(
      await readExpectations(scope.connected.cluster, stages, namespace, signal, new Set(), follower.cache),
    )
    await runSteps(steps, ports)
    return remarksOn(
      stages.flatMap(({ targets }) => targets),
      follower.judge,
      follower.now(),
    )
  } catch (error) {
    // What ended the watch is why.
    over.signal.throwIfAborted()
    throw error
  } finally {
    over.abort()
    await follower.close()
    await unlessItFails(lost, () => undefined)
  }
}

/** Which of what the stages wait for has a status of another spec; read one by one, as a watch leaves out who wrote what. */
async function unanswered(
  stages: Proving['stages'],
  { connected: { cluster }, namespace }: Following['scope'],
  signal: AbortSignal,
): Promise<Specs> {
  const refs = stages.flatMap(({ targets }) => targets).filter((target) => !isBuiltIn(target))
  const found = await Promise.all(refs.map(async (ref) => await cluster.get(placedIn(ref, namespace), signal)))
  const written = found.flatMap((object) => {
    const since = object === undefined ? undefined : unansweredSince(object)
    return object === undefined || since === undefined ? [] : [[keyOf(object), since] as const]
  })
  return new Map(written)
}

function contextOf({ following, project, stages }: Proving, specs: Specs, signal: AbortSignal): StageContext {
  const { ports, scope } = following
  const { cluster } = scope.connected
  const watched = { cluster, project, releases: [] }
  const tell = tellWorkloads(ports.events, 'there')
  const follower = createFollower(watched, ports, stages, signal, tell, { isAllNew: true, specs })
  const heard = { jobs: new Map(), helm: new Map() }
  const context = { cluster, project, stages, follower, heard, unchanged: false, keptSecrets: new Once<undefined>() }
  return { ...context, stageLogs: followStageLogs(context, { ...ports, signal }) }
}

/** What a stage waits for, and the revision does not have. */
export function lackingError(lacking: readonly string[], revision: string, flags: readonly string[]): ForgeError {
  const [first = ''] = lacking
  return new ForgeError('E_OBJECT_GONE', `${first}, is not there, although ${revision} is applied`, {
    hint: forge('status', ...flags),
    where: first.split(',', 1)[0] ?? first,
    problems: lacking.map((message) => ({ message: `${message}, is not there` })),
    exit: 4,
  })
}
