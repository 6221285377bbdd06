import type { Project, VaultSecretSpec } from '../../domain/config/model.ts'
import { showPosition } from '../../domain/config/position.ts'
import { textOf } from '../../domain/values/text-of.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { VaultContent, VaultStore } from '../../vault-port.ts'
import type { ProjectPorts, SecretSink } from '../project/ports.ts'
import { register } from '../project/secrets.ts'
import { SourceReader } from '../project/source-reader.ts'
import { vaultAccess } from '../project/vault-access.ts'

/** With its own reader: what a pipeline logs in with is a source as others. */
export async function accessOf(project: Pick<Project, 'dir' | 'vault'>, ports: ProjectPorts) {
  const reader = new SourceReader(project, ports)
  return await vaultAccess(project, async (source) => await reader.read(source))
}

/** Vault as forge.yaml and the process say where it is. Throws E_SOURCE_VAULT. */
export async function openStore(project: Pick<Project, 'dir' | 'vault'>, ports: ProjectPorts): Promise<VaultStore> {
  const access = await accessOf(project, ports)
  if (access.kind === 'found') return await ports.sources.vaultStore(access.value, ports.signal)
  throw new ForgeError('E_SOURCE_VAULT', `the login of Vault: ${access.what}`, {
    hint: (access.kind === 'invalid' ? access.hint : undefined) ?? forge('explain', 'E_SOURCE_VAULT'),
    where: access.kind === 'invalid' ? showPosition(access.at) : 'vault.auth.jwt',
  })
}

/** All values are masked before anything can be said of them. */
export async function readHome(
  { path }: Pick<VaultSecretSpec, 'path'>,
  store: VaultStore,
  redact: SecretSink,
  version?: number,
): Promise<VaultContent> {
  const content = await store.content(path, version)
  for (const value of Object.values(content.data)) register(new TextEncoder().encode(textOf(value)), redact)
  return content
}
