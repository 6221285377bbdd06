import type { RuleContext } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'
import { livePods, type Progress } from './assessment.ts'

/** More than these are read by nobody. */
const MOST_NAMED = 6

export interface Pods {
  readonly current: readonly ObservedObject[]
  readonly old: readonly ObservedObject[]
  /** Of an older revision, and nothing replaces them by itself. */
  readonly kept: readonly ObservedObject[]
}

/**
 * The pods of a workload, with those of an older revision apart. What fails of the latter is no deploy's doing; but where nothing
 * replaces them (`keeps`) they are what the workload is, and a look at it as it stands counts them in.
 */
export function podsApart(
  pods: readonly ObservedObject[],
  isNew: (pod: ObservedObject) => boolean,
  { keeps, observed }: { readonly keeps: boolean; readonly observed: boolean },
  { options }: RuleContext,
): Pods {
  const kept = observed && keeps ? pods.filter((pod) => !isNew(pod)) : []
  const current = !observed ? [] : keeps && !options.sinceBaseline ? pods : pods.filter(isNew)
  return { current, old: pods.filter((pod) => !current.includes(pod)), kept }
}

/** What is ready, with a word on the pods of an older revision that nothing but their deletion replaces. */
export function remarkOn(
  progress: Progress,
  old: readonly ObservedObject[],
  why: string,
  { kubectl }: RuleContext,
): Progress {
  const pods = livePods(old).map(({ object }) => object.metadata.name)
  const [last] = sorted(pods)
  if (progress.state !== 'ready' || last === undefined) return progress
  const [run, they] = pods.length === 1 ? ['runs', 'it is'] : ['run', 'they are']
  return {
    ...progress,
    remark: `${listed(pods)} ${run} an older revision until ${they} deleted (${why})`,
    // kubectl that waits can wait for ever: a StatefulSet makes a pod of the same name, before kubectl has begun to look.
    hint: kubectl(['delete', 'pod', '--wait=false', ...(pods.length > MOST_NAMED ? [last] : sorted(pods))]),
  }
}

/** `db-2, db-1, db-0`, in the order in which a StatefulSet itself would replace them. */
export function listed(pods: readonly string[]): string {
  const more = pods.length - MOST_NAMED
  const named = sorted(pods).slice(0, MOST_NAMED).join(', ')
  return more > 0 ? `${named} and ${more} more` : named
}

function sorted(pods: readonly string[]): string[] {
  return pods.toSorted((one, other) => other.localeCompare(one, 'en', { numeric: true }))
}
