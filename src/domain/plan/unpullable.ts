import { nameOf, type KubeObject } from '../kube.ts'

interface ContainerStatus {
  readonly image?: string
  readonly name: string
  readonly state?: { readonly waiting?: { readonly reason?: string } }
}

interface Pod {
  readonly spec?: { readonly containers?: readonly Named[]; readonly initContainers?: readonly Named[] }
  readonly status?: {
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

interface Named {
  readonly name: string
  readonly image?: string
}

/** Reasons that kubelet gives while an image does not come (pkg/kubelet/images/types.go). */
const FAILED = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'RegistryUnavailable',
])

/** Images among `wanted` that a node has tried to pull, and could not; each once, with a pod that shows it. */
export function unpullable(
  pods: readonly KubeObject[],
  wanted: ReadonlySet<string>,
): { readonly image: string; readonly pod: string }[] {
  const found = new Map<string, string>()
  for (const pod of pods) {
    for (const image of failedImages(pod)) if (wanted.has(image) && !found.has(image)) found.set(image, nameOf(pod))
  }
  return [...found].map(([image, pod]) => ({ image, pod }))
}

function failedImages(pod: KubeObject): string[] {
  const { spec, status } = pod as Pod
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
  const states = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
  const failed = new Set(states.filter(({ state }) => FAILED.has(state?.waiting?.reason ?? '')).map(({ name }) => name))
  return containers.flatMap(({ name, image }) => (failed.has(name) && image !== undefined ? [image] : []))
}
