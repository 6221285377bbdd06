import type { KubeObject } from '../kube.ts'

interface SecurityContext {
  readonly runAsUser?: number
  readonly runAsNonRoot?: boolean
  readonly readOnlyRootFilesystem?: boolean
}

interface Spec {
  readonly securityContext?: SecurityContext
  readonly containers?: readonly { readonly name: string; readonly securityContext?: SecurityContext }[]
  readonly initContainers?: Spec['containers']
}

const DENIED =
  /permission denied|operation not permitted|\bEACCES\b|\bEPERM\b|(?:must|needs? to) (?:be|run|be run|be started)(?: as)? root/iu
const READ_ONLY = /read-only file ?system|\bEROFS\b/iu

/**
 * What a program lacked that was made to run as root, by its last words and by what its pod says of its user. Undefined: it said
 * nothing of the kind, or is root. The kubelet tells only that it ended.
 */
export function lackedRights(
  pod: KubeObject | undefined,
  container: string,
  lines: readonly string[],
): string | undefined {
  const { securityContext: ofPod, containers = [], initContainers = [] } = (pod?.['spec'] ?? {}) as Spec
  const own = [...containers, ...initContainers].find(({ name }) => name === container)
  const { runAsUser, runAsNonRoot, readOnlyRootFilesystem } = { ...ofPod, ...own?.securityContext }
  const said = (pattern: RegExp): boolean => lines.some((line) => pattern.test(line))
  if (readOnlyRootFilesystem === true && said(READ_ONLY))
    return 'its root file system is read-only (readOnlyRootFilesystem): what it writes to needs a volume'
  const isRoot = runAsUser === 0 || (runAsUser === undefined && runAsNonRoot !== true)
  if (isRoot || !said(DENIED)) return undefined
  const user = runAsUser === undefined ? 'as a user that is not root' : `as user ${runAsUser}`
  return `it runs ${user} and may not do what it wants: runAsUser has to be one that the image is made for, or the image one without root`
}
