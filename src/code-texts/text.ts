import type { Advice } from '../verdict-codes.ts'

/** What `forge explain CODE` says beside the meaning of a code; loaded by nothing else. */
export interface CodeText {
  /** How it comes to that, or what forge prevents by it. */
  readonly why: string
  /** What it reads like when it happens. */
  readonly example: string
  /** The most likely first. */
  readonly next: readonly Advice[]
}

/** `next`: a sentence, or one with the command that it speaks of (capitals are to be filled in). */
export function said(
  why: string,
  example: string,
  ...next: readonly (string | readonly [say: string, run: string])[]
): CodeText {
  return {
    why,
    example,
    next: next.map((one) => (typeof one === 'string' ? { say: one } : { say: one[0], run: one[1] })),
  }
}
