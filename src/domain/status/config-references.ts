import type { KubeObject } from '../kube.ts'

/** A ConfigMap that a pod reads; `keys` undefined: all of them. */
export interface ConfigReference {
  readonly name: string
  readonly keys: readonly string[] | undefined
}

interface MapSource {
  readonly name?: string
  readonly items?: readonly { readonly key: string }[]
}

interface PodSpec {
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly volumes?: readonly {
    readonly configMap?: MapSource
    readonly projected?: { readonly sources?: readonly { readonly configMap?: MapSource }[] }
  }[]
}

interface Container {
  readonly env?: readonly {
    readonly valueFrom?: { readonly configMapKeyRef?: { readonly name?: string; readonly key: string } }
  }[]
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name?: string } }[]
}

/** Every ConfigMap key that a pod is made from. */
export function configReferences({ spec }: KubeObject): ConfigReference[] {
  const { containers = [], initContainers = [], volumes = [] } = (spec ?? {}) as PodSpec
  const inContainers = [...initContainers, ...containers].flatMap(({ env = [], envFrom = [] }) => [
    ...env.flatMap(({ valueFrom }) => named(valueFrom?.configMapKeyRef, ({ key }) => [key])),
    ...envFrom.flatMap(({ configMapRef }) => named(configMapRef, () => undefined)),
  ])
  const sources = volumes.flatMap(({ configMap, projected }) => [
    configMap,
    ...(projected?.sources ?? []).map((source) => source.configMap),
  ])
  return [...inContainers, ...sources.flatMap((source) => named(source, ({ items }) => items?.map(({ key }) => key)))]
}

function named<T extends { readonly name?: string }>(
  source: T | undefined,
  keys: (source: T) => readonly string[] | undefined,
): ConfigReference[] {
  return source?.name === undefined ? [] : [{ name: source.name, keys: keys(source) }]
}
