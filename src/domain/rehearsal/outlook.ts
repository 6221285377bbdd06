import { isMap } from '../config/path.ts'
import { keyOf, refOf, type KindRef, type KubeObject } from '../kube.ts'
import type { ObjectPlan } from '../plan/model.ts'
import { saysNothing } from '../readiness/foreign-status.ts'
import { createJudge } from '../readiness/judge.ts'
import { createObjectCache } from '../readiness/object-cache.ts'
import { isPodReady, specOf } from '../readiness/shapes.ts'
import { failingAmong } from './failing.ts'
import { isCustom } from './kinds.ts'
import { isPooler, ofPooler } from './poolers.ts'
import { readyStatus } from './statuses.ts'

/** How custom resources and workloads stand in the environment, and what a rehearsal takes of that. */
export interface Outlook {
  /** All that was given, and of those in `open` what counts as ready in the place of what is said there. */
  readonly objects: readonly KubeObject[]
  /** Not ready, and tonight's deploy may mend them: it changes them, or something that they name. */
  readonly open: readonly KubeObject[]
  /** Not ready, and nothing tonight changes that: keys. */
  readonly stuck: ReadonlySet<string>
  /** Workloads among these, each with how its pods fail. */
  readonly failing: ReadonlyMap<string, string>
}

export interface Doing {
  readonly plans: readonly Pick<ObjectPlan, 'ref' | 'action' | 'changes'>[]
  /** Secrets that forge itself writes, in the environment's namespace. */
  readonly secrets: readonly { readonly name: string; readonly action: string }[]
  /** Of all namespaces, as far as they may be seen. */
  readonly pods: readonly KubeObject[]
  /** When these were read: milliseconds since 1970. */
  readonly now: number
  /** Nobody acts on that kind: what is said of it there stays. */
  readonly isIdle: (kind: KindRef) => boolean
}

/** `objects`: what stands in the environment. */
export function outlookOn(objects: readonly KubeObject[], doing: Doing): Outlook {
  const failing = failingAmong(objects, doing.pods, doing.now)
  const broken = objects.filter(
    (one) => failing.has(keyOf(one)) || (isCustom(one) && !doing.isIdle(one) && !isReady(one, doing.pods)),
  )
  const touched = touchedBy(doing)
  const open = new Map<string, KubeObject>()
  // What is taken for mended may mend what names it.
  for (let before = -1; before !== open.size;) {
    before = open.size
    for (const one of broken)
      if (touched.has(keyOf(one)) || namesOneOf(one, touched)) {
        open.set(keyOf(one), one)
        touched.set(keyOf(one), one.metadata)
      }
  }
  return {
    objects: objects.map((one) =>
      open.has(keyOf(one)) && isCustom(one) ? { ...one, status: readyStatus(one, bornAt(one)) } : one,
    ),
    open: [...open.values()],
    stuck: new Set(broken.map(keyOf).filter((key) => !open.has(key))),
    failing: new Map([...failing].filter(([key]) => !open.has(key))),
  }
}

/** A status has times; this one is made up, and as old as the object. */
function bornAt({ metadata: { creationTimestamp } }: KubeObject): string {
  return creationTimestamp ?? new Date(0).toISOString()
}

/** By forge's own judge, as `forge status` asks it; one of which nobody says anything is as it is. */
function isReady(object: KubeObject, pods: readonly KubeObject[]): boolean {
  if (isPooler(object)) return hasPods(object, pods)
  if (saysNothing(object)) return true
  const cache = createObjectCache()
  cache.apply([{ type: 'set', object }], 0)
  const { namespace = '' } = object.metadata
  const judge = createJudge({ cache, namespace, options: { sinceBaseline: false } })
  const { state } = judge.verdict(refOf(object), 0)
  // What somebody holds is meant so.
  return state === 'ready' || state === 'paused'
}

/** Where nobody may look at pods they are taken to run. */
function hasPods(pooler: KubeObject, pods: readonly KubeObject[]): boolean {
  const { instances = 1 } = specOf(pooler)
  return pods.length === 0 || pods.filter((pod) => ofPooler(pooler, pod) && isPodReady(pod)).length >= instances
}

interface Place {
  readonly name: string
  readonly namespace?: string
}

/** By key: what will be otherwise, and not only its labels or annotations. */
function touchedBy({ plans, secrets }: Doing): Map<string, Place> {
  const changed = plans.filter(
    ({ action, changes }) =>
      action === 'create' || action === 'replace' || changes.some(({ path }) => !path.startsWith('metadata.')),
  )
  return new Map([
    ...changed.map(({ ref }): [string, Place] => [keyOf(ref), ref]),
    ...secrets.flatMap(({ name, action }): [string, Place][] =>
      action === 'unchanged' || action === 'keep' ? [] : [[`Secret ${name}`, { name }]],
    ),
  ])
}

/** One of its fields that end with "name" (`issuerRef.name`, `secretName`) says so; across namespaces where the other has none. */
function namesOneOf(object: KubeObject, touched: ReadonlyMap<string, Place>): boolean {
  const names = new Set(namesIn(object['spec'], ''))
  const { namespace: home } = object.metadata
  return [...touched].some(
    ([key, { name, namespace = home }]) => key !== keyOf(object) && namespace === home && names.has(name),
  )
}

function namesIn(value: unknown, field: string): string[] {
  if (typeof value === 'string') return /(?:^n|N)ame$/u.test(field) ? [value] : []
  if (Array.isArray(value)) return value.flatMap((one) => namesIn(one, field))
  return isMap(value) ? Object.entries(value).flatMap(([name, inner]) => namesIn(inner, name)) : []
}
