import { TOOL_NAMES } from '../../domain/gitops.ts'
import type { JournalEntry } from '../../domain/journal/model.ts'
import { ownerOf, type Owner } from '../../domain/journal/owner.ts'
import { foreignText } from '../../screen/recovery.ts'
import { foreignPending, strandedDeploy, whatAdopts, type KnownRelease } from '../../domain/recovery/foreign.ts'
import { ForgeError } from '../../errors.ts'
import { forge, helm } from '../../hint.ts'
import { refuse, warn, type Check } from '../phases/findings.ts'
import type { Observed, ObservedRelease } from '../phases/observed.ts'
import type { Opened } from '../phases/opened.ts'

export const checkForeign: Check<Observed> = ({ releases, project, interrupted }) => {
  const { managedBy } = project.environment
  if (managedBy !== undefined)
    return foreignPending(releases.map(knownOf), undefined).map(({ release, status, revision }) =>
      warn(
        `release ${release} is ${status} at revision ${revision}: ${TOOL_NAMES[managedBy]} deploys it, or was stopped`,
      ),
    )
  const error = foreignError(releases.map(knownOf), ['--env', project.environment.name], interrupted)
  return error === undefined ? [] : [{ kind: 'refuse', error }]
}

/** E_RELEASE_PENDING where helm was ended in the middle of the newest deploy: forge recover ends that. */
export const checkStranded: Check<Observed> = ({ releases, project, previous }) => {
  const entry = strandedDeploy(previous, releases.map(knownOf))
  if (entry === undefined) return []
  const message = `helm was ended in the middle of #${entry.number}, which is to be put right first`
  const hint = forge('recover', '--env', project.environment.name)
  return [refuse('E_RELEASE_PENDING', message, { hint, where: `deploy #${entry.number}` })]
}

function knownOf({ release: { name, namespace }, history }: Observed['releases'][number]): KnownRelease {
  return { name, namespace, history }
}

/** E_RELEASE_PENDING for releases in the middle of something that is not forge's. `flags`: `--env prod`. */
export function foreignError(
  releases: readonly KnownRelease[],
  flags: readonly string[],
  entry?: JournalEntry,
): ForgeError | undefined {
  const foreign = foreignPending(releases, entry)
  const [first] = foreign
  if (first === undefined) return undefined
  return new ForgeError('E_RELEASE_PENDING', foreignText(first), {
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

/** What another project deployed, or somebody with helm. */
export async function foreignReleases({ journal, releases }: Observed): Promise<Observed['foreign']> {
  const installed = releases.filter(({ history }) => history.length > 0)
  if (journal === undefined || installed.length === 0) return []
  const others = await journal.others()
  return installed.flatMap((work) => {
    const { name, namespace } = work.release
    const owner = ownerOf({ name, namespace, installedAt: work.history[0]?.installedAt }, journal.entries, others)
    return owner.kind === 'own' ? [] : [{ release: work.release, text: told(work, owner) }]
  })
}

/**
 * It is not taken over because it has the same name: the next deploy would make of it what this project is. E_RELEASE_FOREIGN,
 * unless `--adopt` says so. Where Flux or Argo CD deploys, nothing is written, and their releases are as they are to be.
 */
export const checkOwners: Check<Observed> = ({ foreign, options, policy, project }) => {
  const [first] = foreign
  if (first === undefined || project.environment.managedBy !== undefined) return []
  if (options.adopt === true) return foreign.map(({ text }) => warn(`${text}; it is taken over (--adopt)`))
  return [
    refuse('E_RELEASE_FOREIGN', `${first.text}: nobody said that it may be taken over`, {
      hint: policy.takeOver(first.release),
      where: `release ${first.release.name}, namespace ${first.release.namespace}`,
      problems: foreign.map(({ release, text }) => ({ message: text, where: `release ${release.name}` })),
    }),
  ]
}

function told({ release: { name }, history }: ObservedRelease, owner: Exclude<Owner, { kind: 'own' }>): string {
  const revision = history[0]?.revision ?? 0
  return owner.kind === 'project'
    ? `release ${name} belongs to project ${owner.entry.project}, whose #${owner.entry.number} deployed it`
    : `release ${name} is at revision ${revision}, and no deploy of this project made it`
}

/**
 * helm knows a release by its namespace as well: in another one helm would install a second release, and nothing would ever
 * uninstall the first: E_RELEASE_ELSEWHERE. No request where none has moved.
 */
export const checkElsewhere: Check<Opened> = async ({ project, liveEntry, previous, cluster }, { signal }) => {
  const before = liveEntry ?? previous
  for (const { name, namespace, at } of project.releases) {
    const then = before?.releases.find((one) => one.name === name)?.namespace ?? ''
    if (then === '' || then === namespace) continue
    const [newest] = await cluster.history(name, then, signal)
    if (newest === undefined || newest.status === 'uninstalled') continue
    const message = `release ${name} lives in namespace ${then} and shall live in ${namespace}: helm cannot move a release, and both would run`
    const where = `${at.file}:${at.line}`
    return [refuse('E_RELEASE_ELSEWHERE', message, { hint: helm(['uninstall', name], then), where })]
  }
  return []
}
