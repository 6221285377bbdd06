import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { withValues } from '../../domain/plan/preserved.ts'
import { chooseFailures, type Chosen, type ChosenFailure } from '../../domain/rehearsal/choose.ts'
import { parseWishes } from '../../domain/rehearsal/failures.ts'
import { hastened } from '../../domain/rehearsal/hastened.ts'
import type { RehearsedFailure } from '../../domain/rehearsal/model.ts'
import { differencesBetween } from '../../domain/rehearsal/standing.ts'
import type { Tonight as TonightObjects, TonightObject } from '../../domain/rehearsal/spots.ts'
import { deploy, type DeployEnd } from '../deploy/deploy.ts'
import type { DeployOptions } from '../deploy/options.ts'
import { hooksOf } from '../desire/hooks.ts'
import { runSteps, step, type StepReport } from '../step.ts'
import { insideOptions, portsInside, thereIn } from './inside.ts'
import { killAt, killSteps } from './kill.ts'
import type { RehearsalPorts } from './ports.ts'
import type { Tonight } from './rehearse.ts'
import { Scenes, whileItRuns, type Scene } from './scene.ts'
import { isFirstInstall, standingIn } from './standing.ts'
import { timeToVerdict } from './to-verdict.ts'

export type FailureWish = 'all' | { readonly fail: readonly string[]; readonly killAt: readonly string[] }

/** What is to be let happen, one after another. */
export interface ChosenTonight extends Chosen {
  /** Steps at which forge is killed. */
  readonly kills: readonly string[]
}

/** Before anything is started. Throws E_USAGE. */
export function chosenFailures(wish: FailureWish, tonight: Tonight): ChosenTonight {
  if (wish === 'all') return { ...chooseFailures('all', objectsOf(tonight)), kills: ['upgrade'] }
  const kills = killSteps(wish.killAt, tonight.planned)
  return { ...chooseFailures(parseWishes(wish.fail), objectsOf(tonight)), kills }
}

function objectsOf({ planned, captured }: Tonight): TonightObjects {
  const created = new Set(
    planned.releases.flatMap(({ plans }) =>
      plans.filter(({ action }) => action === 'create' || action === 'replace').map(({ ref }) => keyOf(ref)),
    ),
  )
  const restarted = new Set(planned.restarts.map(({ ref }) => keyOf(ref)))
  const objects = planned.releases.flatMap((work): TonightObject[] => {
    const hooks = hooksOf(work).map(({ object }): TonightObject => ({ object, fate: 'created', isHook: true }))
    const own = work.rendered.filter(({ hook }) => hook === undefined)
    return [...own.map(({ object }): TonightObject => ({ object, fate: fateOf(keyOf(object)) })), ...hooks]
  })
  function fateOf(key: string): TonightObject['fate'] {
    return created.has(key) ? 'created' : restarted.has(key) ? 'restarted' : 'left'
  }
  const claims = captured.objects.filter(({ kind }) => kind === 'PersistentVolumeClaim').map(keyOf)
  return {
    objects,
    stages: planned.stages,
    components: planned.project.components,
    hooksCanBeMarked: planned.charts.major >= 4,
    claims: new Set(claims),
  }
}

/** Each from the state of now: a scene in which something did not come back is not used again. */
export async function rehearseFailures(
  { failures, kills }: ChosenTonight,
  tonight: Tonight,
  scenes: Scenes,
  ports: RehearsalPorts,
  options: DeployOptions,
  budgetMs: number,
): Promise<RehearsedFailure[]> {
  const { environment: own } = ports
  const rows: RehearsedFailure[] = []
  const names = [...failures.map(titleOf), ...kills.map(killTitle)]
  const longest = Math.max(...names.map(({ length }) => length))
  const row = (name: string, work: (scene: Scene, report: StepReport) => Promise<RehearsedFailure>, isAlone = false) =>
    step(own, { index: 0, total: 0, name, longest }, async (report) => {
      // A claim that was made stays, whatever becomes of the deploy: that of a failing one is made in a scene of its own.
      if (isAlone) await scenes.drop()
      const scene = await scenes.get(report.detail)
      const found = await whileItRuns(scene.sandbox, own.signal, async () => await work(scene, report))
      rows.push(found)
      if (isAlone || found.restored !== true) await scenes.drop()
      return sentenceOf(found)
    })
  const failing = failures.map((failure) =>
    row(
      titleOf(failure),
      async (scene, report) => await fail(failure, { scene, tonight, report, budgetMs }, ports, options),
      failure.kind === 'provisioning',
    ),
  )
  const dying = kills.map((at) =>
    row(killTitle(at), async (scene, report) => await killAt(at, { scene, tonight, report }, ports, options)),
  )
  await runSteps([...failing, ...dying], own)
  return rows
}

