import type { KubeObject } from '../kube.ts'
import { podSpecOf } from './references.ts'

/** The images that an object's containers run, without repetition. */
export function imagesOf(object: KubeObject): string[] {
  const { containers = [], initContainers = [] } = podSpecOf(object) ?? {}
  return [...new Set([...containers, ...initContainers].flatMap(({ image }) => image ?? []))]
}
