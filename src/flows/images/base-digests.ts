import { byDigest, parseReference } from '../../domain/images/reference.ts'
import type { BuildSpec } from './build-spec.ts'
import { whyNot, type ImageWork } from './work.ts'

/**
 * What a build begins from: images that its Dockerfile names by a tag, as it has them, each by the digest that the registry has under
 * that tag now. What cannot be told is in the tag by its name alone, which is a warning.
 */
export async function baseDigests(
  name: string,
  dockerfile: string | undefined,
  { args, platforms, contexts }: Pick<BuildSpec, 'args' | 'platforms' | 'contexts'>,
  work: ImageWork,
): Promise<Record<string, string>> {
  // One in a repository elsewhere is read by the builder alone.
  if (dockerfile === undefined) return {}
  const { basesOf } = await import('../../domain/images/bases.ts')
  const request = { args, platforms, builds: work.platform, contexts: Object.keys(contexts) }
  const { floating, unknown } = basesOf(dockerfile, request)
  const doubt = (base: string, why: string): void => {
    work.warnings.push(`image ${name}: its base ${base} is in the tag by its name alone (${why})`)
  }
  for (const base of unknown) doubt(base, 'a variable in it is not set')
  const looked = await Promise.all(
    floating.map(async (base) => [base, await work.registries.look(base, work.signal)] as const),
  )
  return Object.fromEntries(
    looked.flatMap(([base, registered]) => {
      if (registered.is === 'there') return [[base, registered.digest] as const]
      doubt(base, whyNot(registered))
      return []
    }),
  )
}

/** As a builder finds them, by the digest that is in the tag. */
export function pinnedBases(digests: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(digests).flatMap(([base, digest]) => {
      const parsed = parseReference(base)
      return 'problem' in parsed ? [] : [[base, byDigest(parsed, digest)] as const]
    }),
  )
}
