import { isStuck } from '../../domain/recovery/decide.ts'
import type { ReleaseRecord } from '../../domain/helm/model.ts'
import type { Operation, Reason } from '../../domain/journal/operation.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { textsAsData } from '../../domain/manifest/as-data.ts'
import { stillThere, type ReleaseNow } from '../../domain/plan/plans-back.ts'
import { ForgeError } from '../../errors.ts'
import { helm } from '../../hint.ts'
import type { Charts, Codec, Guard } from '../../ports.ts'
import type { Timed } from '../../time-limit.ts'
import { freeHooks } from '../apply/free-hooks.ts'
import { keepInRecord } from '../apply/keep-in-record.ts'
import { mendRecords } from '../apply/mend-records.ts'
import { editManifest, withEditedRecords, type RecordEdit, type ReleaseName } from '../apply/record.ts'
import { takeAway } from '../apply/replace.ts'
import { rollBackTo } from '../apply/roll-back-to.ts'
import { readLive } from '../observe/live.ts'
import { inspectRecord } from '../observe/release-records.ts'
import type { RunOptions } from '../phases/options.ts'
import type { Connection } from '../phases/ports.ts'
import type { Watched } from '../prove/watching.ts'
import type { DeployRecord } from '../state/journal.ts'
import { settleRecord } from '../state/release-record.ts'
import type { StepReport } from '../step.ts'
import { letGo } from './let-go.ts'
import { requireNoLoss } from './no-loss.ts'

/** One release on its way back, and what only who takes it back knows: a deploy that failed, `forge rollback`, a recovery. */
export interface WayBack {
  readonly release: ReleaseName
  /** helm's newest revision, read a moment ago (requireNewest). */
  readonly newest: ReleaseRecord
  /** The revision that comes back. */
  readonly to: ReleaseRecord
  /** How the journal calls it. */
  readonly operation: Operation
  readonly because?: Reason
  /**
   * What a deploy applied, where the newest revision is itself on its way back, and did not get there. helm takes away what its
   * newest revision has and the one to go back to has not: those objects, and with helm 3 those fields, would stay for good.
   */
  readonly applied?: ReleaseRecord | undefined
  /** Whoever asked for it has seen what is lost by it. */
  readonly agreed: boolean
  /** What helm cannot change in place, as it is now. */
  readonly inTheWay: (now: ReleaseNow) => readonly KubeObject[]
  /** What helm's records hold while it goes back: what was beside the chart stays as it was. `gone`: what is made anew by it. */
  readonly edits: (now: ReleaseNow, gone: readonly KubeObject[]) => Promise<readonly RecordEdit[]>
  /** What stands around helm itself. */
  readonly around: (goBack: () => Promise<void>) => Promise<void>
}

export interface TakenBack {
  /** That helm has made. */
  readonly revision: number | undefined
  /** What was in the way, and is made anew. */
  readonly gone: readonly KubeObject[]
}

/** Proof of the lock, and the journal. */
export interface Held {
  /** Asked before every write. */
  readonly confirm: () => Promise<void>
  /** Asked before every write of helm's. */
  readonly guard: Guard
  /** Undefined: the release belongs to no deploy of forge. */
  readonly record: Pick<DeployRecord, 'step'> | undefined
}

interface Scene extends Watched, Held, Timed {
  readonly facts: Parameters<typeof readLive>[0]['facts']
  readonly charts: Pick<Charts, 'major' | 'rollback'>
  readonly codec: Codec
  readonly options?: Pick<RunOptions, 'timeoutMs'>
  readonly report: Pick<StepReport, 'detail'>
}

/**
 * The one way back of a release, whoever takes it: the journal knows of it before it begins, the lock is proven before every
 * write, and what would keep helm from getting there is put out of its way. Throws E_DATA_LOSS before any object was touched, E_RELEASE_MOVED when somebody else's helm has written a revision meanwhile.
 */
