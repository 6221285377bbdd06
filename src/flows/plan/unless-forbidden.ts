import { ForgeError } from '../../errors.ts'
import type { DeployContext } from '../deploy/context.ts'

/**
 * A plan is made with whatever rights there are: what may not be read is noted, and the rest is told. A deploy needs the
 * answer, so there the refusal stands.
 */
export async function unlessForbidden<T>(
  { options, notChecked }: Pick<DeployContext, 'options' | 'notChecked'>,
  what: string | undefined,
  call: Promise<T>,
  otherwise: () => void = () => undefined,
): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (options.planOnly !== true || !(error instanceof ForgeError) || error.code !== 'E_FORBIDDEN') throw error
    if (what !== undefined) notChecked.push(`${what}: not checked, ${error.message}`)
    otherwise()
    return undefined
  }
}
