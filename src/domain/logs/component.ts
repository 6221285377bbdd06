import type { KubeObject } from '../kube.ts'

/** What people may call the component of a pod or workload, the word of docs/design.md first. */
export function componentNames({ metadata: { labels } }: KubeObject): string[] {
  return [labels?.['app.kubernetes.io/component'], labels?.['app.kubernetes.io/name']].filter(
    (name) => name !== undefined,
  )
}

/**
 * Whether an object belongs to a component: by the label app.kubernetes.io/component where any of `all` has that value,
 * else by app.kubernetes.io/name. Undefined when nobody is called so.
 */
export function membersOf(
  component: string,
  all: readonly KubeObject[],
): ((object: KubeObject) => boolean) | undefined {
  for (const label of ['app.kubernetes.io/component', 'app.kubernetes.io/name']) {
    const has = ({ metadata: { labels } }: KubeObject): boolean => labels?.[label] === component
    if (all.some(has)) return has
  }
  return undefined
}
