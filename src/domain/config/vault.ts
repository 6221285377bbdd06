import type { Source } from '../sources/sources.ts'
import { fileSource } from './build-source.ts'
import { compact } from './compact.ts'
import type { Places } from './places.ts'
import type { Sections } from './schema.ts'

/** What forge.yaml says of Vault. What the environment of the process says (VAULT_ADDR, VAULT_TOKEN) goes before it. */
export interface VaultSettings {
  readonly address?: string
  readonly namespace?: string
  /** A path, relative to the folder of forge.yaml. */
  readonly ca?: string
  readonly auth?: {
    readonly method: 'jwt' | 'kubernetes'
    readonly role: string
    readonly mount: string
    readonly jwt?: Source
  }
}

export function buildVault({ auth, ...plain }: NonNullable<Sections['vault']>, places: Places): VaultSettings {
  if (auth === undefined) return compact(plain)
  const { method, role, mount = method, jwt } = auth
  const source = jwt === undefined ? undefined : fileSource(jwt, ['vault', 'auth', 'jwt'], places)
  return compact({ ...plain, auth: compact({ method, role, mount, jwt: source }) })
}
