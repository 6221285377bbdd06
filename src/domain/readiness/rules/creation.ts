import type { Hint } from '../../../hint.ts'
import type { ErrorCode } from '../../../errors.ts'
import { conditionOf } from '../conditions.ts'
import { latestNote } from '../notes.ts'
import { statusOf } from '../shapes.ts'
import { dueWithoutRoom, words, type RuleContext, type Symptom } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'

interface Refusal {
  readonly code: ErrorCode
  readonly why: string
  readonly hint: Hint
  /** Ends by itself as often as not: a webhook that starts, a default account that is being made. */
  readonly mayPass: boolean
  readonly needsRoom?: boolean
}

/**
 * A controller that may not create its pods: quota, PodSecurity, LimitRange, a webhook, a missing ServiceAccount. The
 * ReplicaSet says so in its condition ReplicaFailure, other controllers in an Event FailedCreate
 * (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment). They retry for ever.
 */
export function creationSymptoms(
  carrier: ObservedObject,
  lacksPods: boolean,
  hasOldPods: boolean,
  context: RuleContext,
): Symptom[] {
  const complaint = complaintOf(carrier, lacksPods, context)
  if (complaint === undefined) return []
  const refusal = refusalOf(complaint.text, carrier, context)
  const { code, why, hint } = refusal
  const dueAt = dueAtOf(refusal, carrier, complaint.at, hasOldPods, context)
  return [
    {
      code,
      message: `cannot create its pods: ${why}`,
      brief: why,
      on: carrier,
      below: [],
      hint,
      dueAt,
      seq: complaint.seq,
    },
  ]
}

interface Complaint {
  readonly text: string
  readonly at: number
  readonly seq: number
}

function complaintOf(carrier: ObservedObject, lacksPods: boolean, { cache, at }: RuleContext): Complaint | undefined {
  const note = latestNote(cache.notesOn(carrier.uid), ['FailedCreate'])
  const condition = conditionOf(statusOf(carrier.object).conditions, 'ReplicaFailure')
  if (condition?.status === 'True' && condition.reason === 'FailedCreate') {
    const mark = carrier.marks.get('ReplicaFailure=True:FailedCreate')
    return { text: condition.message ?? '', at: mark?.at ?? at, seq: Math.max(mark?.seq ?? 0, note?.seq ?? 0) }
  }
  const latestPod = Math.max(0, ...cache.ownedBy(carrier.uid, 'Pod').map(({ bornSeq }) => bornSeq))
  // A pod that came after an Event answers it.
  return lacksPods && note !== undefined && note.seq > latestPod
    ? { text: note.message, at: note.at, seq: note.seq }
    : undefined
}

function dueAtOf(
  refusal: Refusal,
  carrier: ObservedObject,
  began: number,
  hasOldPods: boolean,
  { cache, options }: RuleContext,
): number {
  const mayGetRoom = refusal.needsRoom === true && (hasOldPods || cache.isFreeingRoom)
  if (!mayGetRoom) return refusal.mayPass ? began + options.admissionGraceMs : began
  cache.awaitRoom(carrier.uid)
  return dueWithoutRoom(began, options.quotaGraceMs, cache)
}

function refusalOf(text: string, carrier: ObservedObject, { kubectl }: RuleContext): Refusal {
  const { kind, metadata } = carrier.object
  const describe = kubectl(['describe', kind.toLowerCase(), metadata.name])
  const quota = /exceeded quota: ([^,]+), (.*)$/su.exec(text)
  if (quota !== null) {
    const name = quota[1] ?? ''
    return {
      code: 'E_QUOTA',
      why: `quota ${name} is used up (${words(quota[2] ?? '')})`,
      hint: kubectl(['describe', 'resourcequota', name]),
      mayPass: false,
      needsRoom: true,
    }
  }
  const unset = /failed quota: ([^:]+): must specify (.*)$/su.exec(text)
  if (unset !== null) {
    return {
      code: 'E_QUOTA',
      why: `quota ${unset[1] ?? ''} demands ${words(unset[2] ?? '')}`,
      hint: kubectl(['describe', 'resourcequota', unset[1] ?? '']),
      mayPass: false,
    }
  }
  // A quota that has just been made is not counted yet (plugin/pkg/admission/resourcequota): it passes.
  const uncounted = /status unknown for quota: ([^,]+)/u.exec(text)?.[1]
  if (uncounted !== undefined) {
    return {
      code: 'E_QUOTA',
      why: `quota ${uncounted} is not counted yet`,
      hint: kubectl(['describe', 'resourcequota', uncounted]),
      mayPass: true,
    }
  }
  const account = /serviceaccount "([^"]+)" not found|service account \S+\/(\S+?): /u.exec(text)
  if (account !== null) {
    const name = account[1] ?? account[2] ?? ''
    return {
      code: 'E_ADMISSION',
      why: `ServiceAccount/${name} does not exist`,
      hint: kubectl(['get', 'serviceaccounts']),
      mayPass: true,
    }
  }
  // A webhook that says no is final; one that does not answer may be starting.
  const webhookDown = /failed calling webhook|failed to call webhook/u.test(text)
  return {
    code: 'E_ADMISSION',
    why: words(reasonOf(text), 220),
    hint: describe,
    mayPass: webhookDown || !isDefinite(text),
  }
}

function isDefinite(text: string): boolean {
  return /violates PodSecurity|denied the request|is forbidden:|is invalid:|maximum|minimum|Invalid value/iu.test(text)
}

function reasonOf(text: string): string {
  const stripped = text.replace(/^.*?Error creating: /su, '').replace(/^pods? "[^"]*" is (?:forbidden|invalid): /u, '')
  return stripped === '' ? 'the API server did not say why' : stripped
}
