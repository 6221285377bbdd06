/**
 * What a step of a deploy does, as the journal keeps it. What happened is concluded from this, and from nothing that was
 * said of it: the words are made by the screens (`operationText`).
 */
export type Operation =
  | { readonly op: 'write-secrets' }
  | { readonly op: 'delete-claims' }
  | { readonly op: 'upgrade' | 'uninstall'; readonly release: string }
  /** `forge migrate-to-helm`: what ran before helm becomes a release's first revision; or belongs to none again. */
  | { readonly op: 'adopt' | 'hand-back'; readonly release: string }
  | { readonly op: 'retire'; readonly kind: string; readonly name: string }
  /** `forge pause`, `forge resume`. */
  | { readonly op: 'pause' | 'resume'; readonly kind: string; readonly name: string }
  /** `forge rollback`: to the revision of the deploy that it goes back to. */
  | { readonly op: 'rollback'; readonly release: string; readonly to: number }
  /** After a failure, or in a recovery: to what ran before. */
  | { readonly op: 'return'; readonly release: string }
  | { readonly op: 'restore-secret'; readonly secret: string; readonly to: number }
  /** helm's own record of a revision: rewritten so that helm can read it; taken out of the middle of something. */
  | { readonly op: 'mend-record' | 'settle-record'; readonly release: string; readonly revision: number }
  /** Objects change their release, before helm runs; and back. */
  | { readonly op: 're-own' | 'give-back'; readonly release: string; readonly from: readonly string[] }
  /** Definitions of crds/, before helm runs. */
  | { readonly op: 'write-definitions'; readonly release: string; readonly names: readonly string[] }
  | { readonly op: 'take-back'; readonly kind: string; readonly name: string }
  /** Written by a forge that kept a sentence, and not one of its own that is known. */
  | { readonly op: 'told'; readonly text: string }

/** Why a recovery does something. */
export type Reason =
  | {
      readonly kind:
        'migration-runs' | 'half-uninstalled' | 'nothing-before' | 'helm-refuses' | 'ran-before' | 'adopted'
    }
  | { readonly kind: 'never-proven' | 'incomplete'; readonly revision: number }
  | { readonly kind: 'taken-away'; readonly objects: readonly string[] }
  /** Kept as a sentence. */
  | { readonly kind: 'told'; readonly text: string }

/** The release for which helm is run; undefined where helm is not. */
export function helmRelease(operation: Operation): string | undefined {
  const { op } = operation
  const isHelms = op === 'upgrade' || op === 'uninstall' || op === 'rollback' || op === 'return'
  return isHelms ? operation.release : undefined
}

/** Whether both are the same step: its end is told like its beginning. */
export function isSameOperation(one: Operation, other: Operation): boolean {
  const [fields, others] = [Object.entries(one), new Map<string, unknown>(Object.entries(other))]
  return (
    fields.length === others.size &&
    fields.every(([name, value]) => JSON.stringify(value) === JSON.stringify(others.get(name)))
  )
}
