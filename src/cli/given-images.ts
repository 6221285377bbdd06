import { readGivenImages, type GivenImage } from '../domain/config/given-images.ts'
import type { Choice } from '../domain/config/select.ts'
import { promotionOf } from '../flows/images/promotion.ts'
import { givenValues } from './given-values.ts'
import type { Session, SessionFlags } from './session.ts'
import { projectPorts } from './wire.ts'

interface Flags extends Omit<SessionFlags, 'only'> {
  readonly only?: Choice['only'] | undefined
  readonly from?: string | undefined
  readonly 'skip-build'?: boolean
}

/** Images of the command line: `--image`. */
export function namedImages({ image }: Pick<Flags, 'image'>): readonly GivenImage[] {
  return readGivenImages(image ?? [])
}

/**
 * `--image`, and before it what the environment of `--from`, or of `promotes` in forge.yaml, runs. That one is where forge.yaml
 * says, whatever `--context` says of the one that is deployed to.
 */
export async function givenImages(flags: Flags, session: Session): Promise<readonly GivenImage[]> {
  const named = namedImages(flags)
  // What runs is kept, whatever another environment has.
  if (flags.from === undefined && flags['skip-build'] === true) return named
  const dir = session.dirGiven ? session.dir : undefined
  const load = { dir, env: session.env, ...givenValues(flags) }
  const promotion =
    flags.from === undefined
      ? await promotionOf(load, named, projectPorts(session))
      : { from: flags.from, by: '--from' }
  if (promotion === undefined) return named
  const [{ promotedImages }, { wireState }] = await Promise.all([
    import('../flows/images/promote.ts'),
    import('./wire-state.ts'),
  ])
  const { given } = session.here
  // What it says on the way is about the other environment, which was given no values and no context.
  const { dir: folder, kubeconfig: file } = given
  session.reached({
    given: { ...(folder === undefined ? {} : { dir: folder }), ...(file === undefined ? {} : { kubeconfig: file }) },
  })
  const ports = wireState({ ...session, context: undefined })
  const promoted = await promotedImages({ ...promotion, dir, load, kubeconfig: session.kubeconfig }, ports)
  session.reached({ given: { ...given, ...(flags.from === undefined ? {} : { promotes: flags.from }) } })
  return [...promoted.filter(({ name }) => named.every((one) => one.name !== name)), ...named]
}
