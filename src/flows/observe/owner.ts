import { ownerOf, type Owner } from '../../domain/journal/owner.ts'
import { ForgeError } from '../../errors.ts'
import { forge, helm, type Hint } from '../../hint.ts'
import type { Observed, ObservedRelease } from '../phases/observed.ts'

/**
 * What another project deployed, or somebody with helm, is not taken over because it has the same name: the next deploy
 * would make of it what this project is. Returns the names of those that are (`--adopt`). Throws E_RELEASE_FOREIGN.
 */
export async function refuseOwned(context: Observed): Promise<readonly string[]> {
  const { journal, works, options, warnings } = context
  const installed = works.filter(({ history }) => history.length > 0)
  if (journal === undefined || installed.length === 0) return []
  const others = await journal.others()
  const foreign = installed.flatMap((work) => {
    const { name, namespace } = work.release
    const installedAt = work.history[0]?.installedAt
    const owner = ownerOf({ name, namespace, installedAt }, journal.entries, others)
    return owner.kind === 'own' ? [] : [{ work, text: told(work, owner) }]
  })
  const [first] = foreign
  if (first === undefined) return []
  if (options.adopt === true) {
    warnings.push(...foreign.map(({ text }) => `${text}; it is taken over (--adopt)`))
    return foreign.map(({ work }) => work.release.name)
  }
  throw new ForgeError('E_RELEASE_FOREIGN', `${first.text}: nobody said that it may be taken over`, {
    hint: hintFor(context, first.work),
    where: `release ${first.work.release.name}, namespace ${first.work.release.namespace}`,
    problems: foreign.map(({ work, text }) => ({ message: text, where: `release ${work.release.name}` })),
  })
}

function told({ release: { name }, history }: ObservedRelease, owner: Exclude<Owner, { kind: 'own' }>): string {
  const revision = history[0]?.revision ?? 0
  return owner.kind === 'project'
    ? `release ${name} belongs to project ${owner.entry.project}, whose #${owner.entry.number} deployed it`
    : `release ${name} is at revision ${revision}, and no deploy of this project made it`
}

/** Only a deploy says what a release becomes: `forge uninstall` and `forge rollback` are no place to take one over. */
function hintFor({ project, options, target }: Observed, { release }: ObservedRelease): Hint {
  const planned = options.planOnly === true && target === undefined
  if (options.removes === true) return helm(['uninstall', release.name], release.namespace)
  return forge(planned || options.saved !== undefined ? 'plan' : 'deploy', '--env', project.environment.name, '--adopt')
}
