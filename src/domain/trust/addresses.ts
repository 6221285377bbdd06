/** What may follow a whole reference: a tag, a digest. */
const EXACT = /^(?::[\w.+-]+)?(?:@sha256:[0-9a-f]{64})?$/u
/** Nothing that leads elsewhere than the text says: `..`, an escaped slash, a user's name before the host. */
const PLAIN_PATH = /^(?!.*(?:^|\/)\.\.?(?:\/|$))[\w./:@+~-]*$/u

/** May a chart come from there? `allowed`: beginnings, up to a whole part of the address. */
export function mayFetch(address: string, allowed: readonly string[]): boolean {
  return allowed.some((one) => {
    const start = one.replace(/\/+$/u, '')
    if (start === '' || !address.startsWith(start)) return false
    const rest = address.slice(start.length)
    return EXACT.test(rest) || (rest.startsWith('/') && PLAIN_PATH.test(rest))
  })
}
