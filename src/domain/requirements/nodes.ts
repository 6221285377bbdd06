import { allocatableOf, isAutoscaled, isOpen, showRoom, type Room } from '../access/capacity.ts'
import { isResting } from '../access/placement.ts'
import { suggestion } from '../config/nearest.ts'
import type { Requirements } from '../config/requirements.ts'
import type { KubeObject } from '../kube.ts'
import { selects } from '../selector.ts'

/** How nodes do not do, in a clause; or why nobody can say. Neither: they do. */
export interface NodesJudged {
  readonly lack?: string
  readonly doubt?: string
}

/**
 * Whether the nodes with these labels offer so much together, whatever runs there. Nodes that an autoscaler may add, that take no
 * pods for now, or that do not say yet what they have leave it open. `nodes` undefined: they may not be listed.
 */
export function lackingNodes(
  { selector, cpu = 0, memory = 0 }: Requirements['nodes'][number],
  nodes: readonly KubeObject[] | undefined,
): NodesJudged {
  if (nodes === undefined) return { doubt: 'you may not list nodes' }
  const pool = nodes.filter(({ metadata: { labels = {} } }) => selects({ matchLabels: selector }, labels))
  const growing = pool.length === 0 ? nodes.some(isAutoscaled) : pool.some(isOpen)
  const needs = { cpu, memory }
  const short = shortOf(needs, pool)
  if (short !== undefined)
    return growing ? { doubt: `more may come: they ${short}` } : { lack: `${short}${nearest(selector, pool, nodes)}` }
  const usable = pool.filter((node) => !isResting(node))
  const now = shortOf(needs, usable)
  if (now === undefined) return {}
  const resting = pool.length - usable.length
  return {
    doubt: `${resting} of ${pool.length} ${resting === 1 ? 'takes' : 'take'} no pods for now: the others ${now}`,
  }
}

function shortOf(needs: Room, pool: readonly KubeObject[]): string | undefined {
  if (pool.length === 0) return 'are not there'
  const rooms = pool.map(allocatableOf)
  const offers = rooms.reduce((sum, { cpu, memory }) => ({ cpu: sum.cpu + cpu, memory: sum.memory + memory }))
  if (needs.cpu <= offers.cpu * (1 + 1e-9) && needs.memory <= offers.memory) return undefined
  const who = pool.length === 1 ? '1 node' : `${pool.length} nodes`
  return `offer ${showRoom(offers)} together (${who}), and ${showRoom(needs)} are needed`
}

function nearest(selector: Readonly<Record<string, string>>, pool: readonly KubeObject[], all: readonly KubeObject[]) {
  const [wanted, ...more] = Object.entries(selector).map(([key, value]) => `${key}=${value}`)
  if (pool.length > 0 || wanted === undefined || more.length > 0) return ''
  const known = all.flatMap(({ metadata }) =>
    Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`),
  )
  return suggestion(wanted, [...new Set(known)])
}
