import { latestNote } from '../notes.ts'
import { podSpecOf, podStatusOf } from '../shapes.ts'
import { NEVER, describePod, logsOf, words, type PodRule } from '../signal.ts'

/**
 * A container that runs and is not ready (https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/).
 * Nobody can tell slow from never, so this counts only when the progress deadline or the stage's time is up.
 */
export const probeRule: PodRule = (pod, scene) => {
  const { containers = [] } = podSpecOf(pod.object)
  return (podStatusOf(pod.object).containerStatuses ?? []).flatMap(({ name, ready, started, state }) => {
    if (ready === true || state?.running === undefined) return []
    const spec = containers.find((container) => container.name === name)
    const probe = started === false && spec?.startupProbe !== undefined ? 'startup' : 'readiness'
    const note = latestNote(scene.world.notesOn(pod.uid), ['Unhealthy'], name)
    const said = words((note?.message ?? '').replace(/^\w+ probe (?:failed|errored): ?/u, ''))
    const pointer = { name: pod.object.metadata.name, container: name, previous: false }
    return [
      {
        code: 'E_PROBE_FAILING' as const,
        message: `runs, but never becomes ready: its ${probe} probe ${said === '' ? 'has not succeeded yet' : `fails: ${said}`}`,
        brief: `its ${probe} probe ${said === '' ? 'has not succeeded yet' : 'fails'}`,
        on: pod,
        below: [name],
        pod: pointer,
        hint: said === '' ? describePod(pod, scene) : logsOf(pointer, scene),
        dueAt: NEVER,
        seq: note?.seq ?? pod.bornSeq,
      },
    ]
  })
}
