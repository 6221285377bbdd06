import { dirname } from 'node:path'
import { ForgeError } from '../../errors.ts'
import { forge, program, sequence } from '../../hint.ts'
import type { Sources, VersionControl } from '../../ports.ts'
import { run, type RunResult } from '../process.ts'
import { getting } from '../tools/getting.ts'

/** As forge was started: what is withheld from its children stays known to it. */
const STARTED_WITH: NodeJS.ProcessEnv = { ...process.env }

/** What this process was started with, and its children are not: for one that is to be forge itself, through a pipe. */
export function withheldVariables(): Readonly<Record<string, string>> {
  const withheld = Object.entries(STARTED_WITH).flatMap(([name, value]) =>
    value === undefined || name in process.env ? [] : [[name, value] as const],
  )
  return Object.fromEntries(withheld)
}

/** In that one: sources find them as if it had been started with them. */
export function giveVariables(variables: Readonly<Record<string, string>>): void {
  Object.assign(STARTED_WITH, variables)
}

/** What programs need to run at all, whatever somebody takes for a secret. */
const NEEDED = /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|TMPDIR|TERM|KUBECONFIG|XDG_.*|(?:HTTPS?|NO)_PROXY)$/iu

/** Sources of values that are not plain files. Output of a failed program may hold a secret: only its first error line is told. */
export function openSources(environment: NodeJS.ProcessEnv = process.env): Sources {
  const own = environment === process.env ? STARTED_WITH : environment
  let vault: Promise<Pick<Sources, 'vault' | 'vaultStore' | 'examineVault'>> | undefined
  // One login for all.
  const opened = async () => {
    const { openVault, sessionsOf } = await import('../vault/read.ts')
    const { openExaminer } = await import('../vault/examine.ts')
    const sessions = sessionsOf(own)
    return { ...openVault(sessions), examineVault: openExaminer(sessions) }
  }
  return {
    env: (name) => own[name],
    withhold(names) {
      for (const name of names) if (!NEEDED.test(name)) Reflect.deleteProperty(process.env, name)
    },
    async command([name = '', ...args], cwd, signal) {
      const result = await run(name, args, { cwd, signal, env: own })
      if (result.status === 0) return result.stdout
      throw new ForgeError('E_SOURCE_COMMAND', `command ${name} ${reasonOf(result)}`, {
        hint:
          result.startError === undefined
            ? sequence(program('cd', cwd), program(name, ...args))
            : forge('explain', 'E_SOURCE_COMMAND'),
        where: name,
      })
    },
    async decrypt(file, signal) {
      const result = await run('sops', ['--decrypt', file], { cwd: dirname(file), signal, env: own })
      if (result.status === 0) return result.stdout
      throw new ForgeError('E_SOURCE_SOPS', `sops cannot decrypt ${file}: it ${reasonOf(result)}`, {
        hint:
          result.startError === undefined ? program('sops', '--decrypt', file) : getting('sops', 'E_SOURCE_SOPS', own),
        where: file,
      })
    },
    async vault(path, access, signal) {
      return await (await (vault ??= opened())).vault(path, access, signal)
    },
    async vaultStore(access, signal) {
      return await (await (vault ??= opened())).vaultStore(access, signal)
    },
    async examineVault(access, signal) {
      return await (await (vault ??= opened())).examineVault(access, signal)
    },
  }
}

function reasonOf({ startError, status, stderr }: RunResult): string {
  if (startError === 'ENOENT') return 'is not installed'
  if (startError !== undefined) return `cannot be started (${startError})`
  const line = stderr.split('\n').find((text) => text.trim() !== '')
  const exit = status === undefined ? 'was killed' : `exited with status ${status}`
  return line === undefined ? exit : `${exit}: ${line.trim().slice(0, 200)}`
}

/**
 * A folder of a checkout may be made up as a repository whose settings name programs; git runs them even to tell what is
 * ignored (https://git-scm.com/docs/git-config#Documentation/git-config.txt-safebareRepository).
 */
export const AS_DATA = ['-c', 'safe.bareRepository=explicit', '-c', 'core.fsmonitor=false']

export const git: VersionControl = {
  async ignores(path, signal) {
    const result = await run('git', [...AS_DATA, 'check-ignore', '--quiet', path], { cwd: dirname(path), signal })
    if (result.status === 0) return true
    return result.status === 1 ? false : undefined
  },
}
