import { keyOf, type KindRef, type KubeObject } from '../kube.ts'
import { isOperator, operatorOf, type Operator } from '../operators/known.ts'
import { lackingActor } from '../operators/lack.ts'
import { lackOf } from '../requirements/judge.ts'
import { workloadIs } from '../workload-kinds.ts'
import { FAIL } from './failures.ts'
import { mapOf, mapsOf } from './forms.ts'
import { isCustom } from './kinds.ts'
import { kept } from './managers.ts'

/** Who acts on the custom resources of an environment. */
export interface Actors {
  /** Of operators that belong to nobody's release here: as they were read. */
  readonly workloads: readonly KubeObject[]
  /** Those that do not run: nothing is said of what they would act on. */
  readonly idle: readonly Operator[]
}

/** The operators that forge knows of these objects' kinds. */
export function operatorsFor(objects: readonly KubeObject[]): Operator[] {
  return [...new Set(objects.filter(isCustom).flatMap((object) => operatorOf(object) ?? []))]
}

/**
 * `everywhere`: the workloads of the whole cluster; undefined: nobody may look, and they are taken to run. `own`: what stands, or is
 * rendered, in the rehearsal itself: an operator among it comes with the project.
 */
export function actorsAmong(
  operators: readonly Operator[],
  everywhere: readonly KubeObject[] | undefined,
  own: readonly KubeObject[],
): Actors {
  const isOwn = (operator: Operator): boolean =>
    own.some((object) => workloadIs(object.kind, 'isRolledOut') && isOperator(object, operator))
  const others = operators.filter((operator) => !isOwn(operator))
  if (everywhere === undefined) return { workloads: others.map(presumed), idle: [] }
  const workloads = others.flatMap((operator) => everywhere.filter((workload) => isOperator(workload, operator)))
  return {
    workloads: [...new Map(workloads.map((one) => [keyOf(one), one])).values()],
    idle: others.filter((operator) => lackingActor(operator, everywhere) !== undefined),
  }
}

export function isIdle({ idle }: Actors, kind: KindRef): boolean {
  const operator = operatorOf(kind)
  return operator !== undefined && idle.includes(operator)
}

const PRESUMED = 'operators-of-the-environment'

/** As its own manifests call it, where its workload could not be seen. */
function presumed({ workloads: [name], kind: usual }: Operator): KubeObject {
  const kind = usual ?? 'Deployment'
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: PRESUMED, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
      template: { metadata: { labels }, spec: { containers: [{ name: 'operator', image: name }] } },
    },
    status: { availableReplicas: 1, numberAvailable: 1 },
  }
}

/** What forge's judge looks at: it runs where that one runs, wherever there is room, and needs nothing else. */
export function operatorLike(workload: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = workload
  const { replicas, selector, serviceName, template } = mapOf(workload['spec'])
  const { metadata: about, spec } = mapOf(template)
  const lack = lackOf([workload])
  const isDown = lack !== undefined && lack !== 'none' && !lack.isOff
  return {
    apiVersion,
    kind,
    metadata: {
      name: metadata.name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      ...kept('labels', metadata.labels, () => true),
    },
    spec: {
      ...(typeof replicas === 'number' ? { replicas: Math.min(replicas, 1) } : {}),
      selector,
      ...(serviceName === undefined ? {} : { serviceName }),
      template: {
        metadata: {
          labels: mapOf(about)['labels'],
          ...(isDown ? { annotations: { [FAIL]: 'image-pull' } } : {}),
        },
        spec: {
          containers: mapsOf(mapOf(spec)['containers']).map(({ name, image }) => ({ name, image })),
          tolerations: [{ operator: 'Exists' }],
        },
      },
    },
  }
}

/** Whether its stand-in becomes ready. */
export function runs(workload: KubeObject): boolean {
  return lackOf([workload]) === undefined
}
