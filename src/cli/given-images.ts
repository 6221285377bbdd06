import { readGivenImages, type GivenImage } from '../domain/config/given-images.ts'
import type { Choice } from '../domain/config/select.ts'
import { givenValues } from './given-values.ts'
import type { Session, SessionFlags } from './session.ts'

interface Flags extends Omit<SessionFlags, 'only'> {
  readonly only?: Choice['only'] | undefined
  readonly from?: string | undefined
}

/**
 * Images of the command line: `--image`, and before it what `--from ENV` runs. That environment is where forge.yaml says, whatever
 * `--context` says of the one that is deployed to.
 */
export async function givenImages(flags: Flags, session: Session): Promise<readonly GivenImage[]> {
  const named = readGivenImages(flags.image ?? [])
  const { from } = flags
  if (from === undefined) return named
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
  const dir = session.dirGiven ? session.dir : undefined
  const load = { dir, env: session.env, ...givenValues(flags) }
  const ports = wireState({ ...session, context: undefined })
  const promoted = await promotedImages({ from, dir, load, kubeconfig: session.kubeconfig }, ports)
  session.reached({ given: { ...given, promotes: from } })
  return [...promoted.filter(({ name }) => named.every((one) => one.name !== name)), ...named]
}