export async function takeReleaseBack(way: WayBack, scene: Scene): Promise<TakenBack> {
  const { release, to, newest, operation } = way
  const { cluster, confirm, guard, record, signal } = scene
  await confirm()
  await record?.step(operation, 'running', way.because)
  const now = await readableNow(way, scene)
  const gone = await clearTheWay(way, now, scene)
  // helm takes away what its newest revision states and the other does not.
  const texts = newest.manifest.includes('stringData') ? [{ revision: newest.revision, edit: textsAsData }] : []
  const edits = [...(await way.edits(now, gone)), ...texts]
  await requireNewest(release, newest.revision, 0, cluster, signal)
  const goBack = async (): Promise<void> => {
    await confirm()
    signal.throwIfAborted()
    await rollBackTo(to, release, scene.charts, guard)
  }
  await withEditedRecords(release, edits, scene, async () => await way.around(goBack), signal)
  await record?.step(operation, 'done')
  const [latest] = await cluster.history(release.name, release.namespace, signal)
  return { revision: latest?.revision, gone }
}

/** helm reads both records: each is rewritten where a version of an API is not served any more. Then what is there now. */
async function readableNow({ release, newest, to, applied }: WayBack, scene: Scene): Promise<ReleaseNow> {
  const { cluster, facts, signal } = scene
  const isTold = applied === undefined || applied.manifest === newest.manifest
  if (!isTold) {
    await scene.confirm()
    await editManifest(release, newest.revision, () => applied.manifest, scene, signal)
  }
  const back = inspectRecord(to, release.namespace, facts.resources)
  const left = inspectRecord(isTold ? newest : applied, release.namespace, facts.resources)
  const found = new Map([
    [newest.revision, left.outdated],
    [to.revision, back.outdated],
  ])
  const outdated = [...found].flatMap(([revision, objects]) => (objects.length === 0 ? [] : { revision, objects }))
  await mendRecords({ release, outdated }, facts.resources, scene, signal)
  const [wanted, present] = [back.rendered, left.rendered]
  const releases = [{ previous: wanted, rendered: present }]
  return { wanted, present, live: await readLive({ releases, facts, cluster }, { signal }) }
}

async function clearTheWay(way: WayBack, now: ReleaseNow, scene: Scene): Promise<readonly KubeObject[]> {
  const { release, newest } = way
  const { cluster, codec, confirm, report, signal } = scene
  if (!way.agreed) await requireNoLoss(now, release.namespace, cluster, signal)
  const gone = way.inTheWay(now)
  for (const object of gone) {
    await confirm()
    await takeAway(object, scene, scene)
  }
  await letGo(now, { cluster, limitMs: scene.options?.timeoutMs }, report, scene)
  await freeHooks(way.to, release.namespace, scene, confirm, report, scene)
  if (scene.charts.major < 4) {
    await confirm()
    await keepInRecord(release, stillThere(now), newest.revision, scene, signal)
  }
  if (!isStuck(newest)) return gone
  await confirm()
  const record = { cluster, codec, release: release.name, namespace: release.namespace }
  await settleRecord(record, newest.revision, 'Interrupted: helm was ended in the middle', signal)
  return gone
}

/**
 * helm's newest revision: the one that is known, or one of the `made` that this run may have made after it. A helm that lives on
 * would show here: two that write at once tear the release apart.
 */
export async function requireNewest(
  { name, namespace }: ReleaseName,
  known: number,
  made: number,
  cluster: Pick<Connection, 'history'>,
  signal: AbortSignal,
): Promise<ReleaseRecord> {
  const [newest] = await cluster.history(name, namespace, signal)
  if (newest !== undefined && newest.revision >= known && newest.revision <= known + made) return newest
  throw new ForgeError(
    'E_RELEASE_MOVED',
    `release ${name} got revision ${newest?.revision ?? 'none'} (${newest?.status ?? 'gone'}) while it was put right: somebody else runs helm`,
    {
      hint: helm(['history', name], namespace),
      where: `release ${name}, namespace ${namespace}`,
      now: 'nothing more was touched',
    },
  )
}
