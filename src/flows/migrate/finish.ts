import { withoutTool } from '../../domain/migrate/adopted.ts'
import type { LegacyState } from '../../domain/migrate/model.ts'
import { keyOf, nameOf, refOf, type KubeObject } from '../../domain/kube.ts'
import { counted } from '../../screen/counted.ts'
import { ForgeError } from '../../errors.ts'
import { forge, kubectl } from '../../hint.ts'
import type { Writer, WriteSession } from '../apply/write-session.ts'
import { readLive } from '../observe/live.ts'
import { GONE_WITHIN_MS, requireGone } from '../observe/until-gone.ts'
import type { Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { editObject } from '../legacy/edit.ts'
import { findState } from '../legacy/state.ts'
import { setPolicies } from '../legacy/volumes.ts'

/**
 * All is ready: what was taken over is proven to be what it was, what only the old stack had is deleted, and its tool leaves no
 * claim to what is helm's now. What was done, in clauses.
 */
export async function finishMigration(context: Followed, { ports, session }: Writer): Promise<string[]> {
  await requireSame(context, ports)
  const retired = await retire(context, ports, session)
  await takeToolsOff(context, ports, session)
  await freeVolumes(context, ports, session)
  return retired === 0 ? [] : [`${counted(retired, 'object')} of the old stack retired`]
}

/** What was adopted in place is the very object that it was, volumes of claims included. Throws E_MIGRATE_REMADE. */
async function requireSame(context: Followed, { signal }: DeployPorts): Promise<void> {
  const live = await readLive(context, { signal })
  const replaced = new Set(
    context.releases.flatMap(({ plans }) =>
      plans.flatMap(({ action, ref }) => (action === 'replace' ? [keyOf(ref)] : [])),
    ),
  )
  const odd = (context.migration?.adopted ?? []).filter((before) => {
    const now = live.get(keyOf(before))
    if (replaced.has(keyOf(before))) return false
    return now?.metadata.uid !== before.metadata.uid || volumeOf(now) !== volumeOf(before)
  })
  const [first] = odd
  if (first === undefined) return
  throw new ForgeError(
    'E_MIGRATE_REMADE',
    `${nameOf(first)} is not the object any more that it was before the migration`,
    {
      hint: kubectl(
        ['get', 'events', '--field-selector', `involvedObject.name=${first.metadata.name}`],
        first.metadata.namespace,
      ),
      where: nameOf(first),
      problems: odd.map((object) => ({ message: `${nameOf(object)} had uid ${object.metadata.uid ?? '?'}` })),
    },
  )
}

function volumeOf(object: KubeObject | undefined): string | undefined {
  return object?.kind === 'PersistentVolumeClaim'
    ? (object['spec'] as { volumeName?: string } | undefined)?.volumeName
    : undefined
}

/** Each as it was seen when this was planned, and not one that somebody has changed since. */
async function retire(context: Followed, { clock, signal }: DeployPorts, session: WriteSession): Promise<number> {
  const { cluster, migration, options } = context
  const all = migration?.retired ?? []
  for (const object of all) {
    const { uid = '' } = object.metadata
    await session.confirm()
    await session.record.step({ op: 'retire', kind: object.kind, name: object.metadata.name }, 'running')
    const live = await cluster.get(refOf(object), signal)
    if (live !== undefined && live.metadata.uid === uid) {
      if (live.metadata.generation !== object.metadata.generation) throw changedSince(object, context)
      await cluster.delete(refOf(object), { uid, propagation: 'Background' }, signal)
    }
    await session.record.step({ op: 'retire', kind: object.kind, name: object.metadata.name }, 'done')
  }
  const limitMs = options.timeoutMs ?? GONE_WITHIN_MS
  if (all.length > 0) await requireGone({ objects: all, cluster, limitMs }, { clock, signal })
  return all.length
}

function changedSince(object: KubeObject, { project: { environment } }: Followed): ForgeError {
  return new ForgeError(
    'E_PLAN_STALE',
    `${nameOf(object)} was changed while the stack was migrated, so it is not retired`,
    {
      hint: forge('migrate-to-helm', '--env', environment.name),
      where: nameOf(object),
      exit: 4,
    },
  )
}

/** A later `kubectl apply` by habit shows as somebody's change from here on. */
async function takeToolsOff(
  { cluster, migration }: Followed,
  { signal }: DeployPorts,
  session: WriteSession,
): Promise<void> {
  for (const object of migration?.adopted ?? []) {
    await session.confirm()
    await editObject(object, withoutTool, cluster, signal)
  }
}

async function freeVolumes(context: Followed, { codec, signal }: DeployPorts, session: WriteSession): Promise<void> {
  const { cluster, project } = context
  const scope = { cluster, codec, project: project.name, namespace: project.environment.namespace }
  const state: LegacyState | undefined = await findState(scope, signal)
  await setPolicies(state?.volumes ?? {}, cluster, async () => await session.confirm(), signal)
}
