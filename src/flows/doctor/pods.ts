import { podMakers, type PodMaker } from '../../domain/doctor/pods.ts'
import { judgeAdmission } from '../../domain/doctor/admission.ts'
import { nameOf } from '../../domain/kube.ts'
import { kubectl } from '../../hint.ts'
import { inParallel } from '../in-parallel.ts'
import { found, passedOver, refuse, warn, type Check, type Finding } from '../phases/findings.ts'
import type { Compared } from '../phases/planned.ts'
import { renderedObjects } from '../plan/assess.ts'
import { DRY_RUNS_AT_ONCE } from '../plan/predict.ts'

/**
 * A pod of each workload is tried with a dry run, as its controller would make it: Pod Security and a LimitRange refuse pods,
 * and not what makes them.
 */
export const checkPods: Check<Compared> = async ({ cluster, project, facts, ...known }, { signal }) => {
  const { namespace: home } = project.environment
  const missing = new Set(facts.namespaces.flatMap(({ name, object }) => (object === undefined ? [name] : [])))
  const makers = podMakers(renderedObjects(known), home).filter(
    ({ namespace, spec }) => !missing.has(namespace) && (spec.containers ?? []).length > 0,
  )
  const tried = await inParallel(makers, DRY_RUNS_AT_ONCE, async (maker) => ({
    maker,
    prediction: await cluster.predict(podOf(maker), { mode: 'create' }, signal),
  }))
  const findings = tried.flatMap(({ maker, prediction }): Finding[] => {
    if (prediction.kind !== 'invalid') return []
    const { object, namespace } = maker
    const judged = judgeAdmission(prediction.message)
    if (judged === undefined) return []
    const where = nameOf(object)
    const text = `pods of ${where} would be refused: ${judged.reason}`
    const hint = kubectl(
      ['describe', judged.by === 'PodSecurity' ? 'namespace' : judged.by, ...named(judged.by, namespace)],
      namespace,
    )
    return [judged.certain ? refuse('E_ADMISSION', text, { hint, where }) : warn(text, { hint, where })]
  })
  if (findings.length > 0) return findings
  const unasked = tried.flatMap(({ prediction }) => (prediction.kind === 'not-checked' ? [prediction.why] : []))
  const [why] = [...unasked, ...missing.values().map((name) => `namespace ${name} is not there yet`)]
  if (why !== undefined)
    return [passedOver('whether the namespace takes the pods', why.replace('patch it', 'create pods'))]
  return tried.length === 0 ? [] : [found('Pod Security and limits of the namespace take the pods')]
}

function named(by: string, namespace: string): string[] {
  return by === 'PodSecurity' ? [namespace] : []
}

/** Its ServiceAccount may be one that only this deploy makes, and would be looked at first. */
function podOf({ object, namespace, labels, spec }: PodMaker) {
  const { serviceAccountName: _name, serviceAccount: _old, ...rest } = spec as Record<string, unknown>
  const name = `forge-doctor-${object.metadata.name}`.slice(0, 63).replace(/[^a-z0-9]+$/u, '')
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels }, spec: rest }
}
