import { injectionOf } from '../../vault/injection.ts'
import { AGENT_INIT, hasAgent } from '../../vault/webhook.ts'
import { kubectl } from '../../../hint.ts'
import { AGENT_BUSY } from '../marks.ts'
import { isPodReady, podStatusOf } from '../shapes.ts'
import { cannotStart, logsOf, type PodRule, type RuleContext, type Symptom } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'

/**
 * Pods that ask for Vault's agent: one that was made without never gets it, and one whose agent does not end before the others
 * begin waits for Vault, which is tried again for minutes (https://developer.hashicorp.com/vault/docs/platform/k8s/injector).
 */
export const vaultRule: PodRule = (pod, context) => {
  const injection = injectionOf(pod.object.metadata.annotations ?? {})
  if (injection === undefined) return []
  if (!hasAgent(pod.object)) return notInjected(pod, context)
  const mark = pod.marks.get(AGENT_BUSY)
  const status = podStatusOf(pod.object).initContainerStatuses?.find(({ name }) => name === AGENT_INIT)
  if (mark === undefined || status === undefined) return []
  const { state } = status
  const isBetween = state?.running === undefined && state?.terminated === undefined
  const pointer = { name: pod.object.metadata.name, container: AGENT_INIT, previous: isBetween }
  const role = injection.role === undefined ? '' : ` (role ${injection.role})`
  const why = `Vault's agent does not get what the pod needs before it starts${role}`
  return [
    {
      code: 'E_VAULT_INIT',
      ...cannotStart(why),
      brief: "Vault's agent waits",
      on: pod,
      below: [AGENT_INIT],
      pod: pointer,
      hint: logsOf(pointer, context),
      dueAt: mark.at + context.options.vaultGraceMs,
      seq: mark.seq,
    },
  ]
}

/** One that runs well as it is was looked at when it was made. */
function notInjected(pod: ObservedObject, context: RuleContext): Symptom[] {
  if (isPodReady(pod.object) && !context.isNew(pod)) return []
  return [
    {
      code: 'E_VAULT_NOT_INJECTED',
      message: 'gets no agent of Vault: its pods ask for one by their annotations, and were made without',
      brief: 'made without an agent of Vault',
      on: pod,
      below: [],
      hint: kubectl(['get', 'mutatingwebhookconfigurations']),
      dueAt: pod.bornAt,
      seq: pod.bornSeq,
    },
  ]
}
