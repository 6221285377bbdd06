import { distance } from 'fastest-levenshtein'
import { ForgeError } from '../../errors.ts'
import { again, againWithout, forge, type Hint } from '../../hint.ts'
import { keyOf, nameOf } from '../kube.ts'
import { componentNames, membersOf } from '../logs/component.ts'
import { templateOf } from '../readiness/shapes.ts'
import { select } from '../stages/stages.ts'
import { expectedCodes } from './failures.ts'
import { FAILURE_KINDS, type FailureKind, type NotProvoked, type PlannedFailure, type WishedFailure } from './model.ts'
import { FLAPS_SECONDS, hasPods, spotOf, type Spot, type Tonight, type TonightObject } from './spots.ts'

/** A failure with what lets it happen: `values` of the object `on`, before it is given to helm. */
export interface ChosenFailure extends PlannedFailure, Spot {
  /** `app is not restarted tonight; here it is, to fail`; null: its pods are made by tonight's deploy anyway. */
  readonly remark: string | null
}

export interface Chosen {
  readonly failures: readonly ChosenFailure[]
  readonly notProvoked: readonly NotProvoked[]
}

/**
 * `all`: each failure once, at the workload where it tells most of tonight's deploy. What is wished happens where it is
 * wished. Throws E_USAGE for a component that nobody knows, and for a failure that cannot happen there.
 */
export function chooseFailures(wished: readonly WishedFailure[] | 'all', tonight: Tonight): Chosen {
  if (wished !== 'all') return { failures: wished.map((one) => wishedFailure(one, wished, tonight)), notProvoked: [] }
  const workloads = ranked(tonight.objects.filter(hasPods), tonight)
  const found = FAILURE_KINDS.map((kind) => ({ kind, failure: firstOf(kind, workloads, tonight) }))
  return {
    failures: found.flatMap(({ failure }) => failure ?? []),
    notProvoked: found.flatMap(({ kind, failure }) =>
      failure === undefined ? [{ failure: kind, why: whyNowhere(kind, workloads, tonight) }] : [],
    ),
  }
}

function firstOf(kind: FailureKind, workloads: readonly TonightObject[], tonight: Tonight): ChosenFailure | undefined {
  for (const one of workloads) {
    const spot = spotOf(kind, one, tonight)
    if ('on' in spot) return chosen(kind, one, calledBy(one, tonight), spot)
  }
  return undefined
}

function chosen(kind: FailureKind, { object, fate }: TonightObject, component: string, spot: Spot): ChosenFailure {
  const remark = fate === 'left' ? `${component} is not restarted tonight; here it is, to fail` : null
  return { kind, component, workload: object, expected: expectedCodes(kind, object), remark, ...spot }
}

/** Those that tell most first: what the deploy restarts, serves and proves last. */
function ranked(workloads: readonly TonightObject[], { stages }: Tonight): TonightObject[] {
  const ranks = new Map(workloads.map((one) => [one, rankOf(one, stages)]))
  const compare = (one: TonightObject, other: TonightObject): number => {
    const [left = [], right = []] = [ranks.get(one), ranks.get(other)]
    return left.map((value, at) => value - (right[at] ?? 0)).find((apart) => apart !== 0) ?? 0
  }
  return workloads.toSorted(compare)
}

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job']

function rankOf({ object, fate }: TonightObject, stages: Tonight['stages']): number[] {
  const { containers = [] } = templateOf(object)
  const { backoffLimit } = (object['spec'] ?? {}) as { readonly backoffLimit?: unknown }
  return [
    fate === 'left' ? 1 : 0,
    KINDS.indexOf(object.kind),
    containers.some(({ readinessProbe }) => readinessProbe !== undefined) ? 0 : 1,
    -stages.findLastIndex(({ targets }) => targets.some((target) => keyOf(target) === keyOf(object))),
    fate === 'restarted' ? 0 : 1,
    // Of Jobs the one that has failed for good first.
    typeof backoffLimit === 'number' ? backoffLimit : 6,
  ]
}

