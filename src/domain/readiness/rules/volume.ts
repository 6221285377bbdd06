import { latestNote, type Note } from '../notes.ts'
import { containerStatusesOf, podSpecOf, podStatusOf, statusOf } from '../shapes.ts'
import { cannotStart, describePod, words, type PodRule, type RuleContext, type Symptom } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'
import { missingObject, missingParts } from './missing.ts'

const MOUNT_REASONS = ['FailedMount', 'FailedAttachVolume', 'FailedMapVolume']

/** Mounting waits for nothing but these (https://kubernetes.io/docs/concepts/storage/volumes/). */
const NEVER_MOUNTS =
  /is not a directory|hostPath type check failed|unsupported volume|not found in the list of registered CSI drivers|wrong fs type/iu

/** pkg/controller/volume/persistentvolume: the class is looked up by the API server's client. */
const MISSING_CLASS = /storageclass(?:\.storage\.k8s\.io)? "([^"]+)" not found/iu

/** Claims that no provisioner will ever serve. */
const NEVER_BINDS =
  /storageclass(?:\.storage\.k8s\.io)? "[^"]+" not found|no storage class is set|only dynamically provisioned pvc|not support|invalid/iu

/**
 * Volumes that hold a scheduled pod back, and claims that hold back an unscheduled one. Attaching and provisioning take
 * their time and retry, so only what is definite counts at once; a missing Secret or ConfigMap is E_CONTAINER_CONFIG.
 */
export const volumeRule: PodRule = (pod, context) => [...mountSymptoms(pod, context), ...claimSymptoms(pod, context)]

function mountSymptoms(pod: ObservedObject, context: RuleContext): Symptom[] {
  const isHeld =
    podSpecOf(pod.object).nodeName !== undefined && podStatusOf(pod.object).phase === 'Pending' && !hasStarted(pod)
  if (!isHeld) return []
  const notes = context.cache.notesOn(pod.uid)
  const mount = latestNote(notes, MOUNT_REASONS)
  const sandbox = latestNote(notes, ['FailedCreatePodSandBox'])
  return [
    ...(mount === undefined ? [] : [mountSymptom(pod, mount, context)]),
    ...(sandbox === undefined ? [] : [sandboxSymptom(pod, sandbox, context)]),
  ]
}

function hasStarted(pod: ObservedObject): boolean {
  return containerStatusesOf(pod.object).some(
    ({ state, lastState }) =>
      state?.running !== undefined || state?.terminated !== undefined || lastState?.terminated !== undefined,
  )
}

function mountSymptom(pod: ObservedObject, note: Note, context: RuleContext): Symptom {
  const volume = /volumes? "([^"]+)"/u.exec(note.message)?.[1]
  const missing = /failed to sync|not registered/u.test(note.message)
    ? undefined
    : missingObject(note.message, sourceOf(pod, volume))
  const about = volume === undefined ? 'a volume' : `volume ${volume}`
  const detail = words(note.message.split(' : ').at(-1) ?? note.message)
  const base = { on: pod, seq: note.seq }
  if (missing !== undefined)
    return {
      ...base,
      code: 'E_CONTAINER_CONFIG',
      ...missingParts(missing, { pod, began: note.at, place: about }, context),
    }
  const dueAt = note.at + (NEVER_MOUNTS.test(note.message) ? 0 : context.options.volumeGraceMs)
  const verb = note.reason === 'FailedAttachVolume' ? 'attached' : 'mounted'
  return {
    ...base,
    code: 'E_VOLUME',
    ...cannotStart(`${about} cannot be ${verb}: ${detail}`),
    brief: `${about} cannot be ${verb}`,
    below: [about],
    hint: describePod(pod, context),
    dueAt,
  }
}

/** kubelet names the key that a volume lacks, but not the object; the pod's own spec does. */
function sourceOf(pod: ObservedObject, volume: string | undefined): { kind: string; name: string } | undefined {
  const { configMap, secret } = podSpecOf(pod.object).volumes?.find(({ name }) => name === volume) ?? {}
  if (configMap?.name !== undefined) return { kind: 'ConfigMap', name: configMap.name }
  return secret?.secretName === undefined ? undefined : { kind: 'Secret', name: secret.secretName }
}

