import type { PlainMap } from '../config/path.ts'
import { keyOf, type KubeObject } from '../kube.ts'
import { markPath } from '../manifest/restart-marks.ts'
import { withValues } from '../plan/preserved.ts'
import { hasPodTemplate } from '../workload-kinds.ts'
import { FAIL } from './failures.ts'
import { mapOf, mapsOf } from './forms.ts'
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
function failureOf({ spec, status }: KubeObject, now: number): string | undefined {
  const { initContainerStatuses, containerStatuses } = mapOf(status)
  const probed = new Set(
    mapsOf(mapOf(spec)['containers']).flatMap(({ name, readinessProbe }) =>
      readinessProbe === undefined ? [] : [name],
    ),
  )
  return [...mapsOf(initContainerStatuses), ...mapsOf(containerStatuses)]
    .flatMap((one) => {
      const way = wayOf(one, probed.has(one['name']), now)
      return way === undefined ? [] : [`${way}:${String(one['name'])}`]
    })
    .at(0)
}

const STARTING = new Set(['StartError', 'ContainerCannotRun'])
/** A first crash may heal (`allow.crashes`), and who has only begun may become ready: so long does a stage wait unless it says otherwise. */
const CRASHES = 2
const PATIENCE_MS = 300_000

function wayOf(
  { state, lastState, ready, restartCount }: PlainMap,
  isProbed: boolean,
  now: number,
): string | undefined {
  const { waiting, running, terminated } = mapOf(state)
  const { reason: waitsFor } = mapOf(waiting)
  if (waitsFor === 'ImagePullBackOff' || waitsFor === 'ErrImagePull') return 'image-pull'
  const before = mapOf(mapOf(lastState)['terminated'])
  const { reason, exitCode } = mapOf(terminated ?? before)
  const isOn = running !== undefined && !isBetweenCrashes(mapOf(running), before, now)
  if (!isOn && typeof exitCode === 'number' && exitCode !== 0) {
    if (STARTING.has(String(reason))) return 'start'
    if (Number(restartCount) < CRASHES) return undefined
    return reason === 'OOMKilled' ? 'oom' : 'crash-loop'
  }
  const runs = now - Date.parse(String(mapOf(running)['startedAt']))
  return isOn && isProbed && ready === false && runs > PATIENCE_MS ? 'never-ready' : undefined
}

/** A kubelet forgets crashes of one that has run for so long. */
const FORGOTTEN_MS = 600_000

/** It has not run much longer yet than it did before it crashed. */
function isBetweenCrashes({ startedAt }: PlainMap, before: PlainMap, now: number): boolean {
  const ran = Date.parse(String(before['finishedAt'])) - Date.parse(String(before['startedAt']))
  return ran < FORGOTTEN_MS && now - Date.parse(String(startedAt)) < 2 * ran + 2000
}
