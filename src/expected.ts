import { ForgeError } from './errors.ts'
import { TimeIsUp } from './time-limit.ts'

/** What the world may answer: an error with a code, the end of a signal or of a time, a system call that failed. All else is a bug. */
export function isExpected(error: unknown): error is Error {
  if (error instanceof ForgeError) return error.code !== 'E_BUG'
  if (typeof error !== 'object' || error === null) return false
  return error instanceof TimeIsUp || isAbort(error) || isOfSystem(error) || isOfContent(error)
}

function isAbort(error: object): boolean {
  return 'name' in error && (error.name === 'AbortError' || error.name === 'TimeoutError')
}

/** `ENOSPC: no space left on device, write`: Node says which call of the system it was. */
function isOfSystem(error: object): boolean {
  return 'syscall' in error && 'code' in error
}

/** OpenSSL, zlib and the file system say by these that bytes are no certificate, no archive, and a text no path. */
function isOfContent(error: object): boolean {
  return 'code' in error && /^(?:ERR_OSSL_|Z_|ERR_INVALID_ARG_VALUE$)/u.test(String(error.code))
}

/** The error, where it is expected. A bug is thrown on, with its stack: nothing may take it for an answer. */
export function expected(error: unknown): Error {
  if (isExpected(error)) return error
  throw error
}

/** What the promise gives, or `otherwise` where it fails as it may. A bug passes. */
export async function unlessItFails<T, U>(promise: Promise<T>, otherwise: (why: Error) => U): Promise<T | U> {
  return await promise.catch((error: unknown) => otherwise(expected(error)))
}
