/** What a person can do about a verdict: a sentence, and the command that it speaks of (capitals are to be filled in). */
export interface Advice {
  readonly say: string
  readonly run?: string
}

/** All that is to be said of one verdict; docs/verdicts.md and `forge explain` are made of it. */
export interface VerdictText {
  readonly exit: 5
  /** One sentence: what happened. */
  readonly about: string
  /** What it reads like when it happens. */
  readonly example: string
  /** From when on it ends a deploy, and which settings of a stage move that. */
  readonly counts: string
  /** The most likely first. */
  readonly next: readonly Advice[]
}
