import type { VaultPolicies } from '../domain/vault/least.ts'
import { vaultPolicyText } from '../screen/vault-policy.ts'
import type { Session } from './session.ts'

export function closeVaultPolicy(
  found: VaultPolicies,
  { json, output }: Session,
  subject: 'pods' | 'forge',
): VaultPolicies {
  if (!json) process.stdout.write(`${output.shown(vaultPolicyText(found, subject))}\n`)
  return found
}
