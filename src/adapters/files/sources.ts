import { dirname } from 'node:path'
import { ForgeError } from '../../errors.ts'
import type { Sources, VersionControl } from '../../ports.ts'
import { run, type RunResult } from '../process.ts'

/** Sources of values that are not plain files. Output of a failed program may hold a secret: only its first error line is told. */
export function openSources(environment: Readonly<Record<string, string | undefined>> = process.env): Sources {
  return {
    env: (name) => environment[name],
    async command([program = '', ...args], cwd, signal) {
      const result = await run(program, args, { cwd, signal })
      if (result.status === 0) return result.stdout
      throw new ForgeError('E_SOURCE_COMMAND', `command ${program} ${reasonOf(result)}`, {
        hint: `command -v ${program}`,
        where: program,
      })
    },
    async decrypt(file, signal) {
      const result = await run('sops', ['--decrypt', file], { cwd: dirname(file), signal })
      if (result.status === 0) return result.stdout
      throw new ForgeError('E_SOURCE_SOPS', `sops cannot decrypt ${file}: it ${reasonOf(result)}`, {
        hint:
          result.startError === undefined
            ? `sops --decrypt ${file}`
            : 'go install github.com/getsops/sops/v3/cmd/sops@v3.13.3',
        where: file,
      })
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

export const git: VersionControl = {
  async ignores(path, signal) {
    const result = await run('git', ['check-ignore', '--quiet', path], { cwd: dirname(path), signal })
    if (result.status === 0) return true
    return result.status === 1 ? false : undefined
  },
}
