/** Would a shell look for files by it? */
export function isPattern(path: string): boolean {
  return /[*?[\]{}]/u.test(path)
}
