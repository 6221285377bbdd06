import type { JournalEntry } from '../../domain/journal/model.ts'
import { beforeHelm, standingMigration, type Standing } from '../../domain/migrate/undo.ts'
import type { PlanDocument } from '../../domain/plan/document.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { Writer } from '../apply/write-session.ts'
import type { Writing } from '../deploy/carry-out.ts'
import { findState } from '../legacy/state.ts'
import { handBack } from '../legacy/hand-back.ts'
import type { Followed } from '../phases/applied.ts'
import { HANDING_BACK } from '../phases/policy.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { recovered } from '../recovery/recover-scope.ts'
import { goBack, type Found, type RollbackEnd, type RollbackRequest } from '../rollback/rollback.ts'
import { RETURNING } from '../rollback/return.ts'
import { openScope } from '../state/scope.ts'

export type UndoRequest = Omit<RollbackRequest, 'to'>

/**
 * `forge migrate-to-helm --undo`: what ran before helm runs again, as it was, and belongs to no release. It is a rollback to the
 * revision that states it; where that fails, what helm ran comes back. Throws E_MIGRATE_NONE, E_MIGRATE_BUILT_ON.
 */
export async function undo(
  ports: DeployPorts,
  request: UndoRequest,
  show: (end: { plan: PlanDocument; target: JournalEntry }) => readonly string[],
): Promise<RollbackEnd> {
  const scope = await recovered(await openScope(request.scope, ports), request.dryRun, ports)
  const { cluster } = scope.connected
  const { project, namespace, journal, flags } = scope
  const standing = standingMigration(journal.entries, journal.live)
  const state = await findState({ cluster, codec: ports.codec, project, namespace }, ports.signal)
  if (standing === undefined || state === undefined) throw nothingToUndo(scope)
  if (standing.later.length > 0) throw builtOn(standing, scope)
  const again = forge('migrate-to-helm', '--undo', ...flags)
  const target = beforeHelm(standing.migration, state)
  const way = { scope, target, again, command: 'migrate-to-helm', act: HANDING_BACK, writing: UNDOING, isMore: true }
  return await goBack(way, ports, request, show)
}

const UNDOING: Writing = {
  ...RETURNING,
  name: 'undo',
  prove: async (context, writer) => {
    const proven = (await RETURNING.prove?.(context, writer)) ?? []
    await handOver(context, writer)
    return proven
  },
  state: 'uninstalled',
}

/** All is ready as it was: what is helm's goes last. */
async function handOver({ cluster, project }: Followed, { ports, session }: Writer): Promise<void> {
  const confirm = async (): Promise<void> => await session.confirm()
  const scope = { project: project.name, namespace: project.environment.namespace }
  await handBack({ cluster, codec: ports.codec, ...scope, confirm, record: session.record }, ports.signal)
}

function nothingToUndo({ environment, flags }: Found): ForgeError {
  return new ForgeError('E_MIGRATE_NONE', `no migration of ${environment} stands, so there is none to undo`, {
    hint: forge('history', ...flags),
    where: `environment ${environment}`,
  })
}

function builtOn({ migration, later }: Standing, { flags }: Found): ForgeError {
  const told = later.map(({ number, changes }) => `#${number}${changes === undefined ? '' : ` (${changes})`}`)
  const message = `deploys since the migration #${migration.number} stand on it, and would be lost: ${told.join(', ')}`
  return new ForgeError('E_MIGRATE_BUILT_ON', message, {
    hint: forge('rollback', String(migration.number), ...flags),
    where: `#${migration.number}`,
  })
}
