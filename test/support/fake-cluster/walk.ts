import type { ForgeError } from '../../../src/errors.ts'
import { strikeAt, type FaultKind } from './faults.ts'
import { Killed, type Run } from './run.ts'
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

export const recovers: Action = async (run) => {
  const { outcome } = await run.recover()
  return { report: { outcome }, error: undefined }
}

/** All moments of an undisturbed run from this point. */
export async function momentsOf(shop: Shop, action: Action): Promise<Moment[]> {
  const run = shop.copy().run()
  await action(run)
  return run.effects.list.map((effect, at) => ({ at: at + 1, effect }))
}

/** The first that has this name. */
export function momentOf(moments: readonly Moment[], effect: string): Moment {
  const found = moments.find((one) => one.effect === effect)
  if (found === undefined)
    throw new Error(`nothing is called "${effect}" among ${moments.map((one) => one.effect).join(', ')}`)
  return found
}

/** The same run, with something happening to it at one of its moments. */
export async function struck(shop: Shop, action: Action, kind: FaultKind, { at }: Moment) {
  const copy = shop.copy()
  const run = copy.run()
  strikeAt(run, kind, at)
  const { report, error } = await action(run)
  return { shop: copy, run, error, end: `${report.outcome} ${error?.exitStatus ?? 0}` }
}

/** What a run leaves that is killed just before this moment. */
export async function cut(shop: Shop, action: Action, { at }: Moment): Promise<Shop> {
  const copy = shop.copy()
  const run = copy.run()
  strikeAt(run, 'killed', at)
  await action(run).catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error
  })
  return copy
}

/** What of secrets' contents is lost: what is live must be kept under its number, and so must what was. */
export function lostRevisions(shop: Shop, before: Shop): string[] {
  const kept = new Set(shop.revisions())
  const live = shop.liveRevision()
  const wanted = [...before.revisions(), ...(live === undefined ? [] : [`forge-login-r${live}`])]
  return wanted.filter((name) => !kept.has(name))
}