/** As forge.yaml or its labels name it, if that means it alone. */
function calledBy({ object }: TonightObject, tonight: Tonight): string {
  const own = tonight.components.filter(({ target }) => select(target, [object]).length > 0)
  const names = [...own.map(({ name }) => name), ...componentNames(object), object.metadata.name]
  return names.find((name) => named(name, tonight).length === 1) ?? nameOf(object)
}

/** The workloads that go by that name; of other objects only where no workload does. */
function named(name: string, { objects, components }: Tonight): TonightObject[] {
  const among = (wanted: string): TonightObject[] => objects.filter(({ object }) => select(wanted, [object]).length > 0)
  if (name.includes('/')) return among(name)
  const target = components.find((one) => one.name === name)?.target
  if (target !== undefined) return among(target)
  const workloads = objects.filter(hasPods)
  const isMember = membersOf(
    name,
    workloads.map(({ object }) => object),
  )
  return workloads.filter(({ object }) => isMember?.(object) ?? object.metadata.name === name)
}

function wishedFailure(wish: WishedFailure, all: readonly WishedFailure[], tonight: Tonight): ChosenFailure {
  const { component, kind } = wish
  const candidates = ranked(named(component, tonight), tonight)
  const found = candidates.map((one) => ({ one, spot: spotOf(kind, one, tonight) }))
  for (const { one, spot } of found) if ('on' in spot) return chosen(kind, one, component, spot)
  const instead = (name: string): Hint =>
    again(...all.flatMap((one) => ['--fail', `${one === wish ? name : one.component}=${one.kind}`]))
  const [first] = found
  if (first === undefined) throw unknown(component, instead, tonight)
  const why = 'why' in first.spot ? first.spot.why : ''
  const other = firstOf(kind, ranked(tonight.objects.filter(hasPods), tonight), tonight)
  throw new ForgeError('E_USAGE', `--fail ${component}=${kind}: ${nameOf(first.one.object)} ${why}`, {
    hint: other === undefined ? againWithout(['--fail'], '--all') : instead(other.component),
    where: nameOf(first.one.object),
  })
}

const MOST_NAMED = 8

function unknown(component: string, instead: (name: string) => Hint, tonight: Tonight): ForgeError {
  const names = [...new Set(tonight.objects.filter(hasPods).map((one) => calledBy(one, tonight)))]
  const far = (name: string): number => distance(component.toLowerCase(), name.toLowerCase())
  const known = names.toSorted((one, other) => far(one) - far(other))
  const [closest] = known
  const more = known.length > MOST_NAMED ? ` and ${known.length - MOST_NAMED} more` : ''
  const there = closest === undefined ? 'nothing that has pods' : `${known.slice(0, MOST_NAMED).join(', ')}${more}`
  return new ForgeError('E_USAGE', `tonight's deploy has no component "${component}"; there is ${there}`, {
    hint: closest === undefined ? forge('plan') : instead(closest),
  })
}

/** `no workload` … */
const NOWHERE: Partial<Record<FailureKind, string>> = {
  init: 'has an init container that ends',
  liveness:
    'has a liveness probe beside a readiness probe: without the latter it is ready before it is killed, tonight as well',
  'never-ready': 'has a readiness probe',
  flapping: `has a readiness probe and minReadySeconds of ${FLAPS_SECONDS} or more: without, ready for a moment is ready, tonight as well`,
}

const NO_VOLUME =
  'no volume is made tonight: it takes a new claim that pods mount, or a new StatefulSet with a template of claims'

function whyNowhere(kind: FailureKind, workloads: readonly TonightObject[], tonight: Tonight): string {
  if (kind === 'provisioning') return NO_VOLUME
  if (kind === 'job') {
    const job = workloads.find(({ object, fate }) => object.kind === 'Job' && fate !== 'left')
    const spot = job === undefined ? undefined : spotOf('job', job, tonight)
    return job !== undefined && spot !== undefined && 'why' in spot
      ? `${nameOf(job.object)} ${spot.why}`
      : "no Job runs in tonight's deploy: it takes a new one, or a hook of helm"
  }
  const able = workloads.filter((one) => 'on' in spotOf('image-pull', one, tonight))
  if (able.length === 0) return "tonight's deploy has no pods that it could replace"
  return `no workload ${NOWHERE[kind] ?? 'has pods that it could happen to'}`
}