function sandboxSymptom(pod: ObservedObject, note: Note, context: RuleContext): Symptom {
  return {
    code: 'E_CONTAINER_START',
    ...cannotStart(`the node cannot prepare its pod: ${words(note.message.split(': ').slice(-2).join(': '))}`),
    brief: 'the node cannot prepare its pod',
    on: pod,
    below: [],
    hint: describePod(pod, context),
    dueAt: note.at + context.options.volumeGraceMs,
    seq: note.seq,
  }
}

function claimSymptoms(pod: ObservedObject, context: RuleContext): Symptom[] {
  if (podSpecOf(pod.object).nodeName !== undefined) return []
  const { namespace } = pod.object.metadata
  return (podSpecOf(pod.object).volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => {
    if (claim === undefined) return []
    const ref = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      name: claim.claimName,
      ...(namespace === undefined ? {} : { namespace }),
    }
    const entry = context.cache.entry(ref)
    return entry === undefined ? missingClaim(pod, claim.claimName, context) : claimSymptom(entry, context, pod)
  })
}

/** The scheduler is asked, not the watch: claims may be hidden from this user. */
function missingClaim(pod: ObservedObject, claim: string, context: RuleContext): Symptom[] {
  const message = podStatusOf(pod.object).conditions?.find(({ type }) => type === 'PodScheduled')?.message ?? ''
  if (!message.includes(`persistentvolumeclaim "${claim}" not found`)) return []
  const mark = pod.marks.get('unschedulable')
  const why = `claim ${claim} does not exist`
  const dueAt = (mark?.at ?? context.at) + context.options.admissionGraceMs
  const hint = context.kubectl(['get', 'persistentvolumeclaims'])
  return [
    {
      code: 'E_VOLUME',
      ...cannotStart(why),
      brief: why,
      on: pod,
      below: [`PersistentVolumeClaim/${claim}`],
      hint,
      dueAt,
      seq: mark?.seq ?? context.cache.seq,
    },
  ]
}

/** Also for a claim that is waited for itself; then there is no pod. */
export function claimSymptom(claim: ObservedObject, context: RuleContext, pod?: ObservedObject): Symptom[] {
  const { phase } = statusOf(claim.object)
  if (phase === 'Bound' || phase === undefined) return []
  const { name } = claim.object.metadata
  const { began, seq, why, isFinal, storageClass } = unbound(claim, phase, context)
  const what = `claim ${name} is ${phase}`
  const further = storageClass === undefined ? [] : [`StorageClass/${storageClass}`]
  return [
    {
      code: 'E_VOLUME',
      ...cannotStart(`${what}: ${why}`),
      brief: what,
      on: pod ?? claim,
      below: [...(pod === undefined ? [] : [`PersistentVolumeClaim/${name}`]), ...further],
      hint: context.kubectl(['describe', 'persistentvolumeclaim', name]),
      dueAt: isFinal ? began : began + context.options.volumeGraceMs,
      seq,
    },
  ]
}

interface Unbound {
  readonly began: number
  readonly seq: number
  readonly why: string
  readonly isFinal: boolean
  /** The one that does not exist. */
  readonly storageClass?: string
}

function unbound(claim: ObservedObject, phase: string, { cache, at }: RuleContext): Unbound {
  const mark = claim.marks.get(`phase=${phase}`) ?? { at, seq: 0 }
  if (phase === 'Lost')
    return { began: mark.at, seq: mark.seq, why: 'its volume does not exist any more', isFinal: true }
  const note = latestNote(cache.notesOn(claim.uid), ['ProvisioningFailed', 'FailedBinding', 'VolumeMismatch'])
  if (note === undefined)
    return { began: mark.at, seq: mark.seq, why: 'nothing has provided a volume yet', isFinal: false }
  const storageClass = MISSING_CLASS.exec(note.message)?.[1]
  return {
    began: note.at,
    seq: Math.max(note.seq, mark.seq),
    why: storageClass === undefined ? saidBy(note.message) : `StorageClass ${storageClass} does not exist`,
    isFinal: NEVER_BINDS.test(note.message),
    ...(storageClass === undefined ? {} : { storageClass }),
  }
}

/** A provisioner's error travels inside those of gRPC and the controller; people need its own words. */
function saidBy(message: string): string {
  return words(/rpc error: code = \w+ desc = (.+)$/su.exec(message)?.[1] ?? message)
}
