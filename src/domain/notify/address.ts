import { decodedUri } from '../decoded.ts'
import { isRevealing } from '../redact/ordinary.ts'

/** What of a webhook's address is a secret: all of it, as URLs are spelled, and each part that opens it on its own. */
export function secretsOf(address: string): string[] {
  const url = URL.parse(address)
  if (url === null) return [address]
  const { href, pathname, search, username, password, hash } = url
  const parts = [pathname, ...pathname.split('/'), ...url.searchParams.values(), username, password, hash.slice(1)]
  const told = [...parts, ...parts.map((part) => decodedUri(part) ?? part), ...search.slice(1).split(/[&=]/u)]
  return [address, href, ...new Set(told.filter(isRevealing))]
}
