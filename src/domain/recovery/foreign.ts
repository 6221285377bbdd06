import { lastDeployed } from '../helm/record.ts'
import type { JournalEntry } from '../journal/model.ts'
import { helmRelease, type Reason } from '../journal/operation.ts'
import { isStuck } from './decide.ts'
import type { ForeignPending, RecoveryAction, Revision } from './model.ts'

export interface KnownRelease {
  readonly name: string
  readonly namespace: string
  /** Newest first. */
  readonly history: readonly Revision[]
}

/**
 * Releases in the middle of something that no interrupted deploy of forge accounts for: somebody ran helm by hand, and may
 * be at it still. Those that `entry` began to write are its own.
 */
export function foreignPending(releases: readonly KnownRelease[], entry: JournalEntry | undefined): ForeignPending[] {
  return releases.flatMap(({ name, namespace, history }) => {
    const [newest] = history
    if (newest === undefined || !isStuck(newest) || isOwn(name, entry)) return []
    return [
      {
        release: name,
        namespace,
        revision: newest.revision,
        status: newest.status,
        base: lastDeployed(history)?.revision,
      },
    ]
  })
}

/** A step is written down before it runs, so a helm that forge started has left one. */
function isOwn(release: string, entry: JournalEntry | undefined): boolean {
  return entry?.steps.some(({ operation }) => helmRelease(operation) === release) === true
}

/**
 * The newest deploy, where it failed and helm was ended in the middle of one of its steps: forge knows how many revisions it
 * made, so that nothing newer is taken for its own.
 */
export function strandedDeploy(
  newest: JournalEntry | undefined,
  releases: readonly KnownRelease[],
): JournalEntry | undefined {
  if (newest?.state !== 'failed') return undefined
  const isStranded = newest.releases.some(({ name, revisionBefore = 0 }) => {
    const [last] = releases.find((one) => one.name === name)?.history ?? []
    const made = newest.steps.filter(({ operation }) => helmRelease(operation) === name)
    return last !== undefined && made.length > 0 && isStuck(last) && last.revision <= revisionBefore + made.length
  })
  return isStranded ? newest : undefined
}

/** What `--adopt-pending` does under the lock, in a clause. */
export function whatAdopts({ release, base }: ForeignPending): string {
  return base === undefined ? `counts ${release} as failed` : `rolls ${release} back to revision ${base}`
}

export function adoptPending({ release, revision, status, base }: ForeignPending): RecoveryAction[] {
  const because: Reason = { kind: 'adopted' }
  const settle: RecoveryAction = { kind: 'settle', release, revision, status, because }
  return base === undefined || status === 'uninstalling'
    ? [settle]
    : [settle, { kind: 'roll-back', release, from: revision, to: base, because }]
}
