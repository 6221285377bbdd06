import { latestNote } from '../notes.ts'
import { specOf, statusOf } from '../shapes.ts'
import { NEVER, words, type RuleContext, type Symptom } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'
import { progressing, ready, type Assess } from './assessment.ts'

/** Events of the cloud's service controller (k8s.io/cloud-provider, controllers/service). */
const COMPLAINTS = ['SyncLoadBalancerFailed', 'UpdateLoadBalancerFailed', 'AllocationFailed']

/**
 * A Service of type LoadBalancer is ready once it has an address; all others are as soon as they exist
 * (https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer). With external IPs somebody has seen to
 * that already: there may be nothing in the cluster that gives another one (helm, pkg/kube, serviceReady).
 */
export const assessService: Assess = (entry, context) => {
  const { type, externalIPs = [] } = specOf(entry.object)
  const isBalanced = type === 'LoadBalancer'
  const [first] = statusOf(entry.object).loadBalancer?.ingress ?? []
  const address = first?.ip ?? first?.hostname ?? (isBalanced ? externalIPs[0] : undefined)
  const isReady = !isBalanced || address !== undefined
  return {
    progress: isReady ? ready(address ?? 'exists') : progressing('no address yet'),
    counts: { ready: isReady ? 1 : 0, wanted: 1 },
    current: [],
    old: [],
    symptoms: isReady ? [] : addressSymptoms(entry, context),
    countsCrashes: false,
    expectedPods: 0,
    settles: false,
  }
}

/** Clouds take minutes and retry for ever, so this counts only when the time of the stage is up. */
function addressSymptoms(entry: ObservedObject, { cache, kubectl }: RuleContext): Symptom[] {
  const note = latestNote(cache.notesOn(entry.uid), COMPLAINTS)
  const why = note === undefined ? 'nothing in the cluster has given it one' : words(note.message)
  return [
    {
      code: 'E_LOAD_BALANCER',
      message: `has no address yet: ${why}`,
      brief: 'no address yet',
      on: entry,
      below: [],
      hint: kubectl(['describe', 'service', entry.object.metadata.name]),
      dueAt: NEVER,
      seq: note?.seq ?? entry.bornSeq,
    },
  ]
}
