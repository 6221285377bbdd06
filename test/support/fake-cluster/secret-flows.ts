import { loadProject } from '../../../src/flows/project/load.ts'
import type { DeployEnd } from '../../../src/flows/deploy/deploy.ts'
import { applyAndRestart, type RestartRequest } from '../../../src/flows/secrets-restart.ts'
import { rotateSecret, type RotateEnd, type RotatePorts } from '../../../src/flows/secrets-rotate.ts'
import type { Run } from './run.ts'

const REQUEST: Omit<RestartRequest, 'names' | 'command'> = {
  dir: '/p',
  dirGiven: true,
  env: 'test',
  yes: true,
  timeoutMs: undefined,
  overwrite: false,
}

/** `forge secrets apply --restart` */
export async function restarts(run: Run): Promise<DeployEnd> {
  return await run.ends(applyAndRestart(run.ports, { ...REQUEST, names: undefined, command: 'secrets apply' }))
}

/** `forge secrets rotate login` */
export async function rotates(run: Run): Promise<RotateEnd> {
  const project = await loadProject(run.ports.project, { dir: '/p', env: 'test' })
  return await run.ends(rotateSecret(project, rotatePorts(run), 'login', REQUEST))
}

function rotatePorts({ ports }: Run): RotatePorts {
  const none = (): never => {
    throw new Error('no certificate is asked for')
  }
  return {
    ...ports,
    maker: { password: (length) => 'n'.repeat(length), authority: none, server: none },
    versionControl: { ignores: () => Promise.resolve(true) },
    alone: async (_folders, work) => await work(),
    stateFolder: '/state',
  }
}
