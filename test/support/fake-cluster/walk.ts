import type { ForgeError } from '../../../src/errors.ts'
import { strikeAt, type FaultKind } from './faults.ts'
import type { Run } from './run.ts'
import type { Shop } from './shop.ts'

/** What a command line does, and how it ends. */
export type Action = (run: Run) => Promise<Ended>

export interface Ended {
  readonly report: { readonly outcome: string }
  readonly error: ForgeError | undefined
}

/** One moment of a run: `7 apply Secret/login`. */
export interface Moment {
  readonly at: number
  readonly effect: string
}

export const deploys: Action = async (run) => await run.deploy()

/** All moments of an undisturbed run from this point. */
export async function momentsOf(shop: Shop, action: Action): Promise<Moment[]> {
  const run = shop.copy().run()
  await action(run)
  return run.effects.list.map((effect, at) => ({ at: at + 1, effect }))
}

/** The same run, with something happening to it at one of its moments. */
export async function struck(shop: Shop, action: Action, kind: FaultKind, { at }: Moment) {
  const copy = shop.copy()
  const run = copy.run()
  strikeAt(run, kind, at)
  const { report, error } = await action(run)
  return { shop: copy, run, error, end: `${report.outcome} ${error?.exitStatus ?? 0}` }
}

/** What of secrets' contents is lost: what is live must be kept under its number, and so must what was. */
export function lostRevisions(shop: Shop, before: Shop): string[] {
  const kept = new Set(shop.revisions())
  const live = shop.liveRevision()
  const wanted = [...before.revisions(), ...(live === undefined ? [] : [`forge-login-r${live}`])]
  return wanted.filter((name) => !kept.has(name))
}
