import { keyOf, nameOf, refOf, type KubeObject } from '../../domain/kube.ts'
import { keepValues } from '../../domain/manifest/keep-values.ts'
import { stillThere } from '../../domain/leaving.ts'
import { ForgeError } from '../../errors.ts'
import { helm } from '../../hint.ts'
import type { Timed } from '../../time-limit.ts'
import type { Applied } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { mendRecords } from '../apply/mend-records.ts'
import { readLive } from '../observe/live.ts'
import { editManifest } from '../apply/record.ts'
import type { WriteSession } from '../apply/write-session.ts'
import { requireGone } from '../observe/until-gone.ts'
import type { StepReport } from '../step.ts'
import { installed, type Removal, type Removals } from './prepare.ts'

/** Pods that still end take their time. */
const GONE_WITHIN_MS = 120_000

/** `helm uninstall` of every release, dependents first. Claims that helm would take along are told to stay beforehand. */
export async function removeReleases(
  removals: readonly Removal[],
  context: Applied,
  { codec, clock, signal }: DeployPorts,
  report: StepReport,
  session: WriteSession,
): Promise<string> {
  const { cluster, charts } = context
  for (const { work, plan } of removals) {
    if (!installed(work)) continue
    const { name, namespace } = work.release
    const newest = work.history[0]?.revision ?? 1
    const operation = { op: 'uninstall', release: name } as const
    report.detail({ doing: 'operation', operation })
    await session.confirm()
    await session.record.step(operation, 'running')
    await mendRecords(work, context.facts.resources, { cluster, codec, ...session }, signal)
    const without = plan.endangered.map(keyOf)
    const edit = (manifest: string): string => keepValues(manifest, { namespace, objects: {}, without })
    if (
      without.length > 0 &&
      (await editManifest(work.release, newest, edit, { cluster, codec }, signal)) === undefined
    )
      throw notTold(work, plan)
    signal.throwIfAborted()
    await charts.uninstall(name, namespace, session.guard)
    work.progress.upgraded = true
    await session.record.step(operation, 'done')
  }
  const again = await untilTaken(removals, context, { clock, signal })
  return [...removals.map(({ work, plan }) => `${work.release.name}: ${plan.goes.length} objects`), ...again].join(', ')
}

/** helm would delete what is to stay. */
function notTold({ release }: Removal['work'], { endangered }: Removal['plan']): ForgeError {
  const names = endangered.map(nameOf).join(', ')
  return new ForgeError(
    'E_DATA_LOSS',
    `helm's record of ${release.name} cannot be told that ${names} stays, so helm would delete it`,
    { hint: helm(['get', 'manifest', release.name], release.namespace), where: `release ${release.name}` },
  )
}

/** Only claims that were listed, each as the very object that was seen. The volumes' own policy decides about the disks. */
export async function deleteClaims(
  { claims: found }: Removals,
  context: Applied,
  { clock, signal }: DeployPorts,
  session: WriteSession,
): Promise<readonly string[]> {
  const { cluster, options } = context
  if (found.length === 0) return []
  await session.confirm()
  session.record.deleted(found.map(({ metadata }) => metadata.name))
  await session.record.step({ op: 'delete-claims' }, 'running')
  await Promise.all(found.map(async (claim) => await cluster.delete(refOf(claim), uidOf(claim), signal)))
  const limitMs = options.timeoutMs ?? GONE_WITHIN_MS
  await requireGone({ objects: found, cluster, limitMs }, { clock, signal })
  await session.record.step({ op: 'delete-claims' }, 'done')
  return found.map(({ metadata }) => metadata.name)
}

function uidOf({ metadata: { uid } }: KubeObject): { uid?: string } {
  return uid === undefined ? {} : { uid }
}

/**
 * helm asks for the deletion and goes; what is still there then has to be gone in time. Returns a clause for each object that
 * somebody has made again. Throws E_NOT_GONE.
 */
async function untilTaken(removals: readonly Removal[], context: Applied, timed: Timed): Promise<readonly string[]> {
  const { cluster, options } = context
  const going = new Set(removals.flatMap(({ plan }) => plan.goes.map(keyOf)))
  const live = await readLive(context, timed)
  const objects = [...live.values()].filter((object) => going.has(keyOf(object)))
  const { left, again } = stillThere(objects, context.live)
  await requireGone({ objects: left, cluster, limitMs: options.timeoutMs ?? GONE_WITHIN_MS }, timed)
  return again.map(({ object, by }) => `${nameOf(object)} made again by ${by ?? 'somebody'}`)
}
