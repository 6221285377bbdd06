import { readyRun } from '../marks.ts'
import { latestNote } from '../notes.ts'
import {
  containerStatusesOf,
  isSidecar,
  lastEnd,
  podSpecOf,
  podStatusOf,
  tellsWhenUp,
  type ContainerStatus,
  type Terminated,
} from '../shapes.ts'
import {
  ALWAYS_FRESH,
  NEVER,
  cannotStart,
  describePod,
  logsOf,
  words,
  type PodRule,
  type RuleContext,
  type Symptom,
} from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'

/**
 * How often a container ended although it should run. kubelet counts restarts; a container that is down now has ended
 * once more than it was restarted (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts).
 */
export function crashesOf({ restartCount = 0, state, lastState }: ContainerStatus, isInit: boolean): number {
  if (isInit && state?.terminated?.exitCode === 0) return restartCount
  const isDown =
    state?.terminated !== undefined || (state?.waiting !== undefined && lastState?.terminated !== undefined)
  return restartCount + (isDown ? 1 : 0)
}

/**
 * An error budget: a program may crash while what it needs still starts (`crashesAllowed`), but an OOM kill meets the same
 * limit again (`oomKillsAllowed`). Only for pods that restart their containers: a Job's backoffLimit is its own budget.
 */
export const crashRule: PodRule = (pod, context) => {
  const inits = new Set(podStatusOf(pod.object).initContainerStatuses?.map(({ name }) => name))
  return containerStatusesOf(pod.object).flatMap((status) => {
    const isInit = inits.has(status.name) && !isSidecar(pod.object, status.name)
    const crashes = crashesOf(status, isInit) - context.crashesBefore(pod, status.name)
    const end = lastEnd(status)
    return crashes <= 0 || end === undefined || isUpAgain(pod, status, context)
      ? []
      : [symptomOf(pod, status, { isInit, crashes, end }, context)]
  })
}

/**
 * It has used a part of its budget, no more. Without a probe each run of a crash loop is Ready until it ends: there it must
 * have kept running for as long as a new one. Where the pod is not ready, something else holds it back.
 */
function isUpAgain(pod: ObservedObject, { name, ready, state }: ContainerStatus, context: RuleContext): boolean {
  if (ready !== true || state?.running === undefined) return false
  const container = podSpecOf(pod.object).containers?.find((one) => one.name === name)
  if (container === undefined || tellsWhenUp(container)) return true
  const since = pod.marks.get(readyRun(pod.object))?.at
  return since === undefined || since + context.options.settleMs <= context.at
}

interface Crash {
  readonly isInit: boolean
  readonly crashes: number
  readonly end: Terminated
}

function symptomOf(pod: ObservedObject, status: ContainerStatus, crash: Crash, context: RuleContext): Symptom {
  const { name, state } = status
  const { crashes, end } = crash
  const { crashesAllowed, oomKillsAllowed } = context.options
  const isOom = end.reason === 'OOMKilled'
  const allowed = isOom ? oomKillsAllowed : crashesAllowed
  const pointer = { name: pod.object.metadata.name, container: name, previous: state?.terminated === undefined }
  const { code, message } = explain(pod, name, crash, context)
  return {
    code,
    message,
    brief: `${isOom ? countOf(crashes, 'kill for memory', 'kills for memory') : countOf(crashes, 'crash', 'crashes')}, ${allowed} allowed`,
    on: pod,
    below: [name],
    pod: pointer,
    hint: isOom ? describePod(pod, context) : logsOf(pointer, context),
    dueAt: crashes > allowed ? 0 : NEVER,
    seq: ALWAYS_FRESH,
  }
}

function explain(
  pod: ObservedObject,
  container: string,
  { isInit, crashes, end }: Crash,
  context: RuleContext,
): Pick<Symptom, 'code' | 'message' | 'why'> {
  const often = times(crashes)
  if (end.reason === 'OOMKilled')
    return { code: 'E_OOM_KILLED', message: `runs out of memory: it is killed${memoryLimit(pod, container)}, ${often}` }
  if (isInit)
    return {
      code: 'E_INIT_FAILED',
      ...cannotStart(`its init container ${container} ${howItEnds(end)}, ${often}`),
    }
  const probe = killedBy(pod, container, end, context)
  if (probe !== undefined) {
    const message = `is killed by its ${(probe[1] ?? '').toLowerCase()} probe, ${often}: ${words(probe[2] ?? '')}`
    return { code: 'E_PROBE_FAILING', message }
  }
  const why = `it ${howItEnds(end)}, ${often}`
  const ranLong = (secondsOf(end) ?? 0) > 30
  return { code: 'E_CRASH_LOOP', ...(ranLong ? { message: `keeps crashing: ${why}` } : cannotStart(why)) }
}

/**
 * The probe for which kubelet killed the container, with what it found. A program that ends by itself fails its probes too, since
 * nothing answers any more: that is no cause. kubelet says whom it kills, and whoever is killed mostly ends by a signal.
 */
function killedBy(
  pod: ObservedObject,
  container: string,
  end: Terminated,
  context: RuleContext,
): RegExpExecArray | undefined {
  const notes = [...context.cache.notesOn(pod.uid)]
  const killing = latestNote(notes, ['Killing'], container)?.message ?? ''
  if (!/failed (?:liveness|startup) probe/u.test(killing) && signalOfEnd(end) === undefined) return undefined
  const found = latestNote(notes, ['Unhealthy'], container)?.message ?? ''
  return /^(Liveness|Startup) probe failed: ?(.*)$/su.exec(found) ?? undefined
}

function signalOfEnd({ signal, exitCode }: Terminated): number | undefined {
  if (signal !== undefined && signal > 0) return signal
  return exitCode > 128 && exitCode < 160 ? exitCode - 128 : undefined
}

export function howItEnds(end: Terminated): string {
  const seconds = secondsOf(end)
  const after = seconds === undefined ? '' : seconds <= 2 ? ' at once' : ` after ${seconds} s`
  const signal = signalOfEnd(end)
  return signal === undefined ? `exits with status ${end.exitCode}${after}` : `is ended by signal ${signal}${after}`
}

function secondsOf({ startedAt, finishedAt }: Terminated): number | undefined {
  if (startedAt === undefined || finishedAt === undefined) return undefined
  const seconds = Math.round((Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined
}

function countOf(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}

function memoryLimit(pod: ObservedObject, container: string): string {
  const { containers = [], initContainers = [] } = podSpecOf(pod.object)
  const limit = [...containers, ...initContainers].find(({ name }) => name === container)?.resources?.limits?.['memory']
  return limit === undefined ? '' : ` at its limit of ${limit}`
}
