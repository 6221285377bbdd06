import type { Seen, SeenDeploy } from './model.ts'

/** What a command has seen; what it did not look at is left out. */
export interface SeenNow extends Seen {
  /** The newest alone. */
  readonly newest?: SeenDeploy
}

const MOST = 50

/** A number that comes again, or a lower one than before, is that of a cluster that was made anew. */
export function seenSince(before: Seen, { newest, deploys, components }: SeenNow): Seen {
  const known = deploys ?? before.deploys ?? []
  const all = newest === undefined ? known : [newest, ...known.filter(([number]) => number < newest[0])]
  return { deploys: all.slice(0, MOST), components: (components ?? before.components ?? []).slice(0, MOST) }
}
