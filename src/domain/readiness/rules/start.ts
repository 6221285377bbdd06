import type { Hint } from '../../../hint.ts'
import { latestNote } from '../notes.ts'
import { containerStatusesOf, lastEnd, type ContainerStatus, type Terminated } from '../shapes.ts'
import { describePod, words, type PodRule, type Scene, type Signal } from '../signal.ts'
import type { Entry } from '../world.ts'

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
export const startRule: PodRule = (pod, scene) =>
  containerStatusesOf(pod.object).flatMap((status) => {
    const { reason = '', message = '' } = status.state?.waiting ?? {}
    if (reason === 'CreateContainerConfigError') return [configSignal(pod, status.name, message, scene)]
    if (START_REASONS.has(reason)) return [startSignal(pod, status, message, scene)]
    const end = lastEnd(status)
    return status.state?.running === undefined && couldNotStart(end)
      ? [startSignal(pod, status, end?.message ?? '', scene)]
      : []
  })

/** runc's 128 says that there was no process at all. */
function couldNotStart(end: Terminated | undefined): boolean {
  if (end === undefined) return false
  return START_REASONS.has(end.reason ?? '') || (end.exitCode === 128 && CANNOT_RUN.test(end.message ?? ''))
}

/** What a container needs and does not find. */
export interface Missing {
  /** `Secret/app-secrets`; only the kind where kubelet names no more. */
  readonly ref: string
  readonly what: string
  /** The object itself is missing, not a key of it. */
  readonly isWhole: boolean
}

/** `secret "x" not found`, `couldn't find key K in ConfigMap ns/x`, `references non-existent config key: K` (of `source`). */
export function missingObject(text: string, source?: string): Missing | undefined {
  const whole = /\b(secret|configmap)s? "(?:[^"/]+\/)?([^"]+)" not found/iu.exec(text)
  if (whole !== null) {
    const ref = `${kindOf(whole[1])}/${whole[2] ?? ''}`
    return { ref, what: `${ref} does not exist`, isWhole: true }
  }
  const key = /couldn't find key (\S+) in (Secret|ConfigMap) (?:[^/\s]+\/)?([^\s,;]+)/iu.exec(text)
  if (key !== null) {
    const ref = `${kindOf(key[2])}/${key[3] ?? ''}`
    return { ref, what: `${ref} has no key ${key[1] ?? ''}`, isWhole: false }
  }
  const item = /references non-existent (config|secret) key: ([^\s,;]+)/iu.exec(text)
  if (item === null) return undefined
  const kind = item[1]?.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap'
  const what = source ?? `a ${kind}`
  return { ref: source ?? kind, what: `${what} has no key ${item[2] ?? ''}`, isWhole: false }
}

function kindOf(word: string | undefined): 'Secret' | 'ConfigMap' {
  return word?.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap'
}

/** Missing for good where forge or the release should have written it; anything else may still be made by a controller. */
export function missingDueAt(ref: string, began: number, { options }: Scene): number {
  const isOwn = options.ownObjects?.has(ref) ?? true
  return isOwn ? began : began + options.missingGraceMs
}

function configSignal(pod: Entry, container: string, message: string, scene: Scene): Signal {
  const missing = missingObject(message)
  const mark = pod.marks.get(`waiting:${container}:CreateContainerConfigError`)
  const began = mark?.at ?? scene.at
  const asRoot = /runAsNonRoot/u.test(message)
  const why = missing?.what ?? (asRoot ? 'its image runs as root, and runAsNonRoot forbids that' : words(message))
  const known = asRoot ? began : began + scene.options.unknownErrorGraceMs
  return {
    code: 'E_CONTAINER_CONFIG',
    message: `cannot start: ${why}`,
    brief: why,
    on: pod,
    below: missing === undefined ? [container] : [container, missing.ref],
    hint: hintFor(missing, pod, scene),
    dueAt: missing === undefined ? known : missingDueAt(missing.ref, began, scene),
    seq: mark?.seq ?? scene.world.seq,
  }
}

/** A key is missing: `describe` names those that are there, never a value. The whole object is: all of its kind, for a typing error. */
export function hintFor(missing: Missing | undefined, pod: Entry, scene: Scene): Hint {
  const [kind = '', name] = missing?.ref.split('/') ?? []
  if (missing === undefined || name === undefined) return describePod(pod, scene)
  const word = kind.toLowerCase()
  return scene.kubectl(missing.isWhole ? ['get', `${word}s`] : ['describe', word, name])
}

function startSignal(pod: Entry, { name, state }: ContainerStatus, message: string, scene: Scene): Signal {
  const note = latestNote(scene.world.notesOn(pod.uid), ['Failed', 'FailedPostStartHook'], name)
  const text = message === '' ? (note?.message ?? '') : message
  const reason = state?.waiting?.reason
  const mark = pod.marks.get(reason === undefined ? `ended:${name}` : `waiting:${name}:${reason}`)
  const began = mark?.at ?? scene.at
  const isDefinite = CANNOT_RUN.test(text) && !PASSING.test(text)
  return {
    code: 'E_CONTAINER_START',
    message: `cannot start: ${whyNot(text)}`,
    brief: 'the container cannot be started',
    on: pod,
    below: [name],
    hint: describePod(pod, scene),
    dueAt: isDefinite ? began : began + scene.options.unknownErrorGraceMs,
    seq: mark?.seq ?? scene.world.seq,
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
