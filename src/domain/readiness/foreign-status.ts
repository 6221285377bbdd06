import { isMap } from '../config/path.ts'
import type { KubeObject } from '../kube.ts'
import { conditionsShape, type Condition } from './conditions.ts'
import { list, map, remembered, text } from './shape.ts'
import { statusOf } from './shapes.ts'

/** Conditions of one thing: of the resource itself, or of a part of it that its status names. */
export interface ConditionGroup {
  /** `listener https`; undefined: the resource itself. */
  readonly of?: string
  readonly conditions: readonly Condition[]
}

interface Part {
  readonly name?: string
  readonly parentRef?: { readonly name?: string }
  readonly ancestorRef?: { readonly name?: string }
  readonly conditions?: readonly Condition[]
}

interface Parts {
  readonly parents?: readonly Part[]
  readonly listeners?: readonly Part[]
  readonly ancestors?: readonly Part[]
}

const named = map<{ readonly name?: string }>({ name: text })
const parts = list(map<Part>({ name: text, parentRef: named, ancestorRef: named, conditions: conditionsShape }))
const partsOf = remembered(map<Parts>({ parents: parts, listeners: parts, ancestors: parts }), {})

/**
 * A resource's own conditions, and those that the Gateway API keeps per Gateway that a route or policy is attached to, and per
 * listener (https://gateway-api.sigs.k8s.io/reference/spec/: RouteParentStatus, ListenerStatus, PolicyAncestorStatus).
 */
export function conditionGroups(object: KubeObject): ConditionGroup[] {
  const { parents = [], listeners = [], ancestors = [] } = partsOf(object['status'])
  const { generation = 0 } = object.metadata
  const groups = [
    ...current(parents, generation).map((part) => groupFrom('parent', part.parentRef?.name, part)),
    ...listeners.map((part) => groupFrom('listener', part.name, part)),
    ...current(ancestors, generation).map((part) => groupFrom('ancestor', part.ancestorRef?.name, part)),
  ]
  return [{ conditions: statusOf(object).conditions ?? [] }, ...groups]
}

/** A Gateway that a route was taken from may leave its word there; it is past once another one speaks of this spec. */
function current(all: readonly Part[], generation: number): readonly Part[] {
  const isCurrent = ({ conditions = [] }: Part): boolean =>
    conditions.some(({ observedGeneration = 0 }) => observedGeneration >= generation)
  return all.some(isCurrent) ? all.filter(isCurrent) : all
}

function groupFrom(kind: string, name: string | undefined, { conditions = [] }: Part): ConditionGroup {
  return { of: name === undefined ? kind : `${kind} ${name}`, conditions }
}

/** No controller has written anything: no status, or the empty one that the API server puts there. */
export function saysNothing(object: KubeObject): boolean {
  return isEmpty(object['status'])
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return isMap(value) && Object.values(value).every(isEmpty)
}

/** Fields in which operators without conditions say in one word how a resource is (`health`: Elastic's). */
const WORDS = ['phase', 'state', 'PostgresClusterStatus', 'health']

/** What they write while it is not as it should be. */
const OPEN_WORDS = new Set(
  'pending creating provisioning initializing initialising init deploying installing starting updating upgrading scaling progressing reconciling applyingchanges applying migrating migratingdata notready unready unhealthy degraded unknown terminating deleting stalled failure error invalid red new inprogress queued finalizing failedvalidation'.split(
    ' ',
  ),
)

/** That word, with whether it is one for "not there (yet)". */
export function wordOf(object: KubeObject): { readonly text: string; readonly isOpen: boolean } | undefined {
  const status = object['status']
  if (!isMap(status)) return undefined
  const found = WORDS.map((field) => status[field]).find((one) => typeof one === 'string' && one !== '')
  if (typeof found !== 'string') return undefined
  const word = found.toLowerCase().replace(/[\s_-]/gu, '')
  return { text: found, isOpen: OPEN_WORDS.has(word) || word.endsWith('failed') }
}
