import type { Relation } from './domain/gitops/revision.ts'

/** What `forge follow` asks of the checkout's history. Nothing is fetched. */
export interface Commits {
  /** The whole id of a commit that is written short, or of `HEAD`; undefined: there is none, or no checkout. */
  resolve(revision: string): Promise<string | undefined>
  /** How a commit (its whole id) stands to another one. */
  relation(commit: string, to: string): Promise<Relation>
  /** It has several parents: git reverts it only when it is told which one stays. */
  isMerge(commit: string): Promise<boolean>
  /** Whether a branch that was fetched or pushed has it; undefined: nobody can tell. */
  isPushed(commit: string): Promise<boolean | undefined>
  /** Address of the remote `origin`, without a login. */
  origin(): Promise<string | undefined>
}
