import { keyOf, type KubeObject } from '../kube.ts'
import type { Expectation } from './model.ts'
import { generationMark } from './marks.ts'
import { crashesOf } from './rules/crash.ts'
import { containerStatusesOf, isSidecar, isTerminating, podStatusOf, restartsOf } from './shapes.ts'
import type { Symptom } from './symptom.ts'
import type { ObservedObject, IndexedObjectCache } from './object-cache.ts'

/** Why nothing is ready yet, whatever its status says. */
export const HELM_RUNS = 'helm is still running'

interface Before {
  readonly generation: number
  readonly restarts: number
  readonly crashes: ReadonlyMap<string, number>
}

/**
 * What belongs to this deploy (docs/design.md, "Waiting"): nothing is ready before helm has exited and its writes are seen; a
 * failure counts as soon as helm has written the object; what was wrong before helm started counts only if it repeats.
 */
export class Baseline {
  private readonly isUsed: boolean
  private before: Map<string, Before> | undefined
  private isOfOthers = false
  private seq = -1
  private expected: ReadonlyMap<string, Expectation> | undefined

  constructor(isUsed: boolean) {
    this.isUsed = isUsed
  }

  /** Undefined: there was nothing, all that is found came since. */
  take(cache: IndexedObjectCache | undefined): void {
    this.isOfOthers = cache === undefined
    this.seq = cache?.seq ?? this.seq
    this.before = new Map([...(cache?.all() ?? [])].map((entry) => [entry.uid, remember(entry)]))
  }

  /**
   * forge itself is about to mark these objects, by uid, which says nothing of what they are and may raise their generation (of
   * a Deployment, by its annotations). Until that is told no change of them counts as helm's.
   */
  marking(uids: readonly string[]): void {
    this.raise(uids.map((uid) => [uid, Number.POSITIVE_INFINITY]))
  }

  marked(objects: readonly KubeObject[]): void {
    this.raise(objects.map(({ metadata: { uid = '', generation = 0 } }) => [uid, generation]))
  }

  private raise(generations: readonly (readonly [uid: string, generation: number])[]): void {
    for (const [uid, generation] of generations) {
      const known = this.before?.get(uid)
      if (known !== undefined) this.before?.set(uid, { ...known, generation })
    }
  }

  written(expectations: readonly Expectation[]): void {
    this.expected = new Map([...(this.expected ?? []), ...expectations.map((one) => [keyOf(one.ref), one] as const)])
  }

  /** Helm is done (or was never to run). */
  get helmHasEnded(): boolean {
    return !this.isUsed || this.expected !== undefined
  }

  /** True when the object is as this deploy wants it, so that what goes wrong with it is this deploy's. */
  countsFailures(entry: ObservedObject): boolean {
    if (this.helmHasEnded) return this.obstacle(entry) === undefined
    if (this.before === undefined) return false
    // A deletion raises the generation, too: what helm takes away (the hook of the deploy before) has failed for that one.
    return this.isNew(entry) || (this.hasGrown(entry) && !isTerminating(entry.object))
  }

  /** Why the object cannot be called ready yet, whatever its status says. */
  obstacle(entry: ObservedObject): string | undefined {
    if (!this.isUsed) return undefined
    if (this.expected === undefined) return HELM_RUNS
    const expectation = this.expected.get(entry.key)
    if (expectation === undefined) return undefined
    const isMeant = expectation.uid === undefined ? this.isNew(entry) : expectation.uid === entry.uid
    if (!isMeant) return 'not the object that helm wrote'
    return generationOf(entry) < expectation.generation ? 'what helm wrote is not seen yet' : undefined
  }

  /** Helm has left it, so it was there. */
  expects(key: string): boolean {
    return this.expected?.get(key)?.uid !== undefined
  }

  isFresh({ seq }: Pick<Symptom, 'seq'>): boolean {
    return seq > this.seq
  }

  /** Its spec was changed since the baseline; where others have written before it, since it was made, as far as that is known. */
  hasGrown(entry: ObservedObject): boolean {
    const known = this.before?.get(entry.uid)
    if (known !== undefined) return generationOf(entry) > known.generation
    return this.isOfOthers && (entry.marks.get(generationMark(entry.object))?.at ?? entry.bornAt) > entry.bornAt
  }

  isNew({ uid }: ObservedObject): boolean {
    return this.before !== undefined && !this.before.has(uid)
  }

  crashesBefore(pod: ObservedObject, container: string): number {
    return this.before?.get(pod.uid)?.crashes.get(container) ?? 0
  }

  restartsSince(pod: ObservedObject): number {
    return restartsOf(pod.object) - (this.before?.get(pod.uid)?.restarts ?? 0)
  }
}

const NO_CRASHES: ReadonlyMap<string, number> = new Map()

function remember(entry: ObservedObject): Before {
  const { object } = entry
  if (object.kind !== 'Pod') return { generation: generationOf(entry), restarts: 0, crashes: NO_CRASHES }
  const inits = new Set(podStatusOf(object).initContainerStatuses?.map(({ name }) => name))
  const crashes = containerStatusesOf(object).map((status) => {
    return [status.name, crashesOf(status, inits.has(status.name) && !isSidecar(object, status.name))] as const
  })
  return { generation: generationOf(entry), restarts: restartsOf(object), crashes: new Map(crashes) }
}

function generationOf({ object }: ObservedObject): number {
  return object.metadata.generation ?? 0
}
