import type { Release } from '../../domain/config/model.ts'
import type { ForgeError } from '../../errors.ts'
import { forge, type Hint } from '../../hint.ts'

/** What a composition gives its phases to go by, so that none of them asks which command it works for. */
export interface Policy {
  /** Told of what forbids to write. Throws it, or returns where nothing will be written. */
  readonly onRefusal: (why: ForgeError) => void
  /** `19 permissions`; `18 of 19 permissions` where some may be lacking. */
  readonly rights: (allowed: number, all: number) => string
  /** What takes over a release that somebody else made. */
  readonly takeOver: (release: Release) => Hint
  /** What does the same once more, when the cluster has moved meanwhile. */
  readonly again: Hint
}

export function refusing(why: ForgeError): never {
  throw why
}

/** Of a command that writes. */
export function writing(again: Hint, takeOver: Policy['takeOver']): Policy {
  return { onRefusal: refusing, rights: (_, all) => `${all} permissions`, takeOver, again }
}

/** Of one that only looks: it does so with whatever rights there are. */
export function looking(policy: Policy): Policy {
  return { ...policy, onRefusal: () => undefined, rights: (allowed, all) => `${allowed} of ${all} permissions` }
}

/** Only a deploy says what a release becomes: no other command is a place to take one over. */
export function adopting(command: 'deploy' | 'plan', environment: string): Policy['takeOver'] {
  return () => forge(command, '--env', environment, '--adopt')
}
