import type { JournalEntry } from './model.ts'

export interface HeldRelease {
  readonly name: string
  readonly namespace: string
  /** When helm installed it first, ISO 8601; undefined where its record does not say. */
  readonly installedAt: string | undefined
}

/** Whose a release is that is installed already. `somebody`: no project that forge knows of; helm was run by hand. */
export type Owner =
  { readonly kind: 'own' } | { readonly kind: 'project'; readonly entry: JournalEntry } | { readonly kind: 'somebody' }

/**
 * A release belongs to the project that deployed it last. What was installed after all that a project did with it is not
 * its any more: somebody took it away, and installed another under its name.
 */
export function ownerOf(release: HeldRelease, own: readonly JournalEntry[], others: readonly JournalEntry[]): Owner {
  const mine = lastClaim(release, own)
  const claimed = (entry: JournalEntry): number => claimedAt(release, entry)
  const [theirs] = [...Map.groupBy(others, ({ project }) => project).values()]
    .flatMap((entries) => lastClaim(release, entries) ?? [])
    .sort((one, other) => claimed(other) - claimed(one))
  if (theirs !== undefined && (mine === undefined || claimed(theirs) > claimed(mine)))
    return { kind: 'project', entry: theirs }
  return mine === undefined ? { kind: 'somebody' } : { kind: 'own' }
}

/** The newest entry that says that the project holds it. */
function lastClaim(
  { name, namespace, installedAt }: HeldRelease,
  entries: readonly JournalEntry[],
): JournalEntry | undefined {
  const about = entries
    .filter(({ releases }) =>
      releases.some((one) => one.name === name && (one.namespace === '' || one.namespace === namespace)),
    )
    .sort((one, other) => other.number - one.number)
  const since = installedAt === undefined ? Number.NaN : Date.parse(installedAt)
  // Each run tells the time by its own clock, so all of them count, and one that has not ended counts for ever.
  const known = about.some(({ endedAt }) => endedAt === undefined || !(Date.parse(endedAt) < since))
  if (!known || about[0]?.state === 'uninstalled') return undefined
  // A deploy that was taken back holds no more than the one before it; a first install that fails stays.
  return about.find(({ state }) => state !== 'restored') ?? about.find((entry) => stays(entry, name))
}

function stays({ releases }: JournalEntry, name: string): boolean {
  return releases.some((one) => one.name === name && one.revisionBefore === undefined)
}

/** A deploy that left it as it was claims no more than the one that made it. */
function claimedAt({ name }: HeldRelease, { releases, startedAt }: JournalEntry): number {
  return Date.parse(releases.find((one) => one.name === name)?.leftOut?.at ?? startedAt)
}
