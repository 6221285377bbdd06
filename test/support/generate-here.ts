import { alone } from '../../src/adapters/files/alone.ts'
import { openFiles } from '../../src/adapters/files/files.ts'
import { secretMaker } from '../../src/adapters/files/secret-maker.ts'
import { loadProject } from '../../src/flows/project/load.ts'
import { generateSecrets, type GenerateReport } from '../../src/flows/secrets-generate.ts'
import { projectPorts } from './project-ports.ts'
import { sink } from './secrets.ts'

/** Makes the secrets of a project in a real folder. `dieAt`: the process is killed before its write of that number, from 1. */
export async function generateHere(
  dir: string,
  dieAt?: number,
  force: readonly string[] = [],
): Promise<GenerateReport> {
  const files = openFiles(dir)
  let writes = 0
  const mortal: typeof files = {
    ...files,
    async write(...args) {
      writes += 1
      if (writes === dieAt) process.kill(process.pid, 'SIGKILL')
      await files.write(...args)
    },
  }
  const ports = {
    ...projectPorts(mortal),
    maker: secretMaker,
    versionControl: { ignores: () => Promise.resolve(true) },
    alone: async <T>(folders: readonly string[], work: () => Promise<T>): Promise<T> =>
      await alone(folders, work, { signal: new AbortController().signal, onWait: () => undefined }),
    stateFolder: `${dir}/state`,
  }
  return await generateSecrets(await loadProject(ports, { dir }), ports, sink(), { only: [], force })
}

/** As a program: DIR [DIE-AT [FORCE]]. */
const [, main, dir, dieAt, ...force] = process.argv
if (main === import.meta.filename && dir !== undefined) await generateHere(dir, Number(dieAt), force)
