/** The first line of every file, by which the next export knows its own. */
export const MARK = '# Written by forge export; changes are written over.'

/** A Secret that sops has encrypted has no line of forge's: its name says what it is. */
export function isSealed(path: string): boolean {
  return /^secret-[^/]+\.sops\.yaml$/u.test(path)
}

/** What an export has written before. */
export function isOwn(path: string, text: string): boolean {
  return isSealed(path) ? /^sops:$/mu.test(text) : text.startsWith(`${MARK}\n`)
}
