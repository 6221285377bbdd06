import { HIBERNATION } from '../../domain/operators/hold.ts'
import type { PlainMap } from '../../domain/config/path.ts'
import { nameOf, refOf, type KubeObject } from '../../domain/kube.ts'
import { memoryOf, memoryText, PAUSED, PAUSE_MANAGER, type PauseMemory } from '../../domain/pause/memory.ts'
import type { PauseStep } from '../../domain/pause/plan.ts'
import { replicasOf, rests } from '../../domain/pause/way.ts'
import { ForgeError } from '../../errors.ts'
import { again } from '../../hint.ts'
import type { Connection } from '../phases/ports.ts'

type Cluster = Pick<Connection, 'get' | 'adjust'>

/** Its controller writes its status all the time: each refusal is followed by a fresh read. */
const CONFLICTS = 10

/**
 * Brings one object to rest. First what it was is written on it, then the rest is asked for: whoever is killed between the two
 * has lost nothing, and goes on from there.
 */
export async function bringToRest(
  { live, way }: PauseStep,
  memory: Omit<PauseMemory, 'replicas'>,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  const noted = await changed(live, cluster, signal, async (now) => {
    if (memoryOf(now) !== undefined) return now
    const text = memoryText({ ...memory, ...(way === 'scale' ? { replicas: replicasOf(now) } : {}) })
    return await cluster.adjust(now, { metadata: { annotations: { [PAUSED]: text } } }, signal)
  })
  if (noted === undefined) return
  await changed(noted, cluster, signal, async (now) => {
    if (rests(now)) return now
    if (way === 'scale') return await cluster.adjust(now, { spec: { replicas: 0 } }, signal, 'scale')
    return await cluster.adjust(now, AT_REST[way], signal)
  })
}

const AT_REST: Readonly<Record<'suspend' | 'hibernate', PlainMap>> = {
  suspend: { spec: { suspend: true } },
  hibernate: { metadata: { annotations: { [HIBERNATION]: 'on' } } },
}

/** Wakes one object: its count, or what held it, as it was. What it was stays written on it until `forget`. */
export async function wake({ live, way, to }: PauseStep, cluster: Cluster, signal: AbortSignal): Promise<void> {
  await changed(live, cluster, signal, async (now) => {
    if (!rests(now)) return now
    if (way === 'scale') return await cluster.adjust(now, { spec: { replicas: to ?? 1 } }, signal, 'scale')
    return await cluster.adjust(
      now,
      // Off and not away: what a chart states itself stays stated.
      way === 'hibernate' ? { metadata: { annotations: { [HIBERNATION]: 'off' } } } : { spec: { suspend: false } },
      signal,
    )
  })
}

/**
 * Takes the mark off, and what managedFields say of the pause: else a helm that applies on the server would call the count
 * somebody else's once the chart changes it. In one write: who is killed after the first of two would not know of the second.
 */
export async function forget({ live }: PauseStep, cluster: Cluster, signal: AbortSignal): Promise<void> {
  await changed(live, cluster, signal, async (now) => {
    const fields = now.metadata.managedFields ?? []
    const others = fields.filter(({ manager }) => manager !== PAUSE_MANAGER)
    const isOurs = others.length < fields.length && others.length > 0
    if (memoryOf(now) === undefined && !isOurs) return now
    const metadata = { annotations: { [PAUSED]: null }, ...(isOurs ? { managedFields: others } : {}) }
    return await cluster.adjust(now, { metadata }, signal)
  })
}

/** Undefined: it is gone. */
async function changed(
  object: KubeObject,
  cluster: Cluster,
  signal: AbortSignal,
  change: (now: KubeObject) => Promise<KubeObject | undefined>,
): Promise<KubeObject | undefined> {
  for (let conflicts = 0; conflicts < CONFLICTS; conflicts++) {
    const now = await cluster.get(refOf(object), signal)
    if (now === undefined) return undefined
    if ((await change(now)) !== undefined) return now
  }
  throw new ForgeError('E_API_CONFLICT', `${nameOf(object)} is written by somebody else again and again`, {
    hint: again(),
    where: nameOf(object),
  })
}
