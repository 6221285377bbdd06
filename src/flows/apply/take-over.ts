import type { Wrote } from '../../domain/events/model.ts'
import { keyOf, nameOf, refOf } from '../../domain/kube.ts'
import { withObjects, withoutObjects } from '../../domain/manifest/moved-objects.ts'
import { movedText, type ReleaseName, type Take } from '../../domain/plan/take-over.ts'
import type { AppliedRelease, Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { addRevision, type RecordContent } from '../state/release-record.ts'
import { reOwn } from './re-own.ts'
import type { WriteSession } from './write-session.ts'

/**
 * Before helm runs: objects that one release takes over from another become its own, in their marks and in helm's records. Each record is
 * a new revision; those before it stay as they are, to be gone back to. Nothing of what the objects are made of changes, and a
 * run that is killed in between has lost none: an object is in one of the records at least, and helm has deleted nothing.
 */
export async function takeOver(
  context: Followed,
  { signal, codec }: Pick<DeployPorts, 'signal' | 'codec'>,
  session: WriteSession,
): Promise<Wrote[]> {
  const { judge } = context.follower
  const wrote: Wrote[] = []
  for (const taker of context.releases) {
    const { takes = [], release, progress } = taker
    if (takes.length === 0) continue
    const operation = { op: 're-own', release: release.name, from: takes.map(({ from }) => from.name) } as const
    const held = { cluster: context.cluster, codec, confirm: async () => await session.confirm() }
    await session.confirm()
    await session.record.step(operation, 'running')
    progress.tookOver = true
    const taken = takes.flatMap(({ objects }) => objects)
    judge.marking(taken.flatMap(({ object }) => context.live.get(keyOf(object))?.metadata.uid ?? []))
    for (const { from, objects } of takes) {
      const refs = objects.map(({ object }) => refOf(object))
      judge.marked(await reOwn({ objects: refs, from, to: release }, held, signal))
    }
    await restate(taker, movedIn(takes), (text) => withObjects(text, taken, release.namespace), held, session, signal)
    for (const take of takes) await giveUp(take, release, context, held, session, signal)
    await session.record.step(operation, 'done')
    wrote.push({ what: 'moved', count: taken.length, to: release.name })
  }
  return wrote
}

/** The one that forge wrote last, with which helm compares. */
export function restatedRevision({ history: [newest], progress: { restated } }: AppliedRelease): number | undefined {
  return restated === 0 || newest === undefined ? undefined : newest.revision + restated
}

type Held = Parameters<typeof reOwn>[1] & {
  readonly cluster: Followed['cluster']
  readonly codec: DeployPorts['codec']
}

async function giveUp(
  { from, objects }: Take,
  to: ReleaseName,
  { releases }: Followed,
  held: Held,
  session: WriteSession,
  signal: AbortSignal,
): Promise<void> {
  const giver = releases.find(({ release }) => release.name === from.name)
  if (giver === undefined) throw new Error(`release ${from.name} is no part of the run`)
  const keys = objects.map(({ object }) => keyOf(object))
  const why = movedText(
    objects.map(({ object }) => nameOf(object)),
    `to ${to.name}`,
  )
  await restate(giver, why, (text) => withoutObjects(text, keys, from.namespace), held, session, signal)
}

/** A revision with another manifest. One that was never deployed has none: helm takes over what it finds. */
async function restate(
  { release, before, history: [newest], progress }: AppliedRelease,
  description: string,
  edit: (manifest: string) => string,
  { cluster, codec, confirm }: Held,
  session: WriteSession,
  signal: AbortSignal,
): Promise<void> {
  if (before === undefined || newest === undefined) return
  await confirm()
  const scope = { cluster, codec, release: release.name, namespace: release.namespace }
  const number = newest.revision + progress.restated + 1
  const of = progress.restated === 0 ? before.revision : number - 1
  const change = (content: RecordContent): RecordContent | undefined => {
    const manifest = edit(content.manifest)
    return manifest === content.manifest ? undefined : { ...content, manifest, info: { ...content.info, description } }
  }
  const { upgraded, restated } = progress
  // From here on it may be there, whatever the answer is.
  Object.assign(progress, { upgraded: true, restated: restated + 1 })
  if (!(await addRevision(scope, { of, number }, change, signal))) {
    Object.assign(progress, { upgraded, restated })
    return
  }
  progress.revisionAfter = number
  session.record.release(release.name, number)
}

function movedIn(takes: readonly Take[]): string {
  const names = takes.flatMap(({ objects }) => objects.map(({ object }) => nameOf(object)))
  return movedText(names, `from ${takes.map(({ from }) => from.name).join(', ')}`)
}
