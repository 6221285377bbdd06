import type { LeastRole, LeastRule, VaultPolicies } from '../domain/vault/least.ts'

/** Commands of `vault`, to be read and pasted. */
export function vaultPolicyText(
  { environment, roles, forge, unknown }: VaultPolicies,
  subject: 'pods' | 'forge',
): string {
  const head = [
    `# The least of Vault for ${subject} in environment ${environment}; print it anew when charts read other paths.`,
    ...unknown.map((one) => `# Not known: ${one}`),
  ]
  if (subject === 'forge') {
    const none = "# Nothing: forge.yaml has no source in Vault, and no pods ask for Vault's agent."
    return [...head, ...(forge.length === 0 ? [none] : ['', ...policy(`forge-${environment}`, forge)])].join('\n')
  }
  if (roles.length === 0) return [...head, "# Nothing: no pods ask for Vault's agent by a role."].join('\n')
  return [...head, ...roles.flatMap((one) => ['', ...roleText(one)])].join('\n')
}

function roleText(one: LeastRole): string[] {
  const { role, mount, by, serviceAccounts, namespaces, audience, vaultNamespace, rules } = one
  const within = vaultNamespace === null ? [] : [`-namespace=${vaultNamespace}`]
  const settings = [
    `bound_service_account_names=${serviceAccounts.join(',')}`,
    `bound_service_account_namespaces=${namespaces.join(',')}`,
    ...(audience === null ? [] : [`audience=${audience}`]),
    `policies=${role}`,
    'ttl=1h',
  ]
  const words = ['vault', 'write', ...within, `auth/${mount}/role/${role}`, ...settings]
  return [
    `# ${by.join(', ')}: ${by.length === 1 ? 'logs' : 'log'} in by role ${role} at auth/${mount}`,
    ...policy(role, rules, within),
    words.map(quoted).join(' '),
  ]
}

function policy(name: string, rules: readonly LeastRule[], within: readonly string[] = []): string[] {
  const write = ['vault', 'policy', 'write', ...within, name, '-'].map(quoted).join(' ')
  return [`${write} <<'POLICY'`, ...rules.flatMap(ruleText), 'POLICY']
}

function ruleText({ path, capabilities, because }: LeastRule): string[] {
  return [
    `# ${because}`,
    `path ${JSON.stringify(path)} { capabilities = [${capabilities.map((one) => `"${one}"`).join(', ')}] }`,
  ]
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
