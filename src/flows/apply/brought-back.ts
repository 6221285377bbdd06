import { sameContent } from '../../domain/helm/record.ts'
import { isLegacy } from '../../domain/migrate/record.ts'
import { leavesOwn } from '../../domain/journal/left.ts'
import type { JournalEntry } from '../../domain/journal/model.ts'
import { wasReady } from '../../domain/journal/retention.ts'
import type { Ran } from '../../domain/restore/model.ts'
import type { Applied, AppliedRelease } from '../phases/applied.ts'

export type Scene = Pick<Applied, 'releases' | 'liveEntry' | 'deploys'>

/** After `noteLeft`: the number of the deploy that runs now, where a release was taken back. */
export function deployBrought(context: Scene): number | undefined {
  const isBack = context.releases.some(({ progress }) => progress.takenBack && progress.left !== undefined)
  return isBack ? broughtBack(context)?.number : undefined
}

/**
 * The deploy that an automatic rollback brings back. Usually it is the one that ran; where that had failed half-way, helm goes
 * back to the last revision that it calls deployed. Undefined: the journal knows none that made these revisions.
 */
export function broughtBack({ releases, liveEntry, deploys }: Scene): JournalEntry | undefined {
  const back = releases.filter(wentOn)
  const candidates = [...(liveEntry === undefined ? [] : [liveEntry]), ...deploys]
  return candidates.find((entry) => hasRun(entry) && back.every((work) => isOf(entry, work)))
}

/** The same, with the revisions that helm goes back to. */
export function ranBefore(scene: Scene): Ran {
  const revisions = scene.releases.flatMap(({ release, before, progress }) =>
    progress.upgraded && before !== undefined ? { release: release.name, revision: before.revision } : [],
  )
  const isBefore = scene.releases.some(({ before }) => before !== undefined && isLegacy(before))
  return { deploy: broughtBack(scene)?.number, revisions, ...(isBefore ? { isLegacy: true } : {}) }
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
