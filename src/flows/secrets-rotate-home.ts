import type { Project, VaultKeySpec, VaultSecretSpec } from '../domain/config/model.ts'
import { suggestion } from '../domain/config/nearest.ts'
import { showPosition } from '../domain/config/position.ts'
import { ForgeError } from '../errors.ts'
import { forge, program, type Hint } from '../hint.ts'
import type { SecretMaker } from '../ports.ts'
import type { DeployEnd } from './deploy/deploy.ts'
import type { DeployPorts } from './phases/ports.ts'
import { applyAndRestart, type RestartRequest } from './secrets-restart.ts'

export interface RotatedHome {
  readonly end: DeployEnd
  readonly path: string
  readonly keys: readonly string[]
}

/**
 * New values of a secret that lives in Vault: one new version by check-and-set, under the lock and in the journal, then a restart
 * of exactly the workloads whose agent reads them. If they do not become ready, the old values come back as one more version. Throws E_SECRET_ROTATION for
 * what forge does not rotate.
 */
export async function rotateHome(
  project: Project,
  spec: VaultSecretSpec,
  wanted: string | undefined,
  ports: DeployPorts & { readonly maker: SecretMaker },
  request: Omit<RestartRequest, 'names' | 'command' | 'rotated'>,
): Promise<RotatedHome> {
  const keys = chosen(project, spec, wanted)
  const values = Object.fromEntries(keys.map(({ key, length = 32 }) => [key, ports.maker.password(length)]))
  for (const value of Object.values(values)) ports.redactor.add(value)
  const rotated = { name: spec.name, values }
  const end = await applyAndRestart(ports, { ...request, names: [spec.name], command: 'secrets rotate', rotated })
  return { end, path: spec.path, keys: Object.keys(values) }
}

function chosen({ environment }: Project, spec: VaultSecretSpec, wanted: string | undefined): readonly VaultKeySpec[] {
  const env = ['--env', environment.name]
  const names = spec.keys.map(({ key }) => key)
  if (wanted !== undefined && !names.includes(wanted))
    throw new ForgeError('E_USAGE', `secret ${spec.name} has no key "${wanted}"${suggestion(wanted, names)}`, {
      hint: forge('secrets', 'list', ...env),
    })
  const refuse = (message: string, hint: Hint): never => {
    throw new ForgeError('E_SECRET_ROTATION', message, { hint, where: showPosition(spec.at) })
  }
  const keys = spec.keys.filter(({ key }) => key === (wanted ?? key))
  const bound = keys.filter(({ rollback }) => rollback !== 'restore').map(({ key }) => key)
  const other = keys.find(({ rollback, length }) => rollback === 'restore' && length !== undefined)
  if (bound.length > 0)
    refuse(
      `${bound.join(', ')} of secret ${spec.name} ${bound.length === 1 ? 'is' : 'are'} not forge's to rotate (rollback: keep or refuse): the other half lives elsewhere and would not follow; change it there, then in Vault, and deploy`,
      other === undefined
        ? program('vault', 'kv', 'patch', spec.path)
        : forge('secrets', 'rotate', `${spec.name}/${other.key}`, ...env),
    )
  const notMade = keys.find(({ length }) => length === undefined)
  if (notMade !== undefined)
    refuse(
      `key ${notMade.key} of secret ${spec.name} has no "generate": put a new value into Vault instead, and deploy`,
      program('vault', 'kv', 'patch', spec.path),
    )
  return keys
}
