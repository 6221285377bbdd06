import { latestNote } from '../notes.ts'
import { podSpecOf, podStatusOf } from '../shapes.ts'
import { NEVER, describePod, logsOf, words, type PodRule } from '../signal.ts'

/**
 * A container that runs and is not ready, or does not stay it (https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/).
 * Nobody can tell slow from never, so this counts only when the progress deadline or the stage's time is up.
 */
export const probeRule: PodRule = (pod, scene) => {
  const { containers = [] } = podSpecOf(pod.object)
  return (podStatusOf(pod.object).containerStatuses ?? []).flatMap(({ name, ready, started, state }) => {
    const isUnsteady = pod.marks.has('unsteady')
    if (state?.running === undefined || (ready === true && !isUnsteady)) return []
    const spec = containers.find((container) => container.name === name)
    const probe = started === false && spec?.startupProbe !== undefined ? 'startup' : 'readiness'
    const note = latestNote(scene.world.notesOn(pod.uid), ['Unhealthy'], name)
    const said = words((note?.message ?? '').replace(/^\w+ probe (?:failed|errored): ?/u, ''))
    // Of several containers only the one whose probe failed.
    if (ready === true && said === '') return []
    const pointer = { name: pod.object.metadata.name, container: name, previous: false }
    return [
      {
        code: 'E_PROBE_FAILING' as const,
        message: isUnsteady
          ? `runs, but does not stay ready: its ${probe} probe fails again and again${said === '' ? '' : `: ${said}`}`
          : `runs, but never becomes ready: its ${probe} probe ${said === '' ? 'has not succeeded yet' : `fails: ${said}`}`,
        brief: isUnsteady
          ? 'its readiness comes and goes'
          : `its ${probe} probe ${said === '' ? 'has not succeeded yet' : 'fails'}`,
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
