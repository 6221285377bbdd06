import { absolutePath } from '../../domain/config/file-path.ts'
import type { Project } from '../../domain/config/model.ts'
import type { Source } from '../../domain/sources/sources.ts'
import type { VaultAccess } from '../../vault-port.ts'
import type { Reading } from './source-reader.ts'

/** What stands under `vault`, with the token that a pipeline logs in with. */
export async function vaultAccess(
  { dir, vault: { auth, address, namespace, ca } = {} }: Pick<Project, 'dir' | 'vault'>,
  read: (source: Source) => Promise<Reading>,
): Promise<{ kind: 'found'; value: VaultAccess } | Exclude<Reading, { kind: 'found' }>> {
  const jwt = auth?.jwt === undefined ? undefined : await read(auth.jwt)
  if (jwt !== undefined && jwt.kind === 'invalid') return jwt
  // Without it the machine of a person has a token of its own.
  const isHere = jwt === undefined ? auth?.method === 'kubernetes' : jwt.kind === 'found'
  const login =
    auth === undefined || !isHere ? undefined : { ...auth, jwt: jwt?.kind === 'found' ? jwt.text?.trim() : undefined }
  return {
    kind: 'found',
    value: { address, namespace, ca: ca === undefined ? undefined : absolutePath(dir, ca), login },
  }
}
