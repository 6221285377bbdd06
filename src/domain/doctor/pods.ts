import type { PodSpec } from '../access/capacity.ts'
import { groupOf, nameOf, type KubeObject } from '../kube.ts'
import type { Labels } from '../selector.ts'
import { workloadIs, WORKLOAD_KINDS } from '../workload-kinds.ts'

/** What makes pods, with what its pods are. */
export interface PodMaker {
  readonly object: KubeObject
  readonly namespace: string
  readonly labels: Labels
  readonly annotations: Labels
  readonly spec: PodSpec
  /** Undefined: it does not say how many there are. */
  readonly replicas: number | undefined
}

interface Template {
  readonly metadata?: { readonly labels?: Labels; readonly annotations?: Labels }
  readonly spec?: PodSpec
}

/** Of the rendered objects. */
export function podMakers(objects: readonly KubeObject[], home: string): PodMaker[] {
  return objects.flatMap((object) => {
    const template = templateOf(object)
    if (template === undefined) return []
    const { replicas = 1 } = (object['spec'] ?? {}) as { readonly replicas?: number }
    return [
      {
        object,
        namespace: object.metadata.namespace ?? home,
        labels: template.metadata?.labels ?? {},
        annotations: template.metadata?.annotations ?? {},
        spec: template.spec ?? {},
        replicas: workloadIs(object.kind, 'isScaled') ? replicas : undefined,
      },
    ]
  })
}

function templateOf(object: KubeObject): Template | undefined {
  const spec = (object['spec'] ?? {}) as {
    readonly template?: Template
    readonly jobTemplate?: { readonly spec?: { readonly template?: Template } }
  }
  if (object.kind === 'Pod') return { metadata: object.metadata, spec: spec as PodSpec }
  if (object.kind === 'CronJob') return spec.jobTemplate?.spec?.template
  return object.kind === 'Job' || Object.hasOwn(WORKLOAD_KINDS, object.kind) ? spec.template : undefined
}

const BUILT_IN = /^(?:[a-z]+|.*\.k8s\.io)$/u

/** Is it an API group of Kubernetes' own? */
export function isBuiltIn(group: string): boolean {
  return group === '' || BUILT_IN.test(group)
}

/** An object of a kind that Kubernetes does not have: whoever acts on it may make pods that nobody knows before. */
export function mayMakePods(objects: readonly KubeObject[]): string | undefined {
  const custom = objects.find(({ apiVersion }) => !isBuiltIn(groupOf(apiVersion)))
  return custom === undefined ? undefined : nameOf(custom)
}
