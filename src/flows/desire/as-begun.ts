import { isEqual } from '../../domain/canonical.ts'
import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { consumed } from '../../domain/manifest/references.ts'
import { dataOf, encodedTexts } from '../../domain/secrets/plan.ts'
import type { Rendering } from '../phases/desired.ts'

/**
 * Whether the pods of a workload that is taken over began with what this deploy gives them: then nothing has to restart for it. Of
 * what nobody renders and forge.yaml does not name this deploy changes nothing. `before`: what was there, by key.
 */
export function beganWithIt(
  workload: KubeObject,
  before: ReadonlyMap<string, KubeObject> | undefined,
  context: Pick<Rendering, 'project' | 'releases' | 'secretPlans'>,
): boolean {
  const made = new Map(
    context.releases.flatMap(({ rendered }) => rendered.map(({ object }) => [keyOf(object), object] as const)),
  )
  const home = context.project.environment.namespace
  const { namespace = home } = workload.metadata
  return consumed(workload).every(({ kind, name, uses }) => {
    const plan =
      namespace === home && kind === 'Secret' ? context.secretPlans.find((one) => one.name === name) : undefined
    if (plan !== undefined) return plan.changedKeys.every((key) => uses?.includes(key) === false)
    const key = keyOf({ apiVersion: 'v1', kind, name, namespace })
    const after = made.get(key)
    return after === undefined || isEqual(usedOf(before?.get(key), uses), usedOf(after, uses))
  })
}

/** Undefined: it is not there. */
function usedOf(object: KubeObject | undefined, uses: readonly string[] | undefined): unknown {
  if (object === undefined) return undefined
  const all =
    object.kind === 'Secret'
      ? { ...dataOf(object), ...encodedTexts(object) }
      : { ...entriesIn(object, 'data'), ...entriesIn(object, 'binaryData') }
  return Object.fromEntries(Object.entries(all).filter(([key]) => uses?.includes(key) ?? true))
}

function entriesIn(object: KubeObject, field: string): Readonly<Record<string, unknown>> {
  return (object[field] ?? {}) as Readonly<Record<string, unknown>>
}
