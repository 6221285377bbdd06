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

/** Of a kind that was served a moment ago: its definition may have been deleted since, and then none is left. */
export async function noneIfGone<T>(list: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await list
  } catch (error) {
    if (!(error instanceof ForgeError) || !GONE.has(error.code)) throw error
    return []
  }
}

const GONE = new Set(['E_API_NOT_FOUND', 'E_KIND_UNKNOWN'])
