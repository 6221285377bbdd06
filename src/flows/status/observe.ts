import type { KubeObject } from '../../domain/kube.ts'
import { createJudge } from '../../domain/readiness/judge.ts'
import { watchedKinds } from '../../domain/readiness/kinds.ts'
import type { Judge, WatchedKind, ObjectCache } from '../../domain/readiness/model.ts'
import { createObjectCache } from '../../domain/readiness/object-cache.ts'
import type { WorkloadStatus } from '../../domain/status/model.ts'
import { ForgeError } from '../../errors.ts'
import type { Clock, ClusterReader } from '../../ports.ts'
import type { Actors } from '../observe/actors.ts'
import { tellAged } from '../observe/past.ts'
import { seenStages } from '../observe/hidden.ts'
import type { Subject } from './subject.ts'

export interface Observation {
  readonly cache: ObjectCache
  readonly judge: Judge
  /** What was last said of each workload, by its key; kept until something below it changes. */
  readonly rows: Map<string, WorkloadStatus>
}

export interface Observer {
  readonly actors: Actors
  readonly namespace: string
  readonly clock: Clock
}

/** The judge of a deploy, told that nothing is being written: it takes what there is. */
export function observation({ stages }: Subject, { namespace, actors }: Observer): Observation {
  const cache = createObjectCache()
  const judge = createJudge({ cache, namespace, options: { sinceBaseline: false, actorOf: actors.of } })
  for (const { targets, rules } of stages) judge.watch(targets, rules)
  return { cache, judge, rows: new Map() }
}

export function tellPast(objects: readonly KubeObject[], { cache }: Observation, { clock }: Observer): void {
  tellAged(objects, cache, { at: clock.monotonic(), now: clock.now() })
}

/** Kinds that the judge reads, and what more is asked for. */
export function kindsOf({ stages, hidden }: Subject, namespace: string): readonly WatchedKind[] {
  return watchedKinds(
    seenStages(stages, hidden).flatMap(({ targets }) => targets),
    namespace,
  )
}

/** One list per kind and namespace. A kind that may be left out, and cannot be read, explains nothing then. */
export async function listAll(
  cluster: Pick<ClusterReader, 'list'>,
  kinds: readonly WatchedKind[],
  namespace: string,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const lists = await Promise.all(
    kinds.map(async ({ apiVersion, kind, fieldSelector, optional, namespace: own = namespace }) => {
      const options = { namespace: own, ...(fieldSelector === undefined ? {} : { fieldSelector }) }
      try {
        return await cluster.list({ apiVersion, kind }, options, signal)
      } catch (error) {
        if (optional === true && error instanceof ForgeError && TOLERATED.includes(error.code)) return []
        throw error
      }
    }),
  )
  return lists.flat()
}

const TOLERATED = ['E_FORBIDDEN', 'E_KIND_UNKNOWN', 'E_API_NOT_FOUND']
