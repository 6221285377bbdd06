import { latestNote } from '../notes.ts'
import { containerStatusesOf, lastEnd, type ContainerStatus, type Terminated } from '../shapes.ts'
import { cannotStart, describePod, words, type PodRule, type RuleContext, type Symptom } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'
import { missingObject, missingParts } from './missing.ts'

/** Waiting reasons between "image is there" and "process runs" (pkg/kubelet/kuberuntime). */
const START_REASONS = new Set([
  'RunContainerError',
  'CreateContainerError',
  'PreCreateHookError',
  'PreStartHookError',
  'PostStartHookError',
  'StartError',
  'ContainerCannotRun',
])

const CANNOT_RUN =
  /executable file not found|no such file or directory|permission denied|exec format error|not a directory|no command specified|is a directory/iu

/** kubelet and the runtime disagree for a moment, or a cache is not filled yet. */
const PASSING = /timed out waiting|deadline exceeded|failed to sync|is reserved for|not registered/iu

/**
 * Containers that cannot be set up: a Secret, ConfigMap or key that is missing, `runAsNonRoot` with an image that runs as
 * root (https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/), or a program that is not in the image.
 */
export const startRule: PodRule = (pod, context) =>
  containerStatusesOf(pod.object).flatMap((status) => {
    const { reason = '', message = '' } = status.state?.waiting ?? {}
    if (reason === 'CreateContainerConfigError') return [configSymptom(pod, status.name, message, context)]
    if (START_REASONS.has(reason)) return [startSymptom(pod, status, message, context)]
    const end = lastEnd(status)
    return status.state?.running === undefined && couldNotStart(end)
      ? [startSymptom(pod, status, end?.message ?? '', context)]
      : []
  })

/** runc's 128 says that there was no process at all. */
function couldNotStart(end: Terminated | undefined): boolean {
  if (end === undefined) return false
  return START_REASONS.has(end.reason ?? '') || (end.exitCode === 128 && CANNOT_RUN.test(end.message ?? ''))
}

function configSymptom(pod: ObservedObject, container: string, message: string, context: RuleContext): Symptom {
  const missing = missingObject(message)
  const mark = pod.marks.get(`waiting:${container}:CreateContainerConfigError`)
  const began = mark?.at ?? context.at
  const base = { code: 'E_CONTAINER_CONFIG' as const, on: pod, seq: mark?.seq ?? context.cache.seq }
  if (missing !== undefined) return { ...base, ...missingParts(missing, { pod, began, place: container }, context) }
  const asRoot = /runAsNonRoot/u.test(message)
  const why = asRoot ? 'its image runs as root, and runAsNonRoot forbids that' : words(message)
  return {
    ...base,
    ...cannotStart(why),
    brief: why,
    below: [container],
    hint: describePod(pod, context),
    dueAt: asRoot ? began : began + context.options.unknownErrorGraceMs,
  }
}

function startSymptom(
  pod: ObservedObject,
  { name, state }: ContainerStatus,
  message: string,
  context: RuleContext,
): Symptom {
  const note = latestNote(context.cache.notesOn(pod.uid), ['Failed', 'FailedPostStartHook'], name)
  const text = message === '' ? (note?.message ?? '') : message
  const reason = state?.waiting?.reason
  const mark = pod.marks.get(reason === undefined ? `ended:${name}` : `waiting:${name}:${reason}`)
  const began = mark?.at ?? context.at
  const isDefinite = CANNOT_RUN.test(text) && !PASSING.test(text)
  return {
    code: 'E_CONTAINER_START',
    ...cannotStart(whyNot(text)),
    brief: 'the container cannot be started',
    on: pod,
    below: [name],
    hint: describePod(pod, context),
    dueAt: isDefinite ? began : began + context.options.unknownErrorGraceMs,
    seq: mark?.seq ?? context.cache.seq,
  }
}

/** Runtimes nest their errors: the program is quoted after `exec:`, the reason comes last. */
function whyNot(text: string): string {
  const program = /exec: "([^"]+)"/u.exec(text)?.[1]
  const phrase = CANNOT_RUN.exec(text)?.[0].toLowerCase()
  if (program !== undefined && phrase !== undefined) return `its program ${program} cannot be run (${phrase})`
  const tail = words(text.split(': ').slice(-2).join(': '))
  return tail === '' ? 'the container runtime did not say why' : tail
}