function titleOf({ component, kind }: ChosenFailure): string {
  return `${component}=${kind}`
}

function killTitle(at: string): string {
  return `kill-at=${at}`
}

function sentenceOf({ verdict, seconds, restored, why }: RehearsedFailure): string {
  const after = seconds === null ? '' : ` after ${seconds.toFixed(1)} s`
  const back = restored === null ? 'nothing to restore' : restored ? 'restored' : 'not restored'
  return [`${verdict?.code ?? 'no verdict'}${after}`, back, ...(why === null ? [] : [why])].join(', ')
}

export interface Place {
  /** How long is waited for what is only told when a time is up: in a sandbox nothing heals meanwhile. */
  readonly budgetMs: number
  readonly scene: Scene
  readonly tonight: Tonight
  readonly report: StepReport
}

async function fail(
  failure: ChosenFailure,
  { scene, tonight, report, budgetMs }: Place,
  ports: RehearsalPorts,
  options: DeployOptions,
): Promise<RehearsedFailure> {
  const { signal } = ports.environment
  const key = keyOf(failure.on)
  const before = await standingIn(scene, tonight, signal)
  const inside = portsInside(
    {
      sandbox: scene.sandbox,
      there: thereIn(tonight.planned),
      given: tonight.captured.given,
      tell: report.detail,
      object: (object: KubeObject) => (keyOf(object) === key ? withValues(object, failure.values) : object),
      project: (project) => hastened(project, failure, budgetMs),
    },
    ports,
  )
  const { clock, events } = inside
  const { namespace = tonight.planned.project.environment.namespace } = failure.on.metadata
  const timing = timeToVerdict({ cluster: scene.sandbox.cluster, clock, events, namespace, signal })
  const end = await deploy(inside, insideOptions(options)).finally(timing.close)
  signal.throwIfAborted()
  const changed = differencesBetween(before, await standingIn(scene, tonight, signal))
  return judged(failure, end, { seconds: timing.seconds(), changed: isFirstInstall(tonight) ? undefined : changed })
}

interface Seen {
  readonly seconds: number | undefined
  /** Undefined: there is nothing to go back to, and what was made stays. */
  readonly changed: readonly string[] | undefined
}

function judged(failure: ChosenFailure, { error, report }: DeployEnd, { seconds, changed }: Seen): RehearsedFailure {
  const base = { failure: titleOf(failure), where: nameOf(failure.workload), remark: failure.remark }
  if (error === undefined)
    return {
      ...base,
      verdict: null,
      seconds: null,
      explained: false,
      restored: false,
      why: 'the deploy went through all the same',
    }
  const explained = failure.expected.includes(error.code)
  const isBack = report.outcome === 'restored' && changed?.length === 0
  const reasons = [
    ...(explained ? [] : [`told as ${error.code} instead of ${failure.expected.join(' or ')}: ${error.message}`]),
    ...(changed === undefined || report.outcome === 'restored' ? [] : [`the deploy ended as ${report.outcome}`]),
    ...(changed ?? []),
  ]
  return {
    ...base,
    verdict: { code: error.code, sentence: error.message },
    seconds: seconds ?? null,
    explained,
    restored: changed === undefined ? null : isBack,
    why: reasons.length === 0 ? null : reasons.join('; '),
  }
}
