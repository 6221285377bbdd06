import type { KubeObject } from '../kube.ts'
import { podSpecOf } from './secret-references.ts'

/** A ConfigMap that a pod reads; `keys` undefined: all of them. `optional`: it starts without it. */
export interface ConfigReference {
  readonly name: string
  readonly keys: readonly string[] | undefined
  readonly optional: boolean
}

interface MapSource {
  readonly name?: string
  readonly optional?: boolean
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
    readonly valueFrom?: {
      readonly configMapKeyRef?: { readonly name?: string; readonly key: string; readonly optional?: boolean }
    }
  }[]
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name?: string; readonly optional?: boolean } }[]
}

/** Every ConfigMap key that the pods of an object are made from. */
export function configReferences(object: KubeObject): ConfigReference[] {
  const { containers = [], initContainers = [], volumes = [] } = (podSpecOf(object) ?? {}) as PodSpec
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

function named<T extends { readonly name?: string; readonly optional?: boolean }>(
  source: T | undefined,
  keys: (source: T) => readonly string[] | undefined,
): ConfigReference[] {
  return source?.name === undefined
    ? []
    : [{ name: source.name, keys: keys(source), optional: source.optional === true }]
}
