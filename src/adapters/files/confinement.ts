import { existsSync, realpathSync } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import type { Allowance } from '../../domain/trust/model.ts'
import type { Confinement } from '../../ports.ts'
import { chartContent } from '../helm/chart-content.ts'
import { unlessItFails } from '../../expected.ts'
import { gitRoot } from './git-root.ts'
import { projectFolder } from './project-folder.ts'
import { realPathOf } from './real-path.ts'

const MIB = 1024 * 1024
/** Of one file. */
const MOST_BYTES = 4 * MIB
/** Of one chart, with what its links lead to counted as often as it is met. */
const MOST_FILES = 5_000

export interface ConfinementRequest extends Allowance {
  /** Where forge was started, or the folder of `-C`: absolute. */
  readonly dir: string
  readonly dirGiven: boolean
  /** Paths that the command line names, absolute. */
  readonly given: readonly string[]
}

/** Hard links cannot be told from files; git makes none. */
export function confine({ dir, dirGiven, given, ...allowance }: ConfinementRequest): Confinement {
  const root = projectFolder(dir, !dirGiven) ?? dir
  const real = existsSync(root) ? realpathSync(root) : root
  const isAstray = leadsAstray(root)
  const checkout = checkoutFolder(dir, !dirGiven)
  const own = new Set(given)
  const fault = async (path: string): Promise<string | undefined> => {
    const full = resolve(root, path)
    const isElsewhere = !isWithin(root, full)
    if (isElsewhere && own.has(full)) return astray(checkout, full)
    if (isAstray) return `is in a folder that ${root}, a link, leads to`
    return isElsewhere ? 'is outside the project' : await faultOf(full, real)
  }
  return {
    ...allowance,
    fault,
    faultWithin: async (path) => {
      const full = resolve(root, path)
      return isWithin(root, full) ? await fault(full) : astray(checkout, full)
    },
    async faultsBelow(folder) {
      const walk: Walk = { root: real, found: [], files: 0 }
      const start = await fault(folder)
      if (start !== undefined) return [{ path: relative(root, folder), fault: start }]
      await walkChart(folder, [], walk)
      return walk.found.map((one) => ({ ...one, path: relative(root, one.path) }))
    },
    async chartTexts(chart) {
      const files = await unlessItFails(chartContent(chart, { all: true }), () => undefined)
      return files?.map(({ name, data }) => ({ name, text: data.toString('utf8') }))
    },
  }
}

/** The whole of what strangers may have changed: the repository that the project is in, else the project itself. */
export function checkoutFolder(start: string, upwards: boolean): string {
  const project = projectFolder(start, upwards) ?? start
  return gitRoot(project) ?? project
}

/**
 * Why a path that the command line names is not used: it lies in the checkout, and what the checkout has there is a link out of
 * it. Read through one, a file of the machine is told; written through one, it is replaced.
 */
export function astray(checkout: string, path: string): string | undefined {
  const top = realPathOf(checkout) ?? checkout
  if (!isWithin(checkout, path) && !isWithin(top, path)) return undefined
  const real = realPathOf(path)
  if (real === undefined) return 'cannot be followed to its end'
  return isWithin(top, real) ? undefined : `leads out of the checkout, to ${real}`
}

/** `-C apps/web` is the caller's word, but that apps/web is a folder, and no link to another, is the checkout's. */
function leadsAstray(root: string): boolean {
  const here = process.cwd()
  return existsSync(root) && isWithin(here, root) && !isWithin(realpathSync(here), realpathSync(root))
}

export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
}

async function faultOf(path: string, root: string): Promise<string | undefined> {
  const real = realPathOf(path)
  if (real === undefined) return 'cannot be followed to its end'
  if (!isWithin(root, real)) return `leads out of the project, to ${real}`
  const found = await unlessItFails(stat(real), () => undefined)
  if (found === undefined || found.isDirectory()) return undefined
  if (!found.isFile()) return 'is not a regular file'
  return found.size > MOST_BYTES ? `has ${Math.ceil(found.size / MIB)} MiB; ${MOST_BYTES / MIB} is the most` : undefined
}

interface Walk {
  readonly root: string
  readonly found: { readonly path: string; readonly fault: string }[]
  files: number
}

/** As helm goes through a chart: links are followed, what .helmignore names included. `above`: the folders that it is in. */
async function walkChart(path: string, above: readonly string[], walk: Walk): Promise<void> {
  walk.files += 1
  if (walk.files > MOST_FILES) {
    if (walk.files === MOST_FILES + 1)
      walk.found.push({ path, fault: `is one of more than ${MOST_FILES} files of a chart` })
    return
  }
  const fault = await faultOf(path, walk.root)
  const info = await unlessItFails(stat(path), () => undefined)
  if (fault !== undefined) walk.found.push({ path, fault })
  else if (info === undefined) walk.found.push({ path, fault: 'is a link that leads nowhere' })
  else if (info.isDirectory()) {
    const real = await realpath(path)
    if (above.includes(real)) walk.found.push({ path, fault: 'leads back to a folder that it is in' })
    else for (const name of await readdir(path)) await walkChart(join(path, name), [...above, real], walk)
  }
}
