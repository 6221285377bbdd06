import type { Project, Stage } from '../config/model.ts'
import type { KubeObject } from '../kube.ts'
import { JUDGE_DEFAULTS, type StageRules } from '../readiness/model.ts'
import { DEFAULT_TIMEOUT_MS, select } from '../stages/stages.ts'
import { waitsFor } from './failures.ts'
import type { FailureKind, PlannedFailure } from './model.ts'

const LEAST_MS = 8000
/** So many times as long as the slowest stage took, in which nothing failed: what is slow there must not fail here. */
const TIMES = 3

/** How long (ms) is waited for what is only told when a time is up, by what the deploy without a failure took for its stages. */
export function budgetOf(
  steps: readonly { readonly name: string; readonly seconds: number | null }[],
  stages: readonly { readonly name: string }[],
): number {
  const names = new Set(stages.map(({ name }) => name))
  const seconds = steps.flatMap((one) => (names.has(one.name) && one.seconds !== null ? [one.seconds] : []))
  return Math.max(LEAST_MS, ...seconds.map((one) => one * 1000 * TIMES))
}

/** The window after which each of these counts. */
const GRACES: Partial<Record<FailureKind, keyof StageRules>> = {
  'image-network': 'pullGraceMs',
  'config-error': 'missingGraceMs',
  unschedulable: 'unschedulableGraceMs',
  provisioning: 'volumeGraceMs',
}

/**
 * The project with less patience for that failure: where its workload is waited for, the time of the stage, or the grace, is
 * the budget (ms), if it was not shorter. All other stages, and all else that is patient, stay as they are.
 */
export function hastened<T extends Pick<Project, 'stages' | 'limitMs'>>(
  project: T,
  { kind, workload }: Pick<PlannedFailure, 'kind' | 'workload'>,
  budgetMs: number,
): T {
  if (waitsFor(kind) === 'at once') return project
  // One stage of all workloads, which has no rules of its own: what lasts longer than it is told at its end.
  if (project.stages.length === 0)
    return { ...project, limitMs: Math.min(project.limitMs ?? DEFAULT_TIMEOUT_MS, budgetMs) }
  const named = project.stages.filter((stage) => names(stage, workload))
  const waiting = named.length === 0 ? project.stages.slice(-1) : named
  const grace = GRACES[kind]
  const stages = project.stages.map((stage) =>
    !waiting.includes(stage)
      ? stage
      : grace === undefined
        ? { ...stage, timeoutMs: Math.min(stage.timeoutMs, budgetMs) }
        : { ...stage, rules: { ...stage.rules, [grace]: shorter(stage, grace, budgetMs) } },
  )
  return { ...project, stages }
}

function names({ wait, optional }: Stage, workload: KubeObject): boolean {
  return [...wait, ...optional].some((name) => select(name, [workload]).length > 0)
}

function shorter({ rules }: Stage, grace: keyof StageRules, budgetMs: number): number {
  return Math.min(rules?.[grace] ?? JUDGE_DEFAULTS[grace], budgetMs)
}
