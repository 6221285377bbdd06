import { closest } from 'fastest-levenshtein'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { Project, Stage } from '../config/model.ts'
import type { StageRules } from '../readiness/model.ts'
import { vanishes, type ComingHook } from '../manifest/hooks.ts'
import { holdOn } from '../operators/hold.ts'
import { calledAt, groupOf, keyOf, nameOf, refOf, type KubeObject, type ObjectRef } from '../kube.ts'
import { showPosition } from '../config/position.ts'

export interface StageTargets {
  readonly name: string
  readonly timeoutMs: number
  readonly targets: readonly StageTarget[]
  /** What the stage sets of its own. */
  readonly rules?: StageRules
}

/** `label`: what people call it, where its own name carries a hash. */
export interface StageTarget extends ObjectRef {
  readonly label?: string
  /** Its name under `components` of forge.yaml; then it is the label, too. */
  readonly component?: string
  /** A hook, which helm waits for itself. `vanishes`: once helm has ended well, one that is gone is done. */
  readonly hook?: boolean
  readonly vanishes?: boolean
  /** Its chart itself has it suspended or asleep. */
  readonly rests?: boolean
}

/** The stages without what only a newer, or older, state of the project waits for. */
export function presentStages<T extends Pick<Project, 'stages'>>(project: T, objects: readonly KubeObject[]): T {
  const has = (name: string): boolean => select(name, objects).length > 0
  return { ...project, stages: project.stages.map((stage) => ({ ...stage, wait: stage.wait.filter(has) })) }
}

/** What is proven without being named. Everything else that charts render is judged where a stage names it. */
const WORKLOADS = new Set([
  'apps/Deployment',
  'apps/StatefulSet',
  'apps/DaemonSet',
  'apps/ReplicaSet',
  '/ReplicationController',
  '/Pod',
  'batch/Job',
  'postgresql.cnpg.io/Cluster',
])
/** Of the stage that stands where forge.yaml names none. */
export const DEFAULT_TIMEOUT_MS = 5 * 60_000

/** Hooks count where a stage names them; no other stage waits for what helm waits for. */
export interface StageHooks {
  /** Those that helm runs this time. */
  readonly coming: readonly ComingHook[]
  /** All that the charts render: a name that means one of the others waits for nothing this time, and is no mistake. */
  readonly all: readonly KubeObject[]
}

const NO_HOOKS: StageHooks = { coming: [], all: [] }

/** What is waited for, stage by stage, among the objects that are rendered. `replicas: 0` and CronJobs are never waited for. */
export function planStages(
  project: Pick<Project, 'stages' | 'file' | 'limitMs'> & Partial<Pick<Project, 'components'>>,
  objects: readonly KubeObject[],
  hooks: StageHooks = NO_HOOKS,
): StageTargets[] {
  const { components = [] } = project
  const stages = selectStages(project, objects, hooks)
  if (components.length === 0) return stages
  const called = new Map(
    components.flatMap(({ name, target }) => select(target, objects).map((one) => [keyOf(one), name])),
  )
  return stages.map((stage) => ({
    ...stage,
    targets: stage.targets.map((target) => {
      const component = called.get(keyOf(target))
      return component === undefined ? target : { ...target, label: component, component }
    }),
  }))
}

function selectStages(
  project: Pick<Project, 'stages' | 'file' | 'limitMs'>,
  objects: readonly KubeObject[],
  { coming, all }: StageHooks,
): StageTargets[] {
  const workloads = workloadObjects(objects)
  if (project.stages.length === 0) {
    return [{ name: 'workloads', timeoutMs: project.limitMs ?? DEFAULT_TIMEOUT_MS, targets: workloads.map(targetOf) }]
  }
  const named = [...objects, ...coming.map(({ object }) => object)]
  const stages = project.stages.map((stage) => ({
    name: stage.name,
    timeoutMs: stage.timeoutMs,
    ...(stage.rules === undefined ? {} : { rules: stage.rules }),
    targets: [
      ...stage.wait.flatMap((name) => required(name, stage, named, all)),
      ...stage.optional.flatMap((name) => select(name, named)),
    ].map((object) => ({ ...targetOf(object), ...hookOf(object, coming) })),
  }))
  return withRest(stages, workloads)
}

/** What lives outside of the environment's namespace is called so. */
export function placedStages(stages: readonly StageTargets[], home: string): StageTargets[] {
  return stages.map((stage) => ({
    ...stage,
    targets: stage.targets.map((target) => {
      const label = calledAt(target.label ?? target.name, target.namespace, home)
      return label === target.name ? target : { ...target, label }
    }),
  }))
}

/** What is proven of these without being named. */
export function workloadsAmong(objects: readonly KubeObject[]): StageTarget[] {
  return workloadObjects(objects).map(targetOf)
}

function workloadObjects(objects: readonly KubeObject[]): KubeObject[] {
  return objects.filter(({ apiVersion, kind }) => WORKLOADS.has(`${groupOf(apiVersion)}/${kind}`))
}

/**
 * Workloads that no stage names are proven too, in the last stage: a deploy that ends while a Job of its own still
 * runs has proven nothing about it.
 */
function withRest(stages: StageTargets[], workloads: readonly KubeObject[]): StageTargets[] {
  const named = new Set(stages.flatMap(({ targets }) => targets.map(keyOf)))
  const rest = workloads.map(targetOf).filter((ref) => !named.has(keyOf(ref)))
  const last = stages.at(-1)
  return last === undefined ? [] : [...stages.slice(0, -1), { ...last, targets: [...last.targets, ...rest] }]
}

export function targetOf(object: KubeObject): StageTarget {
  const label = object.kind === 'Job' ? object.metadata.labels?.['app.kubernetes.io/name'] : undefined
  const ref = holdOn(object) === undefined ? refOf(object) : { ...refOf(object), rests: true }
  return label === undefined ? ref : { ...ref, label }
}

function hookOf(object: KubeObject, hooks: readonly ComingHook[]): Pick<StageTarget, 'hook' | 'vanishes'> {
  const found = hooks.find((one) => one.object === object)
  return found === undefined ? {} : { hook: true, vanishes: vanishes(found) }
}

function required(
  name: string,
  stage: Stage,
  objects: readonly KubeObject[],
  hooks: readonly KubeObject[],
): KubeObject[] {
  const found = select(name, objects)
  if (found.length > 0 || select(name, hooks).length > 0) return found
  const known = objects.map(nameOf)
  const near = known.length > 0 ? `; the nearest is ${closest(name, known)}` : ''
  throw new ForgeError('E_STAGE_TARGET', `stage ${stage.name} waits for ${name}, which no chart renders${near}`, {
    hint: forge('render'),
    where: showPosition(stage.at),
  })
}

/** `Kind/name`; a Job by its label app.kubernetes.io/name, because its own name carries a hash (docs/design.md, "Rules"). */
export function select(name: string, objects: readonly KubeObject[]): KubeObject[] {
  const [kind, wanted] = name.split('/', 2)
  return objects.filter(
    (object) =>
      object.kind === kind &&
      (object.metadata.name === wanted ||
        (kind === 'Job' && object.metadata.labels?.['app.kubernetes.io/name'] === wanted)),
  )
}
