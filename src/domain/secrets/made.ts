import type { SecretKeySpec, SecretSpec } from '../config/model.ts'

/** Whether `forge secrets generate` makes the file that the key is read from. */
export function isMade({ generate }: Pick<SecretSpec, 'generate'>, { source, length }: SecretKeySpec): boolean {
  return source.kind === 'file' && (length !== undefined || generate?.kind === 'certificate')
}
