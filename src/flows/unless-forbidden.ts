import { ForgeError } from '../errors.ts'

/**
 * A check for which forge lacks the right says nothing, and never fails a deploy (docs/design.md, "Rights"): undefined then.
 * `otherwise` may note why, or throw after all.
 */
export async function unlessForbidden<T>(
  call: Promise<T>,
  otherwise: (why: ForgeError) => void = () => undefined,
): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (!(error instanceof ForgeError) || error.code !== 'E_FORBIDDEN') throw error
    otherwise(error)
    return undefined
  }
}
