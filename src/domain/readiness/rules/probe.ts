import { latestNote } from '../notes.ts'
import { podSpecOf, podStatusOf } from '../shapes.ts'
import { NEVER, describePod, logsOf, words, type PodRule, type RuleContext, type Symptom } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'

/**
 * A container that runs and is not ready, or does not stay it (https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/).
 * Nobody can tell slow from never, so this counts only when the progress deadline or the stage's time is up.
 */
export const probeRule: PodRule = (pod, context) => {
  const { containers = [] } = podSpecOf(pod.object)
  return (podStatusOf(pod.object).containerStatuses ?? []).flatMap(({ name, ready, started, state }) => {
    const isUnsteady = pod.marks.has('unsteady')
    if (state?.running === undefined || (ready === true && !isUnsteady)) return []
    const spec = containers.find((container) => container.name === name)
    const probe = started === false && spec?.startupProbe !== undefined ? 'startup' : 'readiness'
    const note = latestNote(context.cache.notesOn(pod.uid), ['Unhealthy'], name)
    const said = words((note?.message ?? '').replace(/^\w+ probe (?:failed|errored): ?/u, ''))
    // Of several containers only the one whose probe failed.
    if (ready === true && said === '') return []
    return [symptomOf(pod, name, { probe, said, isUnsteady, seq: note?.seq ?? pod.bornSeq }, context)]
  })
}

interface Found {
  readonly probe: 'startup' | 'readiness'
  /** What the probe got, as kubelet words it; empty: nothing yet. */
  readonly said: string
  readonly isUnsteady: boolean
  readonly seq: number
}

function symptomOf(
  pod: ObservedObject,
  container: string,
  { probe, said, isUnsteady, seq }: Found,
  context: RuleContext,
): Symptom {
  const pointer = { name: pod.object.metadata.name, container, previous: false }
  const { message, brief } = isUnsteady ? unsteady(probe, said) : never(probe, said)
  return {
    code: 'E_PROBE_FAILING',
    message,
    brief,
    on: pod,
    below: [container],
    pod: pointer,
    hint: said === '' ? describePod(pod, context) : logsOf(pointer, context),
    dueAt: NEVER,
    seq,
  }
}

function unsteady(probe: string, said: string): Pick<Symptom, 'message' | 'brief'> {
  const message = `runs, but does not stay ready: its ${probe} probe fails again and again${said === '' ? '' : `: ${said}`}`
  return { message, brief: 'its readiness comes and goes' }
}

function never(probe: string, said: string): Pick<Symptom, 'message' | 'brief'> {
  const nothing = `its ${probe} probe has not succeeded yet`
  const how = said === '' ? nothing : `its ${probe} probe fails: ${said}`
  return { message: `runs, but never becomes ready: ${how}`, brief: said === '' ? nothing : `its ${probe} probe fails` }
}
