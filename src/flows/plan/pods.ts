import { podMakers, type PodMaker } from '../../domain/doctor/pods.ts'
import { judgeAdmission, judgeWarnings } from '../../domain/doctor/admission.ts'
import { isEqual } from '../../domain/canonical.ts'
import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { previousObjects } from '../../domain/plan/objects.ts'
import { kubectl } from '../../hint.ts'
import type { Prediction } from '../../ports.ts'
import { inParallel } from '../in-parallel.ts'
import { found, passedOver, refuse, unchecked, warn, type Check, type Finding } from '../phases/findings.ts'
import type { NamespaceFacts } from '../phases/observed.ts'
import type { Compared } from '../phases/planned.ts'
import { labelsOf } from '../project/namespace-labels.ts'
import { renderedObjects } from './assess.ts'
import { tryMaker, tryPod } from './pod-trial.ts'
import { DRY_RUNS_AT_ONCE } from './predict.ts'

export const ENFORCED = 'pod-security.kubernetes.io/enforce'

/**
 * A pod of each workload is tried with a dry run, as its controller would make it: Pod Security and a LimitRange refuse pods,
 * and not what makes them. A deploy tries those alone that it makes anew, where a namespace is known to refuse some.
 */
export const checkPods: Check<Compared> = async (known, { signal }) => {
  const { cluster, facts, policy } = known
  const levels = new Map(facts.namespaces.map(({ name, object }) => [name, object?.metadata.labels?.[ENFORCED]]))
  const objects = renderedObjects(known)
  const makers = podMakers(objects, known.project.environment.namespace).filter(
    ({ spec }) => (spec.containers ?? []).length > 0,
  )
  const judge = async (maker: PodMaker): Promise<Finding[]> =>
    await tried(maker, levels.get(maker.namespace), { cluster, objects, signal })
  if (policy.collects === undefined) {
    const same = sameAsBefore(known)
    const some = makers.filter(({ object, namespace }) => refusesSome(levels.get(namespace)) && !same(object))
    return [...together((await inParallel(some, DRY_RUNS_AT_ONCE, judge)).flat()), ...untried(makers, known)]
  }
  const missing = new Map(
    facts.namespaces.filter(({ object }) => object === undefined).map((one) => [one.name, untriedIn(one)]),
  )
  const there = makers.filter(({ namespace }) => !missing.has(namespace))
  const findings = (await inParallel(there, DRY_RUNS_AT_ONCE, judge)).flat()
  const [why] = missing.values()
  if (why !== undefined) findings.push(passedOver('whether the namespace takes the pods', why))
  if (findings.length > 0 || there.length === 0) return findings
  return [found('Pod Security and limits of the namespace take the pods')]
}

/** In a namespace that this deploy makes with a level of Pod Security: a dry run needs it there. */
function untried(makers: readonly PodMaker[], { facts, project }: Compared): Finding[] {
  return facts.namespaces.flatMap(({ name, object }) => {
    const level = object === undefined ? labelsOf(name, project.releases)[ENFORCED] : undefined
    const [first, ...others] = makers.filter(({ namespace }) => namespace === name)
    if (!refusesSome(level) || first === undefined) return []
    const more = others.length === 0 ? '' : ` and ${others.length} more`
    const what = `whether Pod Security ${level} takes the pods of ${nameOf(first.object)}${more}`
    return [
      unchecked(what, `namespace ${name} is not there yet: a deploy tries them when it has made it, before all else`),
    ]
  })
}

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
function refusesSome(level: string | undefined): level is 'restricted' | 'baseline' {
  return level === 'restricted' || level === 'baseline'
}

/** Its pods are those that run already. */
function sameAsBefore({ releases }: Compared): (object: KubeObject) => boolean {
  const before = new Map(releases.flatMap((release) => [...previousObjects(release)]))
  return (object) => isEqual(before.get(keyOf(object)), object)
}

/** What is certain, as one refusal. */
function together(findings: readonly Finding[]): Finding[] {
  const errors = findings.flatMap((one) => (one.kind === 'refuse' && one.error.code === 'E_ADMISSION' ? one.error : []))
  const [first] = errors
  if (first === undefined) return []
  const problems = errors.map(({ message, hint, details: { where = '' } }) => ({ message, hint, where }))
  return [{ kind: 'refuse', error: errors.length === 1 ? first : first.with({ problems }) }]
}

async function tried(
  maker: PodMaker,
  enforced: string | undefined,
  { cluster, objects, signal }: Pick<Compared, 'cluster'> & { objects: readonly KubeObject[]; signal: AbortSignal },
): Promise<Finding[]> {
  const prediction = await tryPod(cluster, maker, signal)
  if (prediction.kind !== 'not-checked' || enforced === undefined || maker.object.kind === 'Pod')
    return judged(maker, prediction, objects)
  const violates = judgeWarnings(await tryMaker(cluster, maker, signal), enforced)
  return [...judged(maker, prediction, objects), ...(violates === undefined ? [] : [violation(maker, violates)])]
}

function violation({ object, namespace }: PodMaker, reason: string): Finding {
  const where = nameOf(object)
  const hint = kubectl(['describe', 'namespace', namespace], namespace)
  return refuse('E_ADMISSION', `pods of ${where} would be refused: ${reason}`, { hint, where, exit: 3 })
}

/** Why nothing can be tried in a namespace of which forge knows nothing. */
export function untriedIn({ name, isHidden }: NamespaceFacts): string {
  return isHidden === true ? `you may not get namespace ${name}` : `namespace ${name} is not there yet`
}

/** Nothing: it would be taken. */
function judged({ object, namespace }: PodMaker, prediction: Prediction, rendered: readonly KubeObject[]): Finding[] {
  const where = nameOf(object)
  const decides = rendered.find((one) => decidedBy(one, prediction))
  if (decides !== undefined)
    return [passedOver(`whether the namespace takes the pods of ${where}`, `${nameOf(decides)} of the charts decides`)]
  if (prediction.kind === 'webhook-silent') {
    const hint = kubectl(['get', 'mutatingwebhookconfigurations,validatingwebhookconfigurations'])
    return [refuse('E_WEBHOOK_DOWN', `pods of ${where} would be refused: ${prediction.message}`, { hint, where })]
  }
  // Whoever may not make pods may not for any of them: told once.
  if (prediction.kind === 'not-checked')
    return [passedOver('whether the namespace takes the pods', prediction.why.replace('patch it', 'create pods'))]
  if (prediction.kind !== 'invalid') return []
  const refused = judgeAdmission(prediction.message)
  if (refused === undefined) return [passedOver(`whether the namespace takes the pods of ${where}`, prediction.message)]
  const { by, certain, reason } = refused
  const text = `pods of ${where} would be refused: ${reason}`
  const what = by === 'PodSecurity' ? ['namespace', namespace] : [by]
  const hint = kubectl(['describe', ...what], namespace)
  return [certain ? refuse('E_ADMISSION', text, { hint, where, exit: 3 }) : warn(text, { hint, where })]
}

const DECIDING = { PodSecurity: 'Namespace', limitranges: 'LimitRange', resourcequotas: 'ResourceQuota' } as const

/** What refuses may be another once this is deployed: then nothing can be said before. */
function decidedBy({ kind, metadata: { name } }: KubeObject, prediction: Prediction): boolean {
  if (prediction.kind === 'webhook-silent') return kind === 'Service' && prediction.service?.split('/')[1] === name
  const refused = prediction.kind === 'invalid' ? judgeAdmission(prediction.message) : undefined
  return refused !== undefined && DECIDING[refused.by] === kind
}
