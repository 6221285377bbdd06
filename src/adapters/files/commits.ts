import type { Commits } from '../../gitops-port.ts'
import { withoutLogin } from '../images/contexts.ts'
import { run } from '../process.ts'
import { gitRoot } from './git-root.ts'
import { AS_DATA } from './sources.ts'

/** The history of the checkout that `dir` is in; outside of one, or without git, nothing is known. */
export function commitsOf(dir: string, signal: AbortSignal): Commits {
  const root = gitRoot(dir)
  const git = async (
    ...args: readonly string[]
  ): Promise<{ readonly status: number | undefined; readonly text: string }> => {
    if (root === undefined) return { status: undefined, text: '' }
    const { status, stdout } = await run('git', [...AS_DATA, '-C', root, ...args], { signal })
    return { status, text: stdout.trim() }
  }
  const isAncestor = async (one: string, other: string): Promise<boolean> =>
    (await git('merge-base', '--is-ancestor', one, other)).status === 0
  return {
    async resolve(revision) {
      const { status, text } = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`)
      return status === 0 ? text : undefined
    },
    async relation(commit, to) {
      if (await isAncestor(commit, to)) return 'older'
      return (await isAncestor(to, commit)) ? 'newer' : 'unknown'
    },
    async isMerge(commit) {
      return (await git('rev-parse', '--verify', '--quiet', `${commit}^2`)).status === 0
    },
    async isPushed(commit) {
      const { status, text } = await git('branch', '--remotes', '--contains', commit)
      const { text: remotes } = await git('remote')
      return status !== 0 || remotes === '' ? undefined : text !== ''
    },
    async origin() {
      const { status, text } = await git('remote', 'get-url', 'origin')
      return status === 0 ? withoutLogin(text) : undefined
    },
  }
}
