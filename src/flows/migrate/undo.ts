import type { JournalEntry } from '../../domain/journal/model.ts'
import type { MigrationRow } from '../../domain/migrate/model.ts'
import { beforeHelm, standingMigration, type Standing } from '../../domain/migrate/undo.ts'
import { refOf, type KubeObject } from '../../domain/kube.ts'
import type { PlanDocument } from '../../domain/plan/document.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { Writer } from '../apply/write-session.ts'
import type { Writing } from '../deploy/carry-out.ts'
import { findState } from '../legacy/state.ts'
import { handBack } from '../legacy/hand-back.ts'
import { lendRetired, lendWorkloads } from '../legacy/retired.ts'
import type { Followed } from '../phases/applied.ts'
import { HANDING_BACK } from '../phases/policy.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { recovered } from '../recovery/recover-scope.ts'
import { goBack, type Found, type RollbackEnd, type RollbackRequest } from '../rollback/rollback.ts'
import { legacyOf } from '../restore/hand-back-stack.ts'
import { RETURNING } from '../rollback/return.ts'
import { openScope } from '../state/scope.ts'
import { proveLent } from './prove-lent.ts'

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
  const found = await openScope(request.scope, ports)
  const scope = await recovered(found, request.dryRun, ports)
  const { cluster } = scope.connected
  const { project, namespace, journal, flags } = scope
  const way = {
    scope,
    again: forge('migrate-to-helm', '--undo', ...flags),
    command: 'migrate-to-helm',
    act: HANDING_BACK,
    isMore: true,
  }
  const standing = standingMigration(journal.entries, journal.live)
  if (standing === undefined) {
    const [cut] = standingMigration(found.journal.entries, found.journal.live)?.migrations ?? []
    if (cut === undefined) throw nothingToUndo(scope)
    // Putting right what was cut off has given the old stack back.
    const target = beforeHelm(cut, cut)
    return await goBack({ ...way, target, writing: undoing([]), isDone: true }, ports, request, show)
  }
  const deploys = standing.migrations.map(({ number }) => number)
  const kept = { cluster, codec: ports.codec, project, namespace }
  const states = await Promise.all(deploys.map(async (deploy) => await findState({ ...kept, deploy }, ports.signal)))
  const releases = states.flatMap((state) => state?.releases ?? [])
  if (releases.length === 0) throw nothingToUndo(scope)
  if (standing.later.length > 0) throw builtOn(standing, scope)
  const target = beforeHelm(standing.migrations[0], { releases })
  const beside = states
    .flatMap((state) => state?.retired ?? [])
    .map((object): MigrationRow => {
      return { ref: refOf(object), action: 'create', because: 'only the old stack had it' }
    })
  return await goBack({ ...way, target, writing: undoing(deploys), beside }, ports, request, show)
}

/**
 * All is ready as it was: what is helm's goes last, that of the newest migration first. From there on nothing leads back to helm
 * any more: Ctrl-C lets it come to its end, which takes a moment, and what cuts it off leaves the rest to `forge recover`.
 */
function undoing(deploys: readonly number[]): Writing {
  return {
    ...RETURNING,
    name: 'undo',
    write: async (context, writer) => {
      const { ports, session } = writer
      const { signal } = ports
      for (const deploy of deploys) await lendRetired(legacyOf(deploy, context, ports, session, signal), signal)
      return await RETURNING.write(context, writer)
    },
    prove: async (context, writer) => {
      const proven = (await RETURNING.prove?.(context, writer)) ?? []
      const { ports, session } = writer
      const { signal } = ports
      const alone: KubeObject[] = []
      for (const deploy of deploys)
        alone.push(...(await lendWorkloads(legacyOf(deploy, context, ports, session, signal), signal)))
      const again = await proveLent(alone, context, writer)
      for (const deploy of deploys.toReversed()) await handOver(deploy, context, writer)
      return [...proven, ...again]
    },
    state: 'uninstalled',
  }
}

async function handOver(deploy: number, context: Followed, writer: Writer): Promise<void> {
  const { ports, session } = writer
  const signal = AbortSignal.any([ports.leave, session.signal])
  await handBack({ ...legacyOf(deploy, context, ports, session, signal), record: session.record }, signal)
}

function nothingToUndo({ environment, flags }: Found): ForgeError {
  return new ForgeError('E_MIGRATE_NONE', `no migration of ${environment} stands, so there is none to undo`, {
    hint: forge('history', ...flags),
    where: `environment ${environment}`,
  })
}

function builtOn({ migrations, later }: Standing, { flags }: Found): ForgeError {
  const { number } = migrations.at(-1) ?? migrations[0]
  const told = later.map(({ number, changes }) => `#${number}${changes === undefined ? '' : ` (${changes})`}`)
  const message = `deploys since the migration #${migrations[0].number} stand on it, and would be lost: ${told.join(', ')}`
  return new ForgeError('E_MIGRATE_BUILT_ON', message, {
    hint: forge('rollback', String(number), ...flags),
    where: `#${number}`,
  })
}
