import { keyOf, nameOf, refOf, type KubeObject } from '../../domain/kube.ts'
import { isAwake, notAtRest } from '../../domain/pause/at-rest.ts'
import { memoryOf, PAUSE_MANAGER } from '../../domain/pause/memory.ts'
import type { PlannedTier } from '../../domain/pause/plan.ts'
import { replicasOf, rests } from '../../domain/pause/way.ts'
import { ForgeError } from '../../errors.ts'
import { forge, kubectl } from '../../hint.ts'
import { duration } from '../../domain/readiness/failure.ts'
import type { Clock } from '../../ports.ts'
import type { Connection } from '../phases/ports.ts'

export interface RestPorts {
  readonly cluster: Pick<Connection, 'watch' | 'get'>
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly namespace: string
  readonly flags: readonly string[]
  /** What is still waited for, by the object's name. */
  readonly tell: (waits: readonly { readonly name: string; readonly why: string }[]) => void
}

/**
 * Until the pods of a tier are gone, by a watch. Throws E_PAUSE_UNDONE at once where somebody wakes one of them again, and
 * E_PAUSE_TIMEOUT.
 */
export async function untilAtRest(tier: PlannedTier, ports: RestPorts): Promise<void> {
  const rested = new Set<string>()
  await untilAll(tier, ports, async (object, pods) => {
    const key = keyOf(object)
    if (rests(object)) rested.add(key)
    else if (rested.has(key)) throw await undone(object, ports)
    return notAtRest(object, pods)
  })
}

/** Until the operators of a tier's databases have woken them: what their status says before that is of before they slept. */
export async function untilAwake(tier: PlannedTier, ports: RestPorts): Promise<void> {
  const sleepers = tier.steps.filter(({ way }) => way === 'hibernate')
  if (sleepers.length === 0) return
  await untilAll({ ...tier, steps: sleepers }, ports, (object) =>
    isAwake(object) ? undefined : 'its operator has not woken it',
  )
}

type Wait = (object: KubeObject, pods: readonly KubeObject[]) => Promise<string | undefined> | string | undefined

async function untilAll(tier: PlannedTier, ports: RestPorts, waitOf: Wait): Promise<void> {
  const { clock, cluster, namespace } = ports
  const over = new AbortController()
  const signal = AbortSignal.any([ports.signal, over.signal])
  const wanted = new Map(tier.steps.map(({ ref, name }) => [keyOf(ref), name]))
  const spaces = [...new Set(tier.steps.map(({ ref }) => ref.namespace ?? namespace))]
  const own = tier.steps.map(({ ref: { apiVersion, kind, namespace: place = namespace } }) => ({
    apiVersion,
    kind,
    namespace: place,
  }))
  const kinds = [
    ...new Map(own.map((kind) => [JSON.stringify(kind), kind])).values(),
    ...spaces.map((place) => ({ apiVersion: 'v1', kind: 'Pod', namespace: place })),
  ]
  const known = new Map<string, KubeObject>()
  let waits: readonly { readonly name: string; readonly why: string }[] = []
  const late = clock.after(tier.timeoutMs, signal).then(
    () => over.abort('late'),
    () => undefined,
  )
  try {
    for await (const { events, initial } of cluster.watch(kinds, namespace, signal)) {
      if (initial) known.clear()
      for (const { type, object } of events) {
        if (type === 'set') known.set(keyOf(object), object)
        else known.delete(keyOf(object))
      }
      const all = [...known.values()]
      const pods = all.filter(({ kind }) => kind === 'Pod')
      const found: { name: string; why: string }[] = []
      for (const object of all.filter((one) => wanted.has(keyOf(one)))) {
        const why = await waitOf(object, pods)
        if (why !== undefined) found.push({ name: wanted.get(keyOf(object)) ?? '', why })
      }
      waits = found
      ports.tell(waits)
      if (waits.length === 0) return
    }
  } finally {
    over.abort()
    await late
  }
  ports.signal.throwIfAborted()
  throw timedOut(tier, waits, ports)
}

function timedOut(
  { name: stage, timeoutMs, steps }: PlannedTier,
  waits: readonly { readonly name: string; readonly why: string }[],
  { namespace, flags }: RestPorts,
): ForgeError {
  const [first = { name: stage, why: 'nothing is known' }] = waits
  const step = steps.find(({ name }) => name === first.name)
  return new ForgeError(
    'E_PAUSE_TIMEOUT',
    `${first.name} is not where it was to be: ${first.why} (${stage} waited ${duration(timeoutMs)})`,
    {
      hint:
        step === undefined
          ? forge('status', ...flags)
          : kubectl(['describe', step.ref.kind.toLowerCase(), step.ref.name], step.ref.namespace ?? namespace),
      where: step === undefined ? stage : nameOf(step.ref),
      problems: waits.map(({ name, why }) => ({ message: `${name}: ${why}` })),
    },
  )
}

/** Who it was stands in managedFields, which a watch leaves out. */
async function undone(object: KubeObject, { cluster, signal, namespace }: RestPorts): Promise<ForgeError> {
  const now = (await cluster.get(refOf(object), signal)) ?? object
  const others = (now.metadata.managedFields ?? []).filter(
    ({ manager, subresource, operation }) =>
      manager !== PAUSE_MANAGER && subresource !== 'status' && operation !== undefined,
  )
  const writer = others
    .filter(({ fieldsV1 }) => /"f:(?:replicas|suspend|cnpg.io\/hibernation)"/u.test(JSON.stringify(fieldsV1 ?? {})))
    .toSorted((one, other) => (other.time ?? '').localeCompare(one.time ?? ''))[0]
  const memory = memoryOf(now)
  const what = memory?.replicas === undefined ? 'woken' : `scaled to ${replicasOf(now)}`
  const by = writer?.manager === undefined ? 'somebody' : writer.manager
  return new ForgeError('E_PAUSE_UNDONE', `${nameOf(object)} was ${what} again by ${by} while it was being paused`, {
    hint: kubectl(
      ['get', object.kind.toLowerCase(), object.metadata.name, '-o', 'yaml', '--show-managed-fields'],
      object.metadata.namespace ?? namespace,
    ),
    where: nameOf(object),
  })
}
