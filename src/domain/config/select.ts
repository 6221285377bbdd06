import { ForgeError } from '../../errors.ts'
import { again } from '../../hint.ts'
import type { Project, Release } from './model.ts'
import { nearest, suggestion } from './nearest.ts'

/** `--release` and `--only`, under the names of their flags. */
export interface Choice {
  /** Empty: all. */
  readonly release?: readonly string[]
  readonly only?: boolean
}

/** What was chosen of several releases. */
export interface Selection {
  /** Those that the command line names: its values are for them alone. */
  readonly named: readonly string[]
  /** In the order of `needs`. */
  readonly leftOut: readonly Release[]
}

/** What was given, and nothing else. */
export function choiceOf({ release = [], only }: { [name in keyof Choice]?: Choice[name] | undefined }): Choice {
  return release.length === 0 ? {} : { release, ...(only === true ? { only } : {}) }
}

/**
 * The project with the releases that were asked for and, but for `--only`, with what they need. Images that none of them
 * takes are left out, too. Throws E_RELEASE_UNKNOWN.
 */
export function selectReleases(project: Project, { release: named = [], only = false }: Choice): Project {
  if (named.length === 0) return project
  requireKnown(named, project)
  const wanted = new Set(only ? named : withNeeds(named, project.releases))
  return {
    ...project,
    releases: project.releases.filter(({ name }) => wanted.has(name)),
    images: project.images.flatMap((image) => {
      const to = image.to.filter(({ release }) => wanted.has(release))
      return to.length === 0 && image.to.length > 0 ? [] : [{ ...image, to }]
    }),
    selection: { named, leftOut: project.releases.filter(({ name }) => !wanted.has(name)) },
  }
}

/** Is anything left out? */
export function isPartial({ selection }: Pick<Project, 'selection'>): boolean {
  return selection !== undefined && selection.leftOut.length > 0
}

/** All names of forge.yaml, whatever was selected. */
export function releaseNames({ releases, selection }: Pick<Project, 'releases' | 'selection'>): string[] {
  return [...releases, ...(selection?.leftOut ?? [])].map(({ name }) => name)
}

/** These and all that they need, directly or not. */
export function withNeeds(
  names: readonly string[],
  releases: readonly Pick<Release, 'name' | 'needs'>[],
): readonly string[] {
  const found = new Set<string>()
  const add = (name: string): void => {
    if (found.has(name)) return
    found.add(name)
    for (const needed of releases.find((one) => one.name === name)?.needs ?? []) add(needed)
  }
  for (const name of names) add(name)
  return [...found]
}

function requireKnown(named: readonly string[], { releases }: Project): void {
  const known = releases.map(({ name }) => name)
  const unknown = named.find((name) => !known.includes(name))
  if (unknown === undefined) return
  const meant = named.map((name) => (known.includes(name) ? name : (nearest(name, known) ?? known[0] ?? 'NAME')))
  throw new ForgeError('E_RELEASE_UNKNOWN', `forge.yaml has no release "${unknown}"${suggestion(unknown, known)}`, {
    hint: again(...[...new Set(meant)].flatMap((name) => ['--release', name])),
    where: '--release',
  })
}
