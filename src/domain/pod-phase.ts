import type { KubeObject } from './kube.ts'

/** A pod that has run to its end: it holds nothing any more, and never starts again. */
export function hasEnded({ status }: KubeObject): boolean {
  const { phase } = (status ?? {}) as { readonly phase?: string }
  return phase === 'Succeeded' || phase === 'Failed'
}
