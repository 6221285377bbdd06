import type { Checkout } from '../../domain/config/checkout.ts'
import { relativeTo } from '../../domain/config/file-path.ts'
import type { Repository } from '../../export-port.ts'
import { withoutLogin } from '../images/contexts.ts'
import { run } from '../process.ts'
import { gitRoot } from './git-root.ts'
import { AS_DATA } from './sources.ts'

/**
 * The checkouts that these files and folders (absolute paths) are of, but for the one that `dir` is in: git is asked of the
 * others alone.
 */
export async function checkoutsOf(
  paths: readonly string[],
  dir: string,
  signal: AbortSignal,
): Promise<readonly Checkout[]> {
  const own = gitRoot(dir)
  const byRoot = Map.groupBy(paths, gitRoot)
  const others = [...byRoot].flatMap(([root, inside]) => (root === undefined || root === own ? [] : [{ root, inside }]))
  return await Promise.all(
    others.map(async ({ root, inside }) => ({
      folder: relativeTo(dir, root),
      ...(await stateOf(root, inside, signal)),
    })),
  )
}

/** The repository that a folder is in; undefined: it is in none. */
export async function repositoryOf(dir: string, signal: AbortSignal): Promise<Repository | undefined> {
  const root = gitRoot(dir)
  if (root === undefined) return undefined
  const address = withoutLogin((await ask(root, signal, 'remote', 'get-url', 'origin')) ?? '')
  return { root, ...(address === undefined ? {} : { address }) }
}

async function stateOf(
  root: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Pick<Checkout, 'commit' | 'isChanged'>> {
  const [commit, changes] = await Promise.all([
    ask(root, signal, 'rev-parse', '--verify', 'HEAD'),
    ask(root, signal, 'status', '--porcelain', '--untracked-files=all', '--', ...paths),
  ])
  if (commit === undefined || changes === undefined) return {}
  return changes === '' ? { commit } : { commit, isChanged: true }
}

/** Undefined: git does not tell. */
async function ask(root: string, signal: AbortSignal, ...args: readonly string[]): Promise<string | undefined> {
  const { status, stdout } = await run('git', [...AS_DATA, '-C', root, ...args], { signal })
  return status === 0 ? stdout.trim() : undefined
}
