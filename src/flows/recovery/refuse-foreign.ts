import type { JournalEntry } from '../../domain/journal/model.ts'
import { foreignText } from '../../domain/recovery/describe.ts'
import { byHand, foreignPending, type KnownRelease } from '../../domain/recovery/foreign.ts'
import { ForgeError } from '../../errors.ts'

/** Throws E_RELEASE_PENDING for releases in the middle of something that is not forge's. `flags`: `--env prod`. */
export function refuseForeign(releases: readonly KnownRelease[], flags: string, entry?: JournalEntry): void {
  const foreign = foreignPending(releases, entry)
  const [first] = foreign
  if (first === undefined) return
  throw new ForgeError('E_RELEASE_PENDING', foreignText(first), {
    hint: `forge recover ${flags} --adopt-pending`,
    where: `release ${first.release}, namespace ${first.namespace}`,
    chain: [
      `release ${first.release}`,
      `revision ${first.revision} is ${first.status}`,
      `if nobody is at it: ${byHand(first)}`,
    ],
    problems: foreign.map((one) => ({ message: foreignText(one), where: `release ${one.release}` })),
  })
}
