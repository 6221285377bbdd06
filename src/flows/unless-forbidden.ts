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

/**
 * For what a deploy must know: a plan is made with whatever rights there are and names what it could not look at; a
 * deploy is refused.
 */
export function onlyInPlan(
  { options, notChecked }: { readonly options?: { readonly planOnly?: boolean }; readonly notChecked?: string[] },
  what: string | undefined,
  otherwise: () => void = () => undefined,
): (why: ForgeError) => void {
  return (why) => {
    if (options?.planOnly !== true) throw why
    if (what !== undefined) notChecked?.push(`${what}: not checked, ${why.message}`)
    otherwise()
  }
}
