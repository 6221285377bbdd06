import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { sameContent } from '../../domain/helm/record.ts'
import { leavesOwn } from '../../domain/journal/left.ts'
import type { JournalEntry } from '../../domain/journal/model.ts'
import { wasReady } from '../../domain/journal/retention.ts'
import { notAsBefore } from '../../domain/plan/as-before.ts'
import { touched } from '../../domain/plan/objects.ts'
import { presentFields } from './as-it-was.ts'
import type { Applied, AppliedRelease, Progress } from '../phases/applied.ts'
import { readLive } from './live.ts'
import { unlessItFails } from '../../expected.ts'

type Scene = Pick<Applied, 'works' | 'liveEntry' | 'deploys'>

/** After a failure that was not made good: what runs of each release, for the journal. Never throws. */
export async function noteLeft(context: Applied, signal: AbortSignal): Promise<void> {
  for (const work of context.works) {
    const { progress } = work
    if (!progress.upgraded) continue
    progress.left = progress.takenBack ? 'before' : await leftBy(work, context, signal)
  }
}

/** After `noteLeft`: the number of the deploy that runs now, where a release was taken back. */
export function deployBrought(context: Scene): number | undefined {
  const isBack = context.works.some(({ progress }) => progress.takenBack && progress.left !== undefined)
  return isBack ? broughtBack(context)?.number : undefined
}

/** Where nothing is taken back, after `noteLeft`. */
export function standsNow(context: Scene): string {
  if (context.works.some(({ progress }) => progress.left === 'own')) return 'what was deployed stays as it is'
  return `helm had changed no object yet, and ${ranBefore(context)} runs`
}

/** helm may have failed before it wrote an object (a hook before the release), or after. What cannot be read counts as written. */
async function leftBy(work: AppliedRelease, context: Applied, signal: AbortSignal): Promise<Progress['left']> {
  if (work.progress.revisionAfter !== undefined) return 'own'
  const after = await unlessItFails(readLive({ ...context, works: [work] }, { signal }), () => undefined)
  if (after === undefined) return 'own'
  const keys = new Set(touched(work.plans).map(({ ref }) => keyOf(ref)))
  const own = (objects: ReadonlyMap<string, KubeObject>): Map<string, KubeObject> =>
    new Map([...objects].filter(([key]) => keys.has(key)))
  const free = (object: KubeObject): string[] => presentFields(object, context).map(({ path }) => path)
  return notAsBefore(own(context.live), own(after), new Set(), free).length > 0 ? 'own' : 'before'
}

/**
 * The deploy that an automatic rollback brings back. Usually it is the one that ran; where that had failed half-way, helm goes
 * back to the last revision that it calls deployed. Undefined: the journal knows none that made these revisions.
 */
export function broughtBack({ works, liveEntry, deploys }: Scene): JournalEntry | undefined {
  const back = works.filter(wentOn)
  const candidates = [...(liveEntry === undefined ? [] : [liveEntry]), ...deploys]
  return candidates.find((entry) => hasRun(entry) && back.every((work) => isOf(entry, work)))
}

/** The same in words: `#41`. */
export function ranBefore(scene: Scene): string {
  const entry = broughtBack(scene)
  if (entry !== undefined) return `#${entry.number}`
  const back = scene.works.filter(wentOn)
  const revisions = back.map(({ release, before }) => `${release.name} revision ${before?.revision ?? '?'}`)
  return revisions.length === 0 ? 'what it ran before' : revisions.join(', ')
}

function wentOn({ progress, before }: AppliedRelease): boolean {
  return progress.upgraded && before !== undefined
}

function hasRun(entry: JournalEntry): boolean {
  return wasReady(entry) || (entry.state === 'failed' && leavesOwn(entry))
}

function isOf({ releases }: JournalEntry, { release, before, history }: AppliedRelease): boolean {
  const own = releases.find(({ name }) => name === release.name)?.revisionAfter
  return own !== undefined && before !== undefined && sameContent(before, history).includes(own)
}
