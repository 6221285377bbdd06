import { keyOf, type KubeObject } from '../kube.ts'
import { markPath } from '../manifest/restart-marks.ts'
import { withValues } from '../plan/preserved.ts'
import { JUDGE_DEFAULTS } from '../readiness/model.ts'
import { containerStatusesOf, lastEnd, podSpecOf, type ContainerStatus, type Terminated } from '../readiness/shapes.ts'
import { DEFAULT_TIMEOUT_MS } from '../stages/stages.ts'
import { hasPodTemplate } from '../workload-kinds.ts'
import { FAIL } from './failures.ts'
import { holdsRoom, makersOf, placed } from './rooms.ts'

/**
 * Workloads of which a pod fails by what it runs, by key, each with how (docs/sandbox.md, "Failures"). `now`: milliseconds since
 * 1970.
 */
export function failingAmong(
  objects: readonly KubeObject[],
  pods: readonly KubeObject[],
  now: number,
): Map<string, string> {
  const found = new Map<string, string>()
  for (const pod of pods.filter(holdsRoom)) {
    const way = failureOf(pod, now)
    if (way !== undefined) for (const maker of makersOf(pod)) found.set(maker, way)
  }
  return new Map(
    objects.flatMap((object) => {
      const { kind, metadata } = object
      const way = hasPodTemplate(kind) ? found.get(placed(kind, metadata.namespace, metadata.name)) : undefined
      return way === undefined ? [] : [[keyOf(object), way] as const]
    }),
  )
}

/** Its pods fail like that: in a sandbox no image is run. */
export function thatFails(object: KubeObject, way: string): KubeObject {
  return withValues(object, [{ path: markPath(FAIL), value: way }])
}

/** What a sandbox has of itself (no node, no Secret) is not said here. */
function failureOf(pod: KubeObject, now: number): string | undefined {
  const { containers = [] } = podSpecOf(pod)
  const probed = new Set(containers.flatMap((one) => (one.readinessProbe === undefined ? [] : [one.name])))
  for (const status of containerStatusesOf(pod)) {
    const way = wayOf(status, probed.has(status.name), now)
    if (way !== undefined) return `${way}:${status.name}`
  }
  return undefined
}

const STARTING = new Set(['StartError', 'ContainerCannotRun'])

/** Who has only begun may become ready. */
function wayOf(status: ContainerStatus, isProbed: boolean, now: number): string | undefined {
  const { state, lastState, ready } = status
  const waitsFor = state?.waiting?.reason
  if (waitsFor === 'ImagePullBackOff' || waitsFor === 'ErrImagePull') return 'image-pull'
  if (state?.running === undefined) return endOf(status)
  const runs = now - Date.parse(state.running.startedAt ?? '')
  if (isBetweenCrashes(runs, lastState?.terminated)) return endOf(status)
  return isProbed && ready === false && runs > DEFAULT_TIMEOUT_MS ? 'never-ready' : undefined
}

/** A first crash may heal. */
function endOf(status: ContainerStatus): string | undefined {
  const { exitCode = 0, reason = '' } = lastEnd(status) ?? {}
  if (exitCode === 0) return undefined
  if (STARTING.has(reason)) return 'start'
  if ((status.restartCount ?? 0) < JUDGE_DEFAULTS.crashesAllowed) return undefined
  return reason === 'OOMKilled' ? 'oom' : 'crash-loop'
}

/** A kubelet forgets crashes of one that has run for so long. */
const FORGOTTEN_MS = 600_000

/** It has not run much longer yet than it did before it crashed. */
function isBetweenCrashes(runs: number, before: Terminated | undefined): boolean {
  const ran = Date.parse(before?.finishedAt ?? '') - Date.parse(before?.startedAt ?? '')
  return ran < FORGOTTEN_MS && runs < 2 * ran + 2000
}
