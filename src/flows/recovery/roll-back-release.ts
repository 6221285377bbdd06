import { keyOf } from '../../domain/kube.ts'
import { keepValues } from '../../domain/manifest/keep-values.ts'
import { fixedField, mayBeReplaced } from '../../domain/plan/immutable.ts'
import type { ObjectPlan } from '../../domain/plan/model.ts'
import { planObjects } from '../../domain/plan/objects.ts'
import { valuesBefore } from '../../domain/recovery/as-before.ts'
import { ForgeError } from '../../errors.ts'
import { helm } from '../../hint.ts'
import type { ReleaseRecord } from '../../ports.ts'
import { keepInRecord, stillThere } from '../apply/keep-in-record.ts'
import { freeHooks } from '../apply/free-hooks.ts'
import { letGo } from '../restore/let-go.ts'
import { takeAway } from '../apply/replace.ts'
import { projectIn, type InspectedRelease } from './inspect.ts'
import { requireNoLoss } from './no-loss.ts'
import type { RecoveryScope, RecoveryPorts } from './scope.ts'
import { mendedContent } from '../apply/mend-records.ts'
import { editManifest, withEditedRecord, type RecordPorts } from '../apply/record.ts'
import { changeRecord } from '../state/release-record.ts'
import { rollBackTo } from '../apply/roll-back-to.ts'

/**
 * One release from the revision of an interrupted deploy back to the last one that was deployed. What cannot be changed in
 * place is taken away first. `confirm` proves that the lock is still held; it is asked before every write. Throws
 * E_RELEASE_MOVED when somebody else's helm has written a revision meanwhile.
 */
export async function rollBackRelease(
  release: InspectedRelease,
  { cluster, charts, ...scope }: RecoveryScope,
  { codec, clock, tell }: Pick<RecoveryPorts, 'codec' | 'clock'> & { readonly tell: (text: string) => void },
  confirm: () => Promise<void>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { base, history } = release
  const [newest] = history
  if (base === undefined || newest === undefined) throw new Error(`${release.name} has no revision to go back to`)
  await recordWhatWasApplied(release, newest, { cluster, codec }, confirm, signal)
  if (release.outdated) await mendBoth(release, newest, { cluster, codec }, confirm, signal)
  await requireNoLoss(release, cluster, signal)
  const inProject = projectIn({ cluster, namespace: scope.namespace })
  const plans = plansBack(release)
  for (const plan of plans) {
    const live = release.live.get(keyOf(plan.ref))
    if (plan.action !== 'change' || live === undefined || !mayBeReplaced(live)) continue
    if (fixedField(live, plan.changes) === undefined) continue
    await confirm()
    await takeAway(plan, live, inProject, { clock, signal })
  }
  const facts = { resources: await cluster.resources(signal) }
  await letGo(release.previous, { cluster, facts }, { detail: tell }, { clock, signal })
  await freeHooks(base, release.namespace, { ...inProject, facts }, confirm, { detail: tell }, { clock, signal })
  if (charts.major < 4) {
    await confirm()
    await keepInRecord({ release }, stillThere(release, release.live), newest.revision, { cluster, codec }, signal)
  }
  await requireNewest(release, cluster, signal)
  await confirm()
  const goBack = async (): Promise<void> => {
    await confirm()
    await rollBackTo(base, release, charts, confirm)
  }
  const objects = valuesBefore(release.previous, release.live, release.counts)
  const edit = (manifest: string): string => keepValues(manifest, { namespace: release.namespace, objects })
  await withEditedRecord({ release }, base.revision, edit, { cluster, codec }, goBack, signal)
  return (await cluster.history(release.name, release.namespace, signal))[0]?.revision
}

/**
 * helm takes away what its newest revision has and the one to go back to has not. Where that newest one is itself on its way
 * back, and did not get there, it has nothing of what the deploy applied: those objects, and with helm 3 those fields, would
 * stay for good.
 */
async function recordWhatWasApplied(
  release: InspectedRelease,
  newest: ReleaseRecord,
  ports: RecordPorts,
  confirm: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { applied } = release
  if (applied === undefined || applied.revision === newest.revision || applied.manifest === newest.manifest) return
  await confirm()
  await editManifest({ release }, newest.revision, () => applied.manifest, ports, signal)
}

/** helm reads both, and neither as it stands: a version of an API is not served any more. */
async function mendBoth(
  { base, name, namespace }: InspectedRelease,
  newest: ReleaseRecord,
  { cluster, codec }: RecordPorts & Pick<RecoveryScope, 'cluster'>,
  confirm: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const resources = await cluster.resources(signal)
  const revisions = new Set([newest.revision, base?.revision ?? newest.revision])
  for (const revision of revisions) {
    await confirm()
    const scope = { cluster, codec, release: name, namespace }
    await changeRecord(scope, revision, (content) => mendedContent(content, resources), signal)
  }
}

/** A helm that lives on would show here: two that write at once tear the release apart. */
export async function requireNewest(
  { name, namespace, history: [known] }: Pick<InspectedRelease, 'name' | 'namespace' | 'history'>,
  cluster: Pick<RecoveryScope['cluster'], 'history'>,
  signal: AbortSignal,
): Promise<void> {
  const [newest] = await cluster.history(name, namespace, signal)
  if (newest?.revision === known?.revision) return
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

/** What going back changes, seen from what is live. */
export function plansBack({ name, previous, rendered, live }: InspectedRelease): ObjectPlan[] {
  return planObjects({
    release: name,
    rendered: previous,
    previous: rendered,
    live,
    unreadable: () => false,
    preserved: () => [],
    settled: false,
  })
}
