import { readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { expected } from '../../expected.ts'

/** As many links as Linux follows. */
const MOST_LINKS = 40

/**
 * Where a path leads, links followed; of what is not there yet, where it would be made: behind a link that leads nowhere, too.
 * Undefined: links go round in a circle, or lead where nobody may look.
 */
export function realPathOf(path: string, links = MOST_LINKS): string | undefined {
  try {
    return realpathSync(path)
  } catch (error) {
    const { code } = expected(error) as NodeJS.ErrnoException
    if (links === 0 || (code !== 'ENOENT' && code !== 'ENOTDIR')) return undefined
  }
  const parent = realPathOf(dirname(path), links)
  if (parent === undefined) return undefined
  const target = targetOf(path)
  return target === undefined ? join(parent, basename(path)) : realPathOf(resolve(parent, target), links - 1)
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link)
  } catch (error) {
    expected(error)
    return undefined
  }
}
