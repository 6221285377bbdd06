import type { Release } from '../../domain/config/model.ts'
import type { ForgeError } from '../../errors.ts'
import { forge, type Hint } from '../../hint.ts'
import type { Finding } from './findings.ts'

/** What a run makes of the releases, how it is called, and how it is asked about. */
export interface Act {
  /** `this rollback would delete …` */
  readonly name: 'deploy' | 'rollback' | 'migration'
  /** `Deploy this to`: the environment follows. */
  readonly question: string
  /** `deploy to`, of what was not confirmed. */
  readonly refused: string
  /** What the charts say becomes of the releases, with its migrations. False: what ran comes back, and no migration is taken back. */
  readonly isForward: boolean
  /** Its plan is shown also where nobody is asked. */
  readonly isShown: boolean
}

const DEPLOYING: Act = {
  ...{ name: 'deploy', question: 'Deploy this to', refused: 'deploy to' },
  ...{ isForward: true, isShown: false },
}

/** `forge migrate-to-helm` is a deploy, on what ran before. */
export const MIGRATING: Act = {
  ...{ name: 'migration', question: 'Let Helm take over', refused: 'migration of' },
  ...{ isForward: true, isShown: false },
}

/** Its `--undo` is a rollback to that. */
export const HANDING_BACK: Act = {
  ...{ name: 'rollback', question: 'Give the old stack back in', refused: 'way back of' },
  ...{ isForward: false, isShown: true },
}

/** To the deploy of this number. */
export function returning(number: number): Act {
  const question = `Go back to #${number} in`
  return { name: 'rollback', question, refused: 'rollback in', isForward: false, isShown: true }
}

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
  /** What shows all that it would do. */
  readonly show: Hint
  readonly act: Act
  /** Told of all that is found, and by which check: nothing ends the run. Undefined: the first refusal does. */
  readonly collects?: (findings: readonly Finding[], by: unknown) => void
}

export function refusing(why: ForgeError): never {
  throw why
}

/** Of a command that writes. */
export function writing(again: Hint, show: Hint, takeOver: Policy['takeOver'], act = DEPLOYING): Policy {
  return { onRefusal: refusing, rights: (_, all) => `${all} permissions`, takeOver, again, show, act }
}

/** Of one that only looks: it does so with whatever rights there are. */
export function looking(policy: Policy): Policy {
  return { ...policy, onRefusal: () => undefined, rights: (allowed, all) => `${allowed} of ${all} permissions` }
}

/** Of one that looks for all that would forbid to write. */
export function collecting(policy: Policy, collects: NonNullable<Policy['collects']>): Policy {
  const onRefusal = (error: ForgeError): void => collects([{ kind: 'refuse', error }], undefined)
  return { ...looking(policy), onRefusal, collects }
}

/** Only a deploy says what a release becomes: no other command is a place to take one over. */
export function adopting(command: 'deploy' | 'plan', environment: string): Policy['takeOver'] {
  return () => forge(command, '--env', environment, '--adopt')
}
