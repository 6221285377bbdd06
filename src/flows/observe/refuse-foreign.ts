import type { JournalEntry } from '../../domain/journal/model.ts'
import { foreignText } from '../../domain/recovery/describe.ts'
import { foreignPending, strandedDeploy, whatAdopts, type KnownRelease } from '../../domain/recovery/foreign.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'

/** Throws E_RELEASE_PENDING for releases in the middle of something that is not forge's. `flags`: `--env prod`. */
export function refuseForeign(releases: readonly KnownRelease[], flags: readonly string[], entry?: JournalEntry): void {
  const foreign = foreignPending(releases, entry)
  const [first] = foreign
  if (first === undefined) return
  throw new ForgeError('E_RELEASE_PENDING', foreignText(first), {
    hint: forge('recover', ...flags, '--adopt-pending'),
    where: `release ${first.release}, namespace ${first.namespace}`,
    chain: [
      `release ${first.release}`,
      `revision ${first.revision} is ${first.status}`,
      `if nobody is at it, --adopt-pending ${whatAdopts(first)}`,
    ],
    problems: foreign.map((one) => ({ message: foreignText(one), where: `release ${one.release}` })),
  })
}

/** Throws E_RELEASE_PENDING where helm was ended in the middle of the newest deploy: forge recover ends that. */
export function refuseStranded(
  releases: readonly KnownRelease[],
  flags: readonly string[],
  newest?: JournalEntry,
): void {
  const entry = strandedDeploy(newest, releases)
  if (entry === undefined) return
  throw new ForgeError(
    'E_RELEASE_PENDING',
    `helm was ended in the middle of #${entry.number}, which is to be put right first`,
    {
      hint: forge('recover', ...flags),
      where: `deploy #${entry.number}`,
    },
  )
}
