import { keyOf, type KubeObject } from '../../domain/kube.ts'
import type { Ran } from '../../domain/restore/model.ts'
import { notAsBefore } from '../../domain/plan/as-before.ts'
import { touched } from '../../domain/plan/objects.ts'
import { ranBefore, type Scene } from '../apply/brought-back.ts'
import { presentFields } from './as-it-was.ts'
import type { Applied, AppliedRelease, Progress } from '../phases/applied.ts'
import { readLive } from '../observe/live.ts'
import { unlessItFails } from '../../expected.ts'

/** After a failure that was not made good: what runs of each release, for the journal. Never throws. */
export async function noteLeft(context: Applied, signal: AbortSignal): Promise<void> {
  for (const work of context.releases) {
    const { progress } = work
    if (!progress.upgraded) continue
    progress.left = progress.takenBack ? 'before' : await leftBy(work, context, signal)
  }
}

/** Where nothing is taken back, after `noteLeft`: what ran before, where that runs still. */
export function stillRunning(context: Scene): Ran | undefined {
  return context.releases.some(({ progress }) => progress.left === 'own') ? undefined : ranBefore(context)
}

/** helm may have failed before it wrote an object (a hook before the release), or after. What cannot be read counts as written. */
async function leftBy(work: AppliedRelease, context: Applied, signal: AbortSignal): Promise<Progress['left']> {
  if (work.progress.revisionAfter !== undefined) return 'own'
  const after = await unlessItFails(readLive({ ...context, releases: [work] }, { signal }), () => undefined)
  if (after === undefined) return 'own'
  const keys = new Set(touched(work.plans).map(({ ref }) => keyOf(ref)))
  const own = (objects: ReadonlyMap<string, KubeObject>): Map<string, KubeObject> =>
    new Map([...objects].filter(([key]) => keys.has(key)))
  const free = (object: KubeObject): string[] => presentFields(object, context).map(({ path }) => path)
  return notAsBefore(own(context.live), own(after), new Set(), free).length > 0 ? 'own' : 'before'
}
