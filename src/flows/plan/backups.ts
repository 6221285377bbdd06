import type { BackupSpec } from '../../domain/config/backup.ts'
import { jobsThatRun } from '../../domain/backup/migrating.ts'
import { sourceName, type BackupStanding, type DueBackup } from '../../domain/backup/model.ts'
import { showPosition } from '../../domain/config/position.ts'
import { nameOf, type KubeObject } from '../../domain/kube.ts'
import { usedClaims } from '../../domain/manifest/claim-references.ts'
import { extended } from '../../hint.ts'
import { needed, refuse, settle, warn, type Check, type Finding } from '../phases/findings.ts'
import type { Compared, Foreseen } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { renderedObjects } from './assess.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { findSource, type FoundSource, type SourceScene } from './backup-source.ts'
import { standingOf } from './backup-standing.ts'

type Ports = Pick<DeployPorts, 'signal'>

/** A backup that nothing makes would be missed only when it is needed: E_BACKUP_SOURCE, in every deploy. */
export const checkBackupSources: Check<Compared> = async (known, { signal }) => {
  for (const spec of backupsOf(known)) {
    const looked = findSource(spec, sceneOf(known), signal)
    await unlessForbidden(looked, needed(known, `backup ${spec.name}`))
  }
  return []
}

/** No migration is run on the way back. */
function backupsOf({ project, policy }: Pick<Compared, 'project' | 'policy'>): readonly BackupSpec[] {
  return policy.act.isForward ? (project.backups ?? []) : []
}

export function sceneOf(known: Compared): SourceScene {
  const { cluster, facts, project } = known
  const others = facts.namespaces.map(({ name }) => name)
  return {
    cluster,
    namespaces: [...new Set([project.environment.namespace, ...others])],
    resources: facts.resources,
    rendered: renderedObjects(known),
  }
}

/** Of this deploy: those before whose stages a Job will run. Where none does, the cluster is asked for nothing. */
export async function dueBackups(known: Foreseen, ports: Ports): Promise<DueBackup[]> {
  if (known.unchanged) return []
  const plans = known.releases.flatMap((work) => work.plans)
  const due = backupsOf(known).flatMap((spec) => {
    const stages = known.stages
      .filter(({ name }) => spec.before.includes(name))
      .map((stage) => ({ name: stage.name, jobs: jobsThatRun(stage, plans) }))
      .filter(({ jobs }) => jobs.length > 0)
    const jobs = [...new Set(stages.flatMap((stage) => stage.jobs))]
    return stages.length === 0 ? [] : [{ spec, jobs, stages: stages.map(({ name }) => name) }]
  })
  if (known.options.skipBackup === true) {
    settle(known, due.map(skippedWarning))
    return due.map((one) => ({ ...one, standing: { state: 'skipped' } }))
  }
  return await Promise.all(due.map(async (one) => ({ ...one, standing: await standing(one.spec, known, ports) })))
}

function skippedWarning({ spec, stages }: Pick<DueBackup, 'spec' | 'stages'>): Finding {
  return warn(`stage ${stages.join(', ')} runs without backup ${spec.name} from ${sourceName(spec)} (--skip-backup)`)
}

async function standing(spec: BackupSpec, known: Foreseen, { signal }: Ports): Promise<BackupStanding> {
  let why = 'it may not be looked at'
  const noted = needed(known, `backup ${spec.name}`)
  const found = await unlessForbidden(look(spec, known, signal), (error) => {
    why = error.message
    noted(error)
  })
  return found ?? { state: 'unknown', why }
}

/** As it is now; it is asked again under the lock. */
export async function look(spec: BackupSpec, known: Foreseen, signal: AbortSignal): Promise<BackupStanding> {
  const found = await findSource(spec, sceneOf(known), signal)
  if (found.state === 'coming') return await beforeAll(spec, found, known, signal)
  const { cluster } = known
  return await standingOf(found.source, { cluster, after: lastEnd(known), signal })
}

function lastEnd({ previous }: Pick<Foreseen, 'previous'>): number | undefined {
  return previous === undefined ? undefined : Date.parse(previous.endedAt ?? previous.startedAt)
}

/**
 * What makes it comes with this deploy. Where nothing was deployed before, and no volume of before holds data, there is nothing
 * to back up; a Cluster that is not there yet has no data. Else E_BACKUP_MISSING.
 */
async function beforeAll(
  spec: BackupSpec,
  { what }: Extract<FoundSource, { state: 'coming' }>,
  known: Foreseen,
  signal: AbortSignal,
): Promise<BackupStanding> {
  const { releases, legacy, cluster, policy, options } = known
  if (spec.from.kind === 'ScheduledBackup') return { state: 'nothing', why: `${what} is not there yet` }
  const deployed = releases.find(({ before }) => before !== undefined)
  const claim = await dataOf(renderedObjects(known), cluster, sceneOf(known).namespaces, signal)
  const data =
    deployed !== undefined
      ? `release ${deployed.release.name} was deployed before`
      : legacy !== undefined
        ? 'the old stack has data'
        : claim === undefined
          ? undefined
          : `${nameOf(claim)} holds data`
  if (data === undefined) return { state: 'nothing', why: `${what} is not there yet, and nothing was deployed before` }
  const message = `${what} makes backup ${spec.name} and comes only with this deploy, which would migrate before that: ${data}`
  const details = {
    hint: extended(options.again ?? policy.again, '--skip-backup'),
    where: showPosition(spec.at),
    chain: [what],
  }
  settle(known, [{ ...refuse('E_BACKUP_MISSING', message, details), inPlan: [`a deploy is refused: ${message}`] }])
  return { state: 'unknown', why: message }
}

/** A volume that is there and that pods of these will use. */
async function dataOf(
  objects: readonly KubeObject[],
  cluster: Foreseen['cluster'],
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const uses = objects.flatMap((object) => usedClaims(object) ?? [])
  if (uses.length === 0) return undefined
  const kind = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
  const lists = await Promise.all(namespaces.map(async (namespace) => await cluster.list(kind, { namespace }, signal)))
  const bound = lists.flat().filter(({ status }) => (status as { phase?: string } | undefined)?.phase === 'Bound')
  const found = bound.find((claim) => uses.some((isUsed) => isUsed(claim)))
  return found === undefined ? undefined : { ...found, ...kind }
}
