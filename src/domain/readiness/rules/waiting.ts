import { dependenciesOf, type Dependency } from '../dependencies.ts'
import { nameOf } from '../../kube.ts'
import { AGENT_INIT } from '../../vault/webhook.ts'
import { isSidecar, podStatusOf } from '../shapes.ts'
import { NEVER, cannotStart, logsOf, type PodRule, type RuleContext, type Symptom, type Standing } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'

/**
 * Init containers that run and do not end: they wait for something, and nothing of the pod starts before
 * (https://kubernetes.io/docs/concepts/workloads/pods/init-containers/). What they wait for is to blame, where it is known;
 * else only the stage's time can tell slow from never.
 */
export const waitingRule: PodRule = (pod, context) =>
  (podStatusOf(pod.object).initContainerStatuses ?? []).flatMap(({ name, state }) => {
    // Vault's agent waits for Vault, and has a rule of its own.
    if (state?.running === undefined || isSidecar(pod.object, name) || name === AGENT_INIT) return []
    const found = blockedBy(pod, name, context)
    if (found?.standing.symptom !== undefined) return [inherited(pod, name, found, found.standing.symptom)]
    const pointer = { name: pod.object.metadata.name, container: name, previous: false }
    const other = found?.dependency.workload.object.metadata.name
    return [
      {
        code: 'E_INIT_STUCK' as const,
        ...cannotStart(
          other === undefined
            ? `its init container ${name} runs and does not end`
            : `its init container ${name} waits for ${other}, which is not ready (${found?.standing.reason ?? ''})`,
        ),
        brief: other === undefined ? `its init container ${name} runs` : `waits for ${other}`,
        on: pod,
        below: [name, ...(found === undefined ? [] : wayTo(found.dependency))],
        pod: pointer,
        hint: logsOf(pointer, context),
        dueAt: NEVER,
        seq: pod.bornSeq,
        ...(found === undefined ? {} : { root: found.dependency.workload.key }),
      },
    ]
  })

/** Symptoms that a workload shows because another one, that it needs, is broken. */
const SYMPTOMS = new Set(['E_INIT_FAILED', 'E_CRASH_LOOP', 'E_PROBE_FAILING', 'E_JOB_FAILED'])

/** The symptom itself, or what explains it: a container that fails because of a workload that has something wrong itself. */
export function explained(symptom: Symptom, context: RuleContext): Symptom {
  const { pod, on } = symptom
  if (pod === undefined || on.object.kind !== 'Pod' || !SYMPTOMS.has(symptom.code)) return symptom
  const found = blockedBy(on, pod.container, context)
  if (found?.standing.symptom === undefined) return symptom
  const folded = inherited(on, pod.container, found, found.standing.symptom)
  // That the symptom counts is enough; its cause may have a longer window of its own.
  return { ...folded, dueAt: Math.min(folded.dueAt, symptom.dueAt), seq: Math.max(folded.seq, symptom.seq) }
}

interface Blocked {
  readonly dependency: Dependency
  readonly standing: Standing
}

/** The first dependency with something wrong, else the first that is not ready. */
function blockedBy(pod: ObservedObject, container: string, context: RuleContext): Blocked | undefined {
  const own = context.cache.topOf(pod).uid
  const blocked = dependenciesOf(pod, container, context.cache)
    .filter(({ workload }) => workload.uid !== own)
    .flatMap((dependency) => {
      context.cache.dependOn(dependency.workload.uid, pod.uid)
      const standing = context.standingOf(dependency.workload)
      return standing === undefined || standing.ready ? [] : [{ dependency, standing }]
    })
  return blocked.find(({ standing }) => standing.symptom !== undefined) ?? blocked[0]
}

function inherited(pod: ObservedObject, container: string, { dependency, standing }: Blocked, cause: Symptom): Symptom {
  const { workload } = dependency
  const { name } = workload.object.metadata
  return {
    code: cause.code,
    ...cannotStart(`${name} is not ready, because ${cause.why ?? `it ${cause.message}`}`),
    // What may just be slow needs no more words while it lasts.
    brief: cause.dueAt === NEVER ? `waits for ${name}` : `waits for ${name}: ${cause.brief}`,
    on: pod,
    below: [container, ...wayTo(dependency), ...standing.chain],
    ...(cause.pod === undefined ? {} : { pod: cause.pod }),
    ...(cause.image === undefined ? {} : { image: cause.image }),
    ...(cause.missing === undefined ? {} : { missing: cause.missing }),
    pods: standing.pods,
    hint: cause.hint,
    dueAt: cause.dueAt,
    seq: cause.seq,
    root: cause.root ?? workload.key,
  }
}

function wayTo({ service, workload }: Dependency): string[] {
  return [...(service === undefined ? [] : [nameOf(service.object)]), nameOf(workload.object)]
}
