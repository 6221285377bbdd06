import type { VaultNeed, VaultReadNeed } from './needs.ts'
import { withoutSlashes } from './path.ts'

/** The least that a role of Vault must be, for the pods that log in by it. */
export interface LeastRole {
  readonly role: string
  /** Of the Kubernetes method. */
  readonly mount: string
  /** A namespace of Vault itself. */
  readonly vaultNamespace: string | null
  readonly serviceAccounts: readonly string[]
  readonly namespaces: readonly string[]
  readonly audience: string | null
  /** Who logs in by it. */
  readonly by: readonly string[]
  readonly rules: readonly LeastRule[]
}

export interface LeastRule {
  readonly path: string
  readonly capabilities: readonly string[]
  /** How it was decided what the API calls the path. */
  readonly because: string
}

/** The `--json` result of `forge vault policy`. */
export interface VaultPolicies {
  readonly environment: string
  /** Of pods. */
  readonly roles: readonly LeastRole[]
  /** What forge's own token needs: for sources, and to check what pods need. */
  readonly forge: readonly LeastRule[]
  /** What the charts do not tell. */
  readonly unknown: readonly string[]
}

/** Roles in the order of their names. */
export function leastRoles(needs: readonly VaultNeed[]): LeastRole[] {
  const found = new Map<string, VaultNeed[]>()
  for (const need of needs) {
    if (need.login === undefined) continue
    const key = [need.login.role, need.login.mount, need.vaultNamespace ?? ''].join(' ')
    found.set(key, [...(found.get(key) ?? []), need])
  }
  return [...found.entries()].toSorted(([one], [other]) => (one < other ? -1 : 1)).flatMap(([, some]) => together(some))
}

function together(needs: readonly VaultNeed[]): LeastRole[] {
  const logins = needs.flatMap(({ login }) => login ?? [])
  const [first] = logins
  if (first === undefined) return []
  return [
    {
      role: first.role,
      mount: first.mount,
      vaultNamespace: needs[0]?.vaultNamespace ?? null,
      serviceAccounts: unique(logins.map(({ account }) => account ?? '*')),
      namespaces: unique(logins.map(({ namespace }) => namespace)),
      audience: logins.flatMap(({ audience }) => audience ?? [])[0] ?? null,
      by: unique(needs.map(({ by }) => by)),
      rules: leastRules(needs.flatMap(({ reads }) => reads)),
    },
  ]
}

export function leastRules(reads: readonly VaultReadNeed[]): LeastRule[] {
  const rules = reads.flatMap(rulesOf)
  return [...new Map(rules.map((rule) => [rule.path, rule])).values()].toSorted((one, other) =>
    one.path < other.path ? -1 : 1,
  )
}

/** To make, rotate and bring back what lives there: only version 2 of the engine can, so its mount is what stands before the first slash. */
export function homeRules(paths: readonly string[]): LeastRule[] {
  return paths.flatMap((path) => {
    const [mount = '', ...rest] = path.split('/').filter((part) => part !== '')
    const inside = rest[0] === 'data' ? rest.slice(1) : rest
    return [
      {
        path: [mount, 'data', ...inside].join('/'),
        capabilities: ['read', 'create', 'update'],
        because: 'a secret of forge.yaml lives there: generate, rotate, and the ways back',
      },
      {
        path: [mount, 'metadata', ...inside].join('/'),
        capabilities: ['read'],
        because: 'which version is there; enough for deploys that bring nothing back',
      },
    ]
  })
}

/** Which version of the engine a path is of is known by its form alone: only that of version 2 has `data` after the mount. */
function rulesOf({ path, isMade }: VaultReadNeed): LeastRule[] {
  const clean = withoutSlashes(path)
  if (isMade)
    return [{ path: clean, capabilities: ['create', 'update'], because: 'the engine makes it when it is written to' }]
  const [mount = '', ...rest] = clean.split('/')
  const capabilities = ['read']
  if (rest.includes('data')) return [{ path: clean, capabilities, because: 'data/ in it: version 2 of a KV engine' }]
  const second = [mount, 'data', ...rest].join('/')
  return [
    { path: clean, capabilities, because: 'as it is written: version 1 of a KV engine, or another one' },
    { path: second, capabilities, because: `the same, where ${mount}/ is version 2 of a KV engine` },
  ]
}

function unique(all: readonly string[]): string[] {
  return [...new Set(all)].toSorted()
}
