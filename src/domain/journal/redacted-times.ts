import type { Redactor } from '../redact/redactor.ts'
import type { JournalPlanned, JournalTimes, PodTrouble, TimedPod } from './times.ts'

type Masking = Pick<Redactor, 'text' | 'json'>

/** Names stay. */
export function redactedTimes({ workloads, ...times }: JournalTimes, redactor: Masking): JournalTimes {
  return {
    ...times,
    workloads: workloads.map((one) => ({
      ...one,
      ...(one.reason === undefined ? {} : { reason: redactor.text(one.reason) }),
      pods: one.pods.map((pod) => redactedPod(pod, redactor)),
    })),
  }
}

function redactedPod({ troubles, ...pod }: TimedPod, redactor: Masking): TimedPod {
  if (troubles === undefined) return pod
  return {
    ...pod,
    troubles: troubles.map(({ message, ...one }): PodTrouble =>
      message === undefined ? one : { ...one, message: redactor.text(message) },
    ),
  }
}

export function redactedPlan({ objects, restarts, ...planned }: JournalPlanned, redactor: Masking): JournalPlanned {
  return {
    ...planned,
    restarts: restarts.map((one) => ({ ...one, because: redactor.json(one.because) })),
    objects: objects.map((one) => ({ ...one, fields: redactor.json(one.fields) })),
  }
}
