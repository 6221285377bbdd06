/** Paths of files, without touching the disk: flows and domain speak of them, adapters open them. */
export function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:[\\/]/u.test(path)
}

/** `path` seen from `dir`; `.` and `..` are worked out. */
export function absolutePath(dir: string, path: string): string {
  const joined = isAbsolute(path) ? path : `${dir}/${path}`
  const parts: string[] = []
  for (const part of joined.split(/[\\/]/u)) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  const drive = /^[A-Za-z]:$/u.test(parts[0] ?? '')
  return `${drive ? '' : '/'}${parts.join('/')}`
}

/** The folder that holds a path; the root holds itself. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0)) || '/'
}

/** As people write it: relative to `dir` where both have a folder in common, else absolute. */
export function relativeTo(dir: string, path: string): string {
  const [from, to] = [dir, path].map((one) => one.split('/').filter((part) => part !== '')) as [string[], string[]]
  let common = 0
  while (common < from.length && from[common] === to[common]) common += 1
  if (common === 0 && from.length > 0) return path
  return [...Array<string>(from.length - common).fill('..'), ...to.slice(common)].join('/') || '.'
}
