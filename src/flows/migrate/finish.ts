import { stateScope } from '../../domain/state-scope.ts'
import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { counted } from '../../screen/counted.ts'
import { ForgeError } from '../../errors.ts'
import { forge, kubectl } from '../../hint.ts'
import type { Writer } from '../apply/write-session.ts'
import { readLive } from '../observe/live.ts'
import type { Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { finishLegacy } from '../legacy/finish.ts'

/**
 * All is ready: what was taken over is proven to be what it was, what only the old stack had is deleted, and its tool leaves no
 * claim to what is helm's now; so it is for an earlier migration that was cut off before this. What was done, in clauses.
 */
export async function finishMigration(context: Followed, { ports, session }: Writer): Promise<string[]> {
  const { cluster, migration, number, options, project } = context
  const { clock, codec, signal } = ports
  await requireSame(context, ports)
  const { record } = session
  const confirm = async (): Promise<void> => await session.confirm()
  const onChanged = (object: KubeObject): void => {
    throw changedSince(object, context)
  }
  const limitMs = options.timeoutMs
  const request = { cluster, clock, codec, record, confirm, onChanged, limitMs, ...stateScope(project) }
  let retired = 0
  for (const deploy of [...(migration?.unfinished ?? []), number])
    retired += await finishLegacy({ ...request, deploy }, signal)
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
