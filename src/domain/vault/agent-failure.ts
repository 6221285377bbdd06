import { forge, program, type Hint } from '../../hint.ts'
import { cannotStart } from '../readiness/symptom.ts'
import type { Failure } from '../readiness/model.ts'
import type { AgentWords } from './agent-log.ts'
import type { Injection } from './injection.ts'

/** The verdict on a pod whose agent does not end, by the agent's own words. `name`: of the workload. */
export function agentFailure(
  name: string,
  failure: Failure,
  words: AgentWords,
  injection: Injection | undefined,
): Failure {
  const { why, code, hint, below } = explained(words, injection, failure.hint)
  return {
    ...failure,
    code,
    message: `${name} ${cannotStart(why).message}`,
    chain: [...failure.chain, ...below],
    hint,
  }
}

interface Explained {
  readonly code: 'E_VAULT_INIT' | 'E_VAULT_TEMPLATE'
  readonly why: string
  readonly hint: Hint
  readonly below: readonly string[]
}

/** What the server says of a role, in the words of Vault's and OpenBao's Kubernetes method. */
const OF_ROLE =
  /invalid role name|not authorized|role .* (?:could not be|not) found|invalid audience|permission denied/iu

type Explain = (words: AgentWords & { readonly path: string }, role: string | undefined, more: More) => Explained

interface More {
  readonly injection: Injection | undefined
  /** Where there is nothing better. */
  readonly logs: Hint
}

const byRole = (role: string | undefined): string => (role === undefined ? '' : ` by role ${role}`)

const login: Explain = ({ path, says }, role, { logs }) => ({
  code: 'E_VAULT_INIT',
  why: `Vault's agent cannot log in${byRole(role)} at ${path}: ${says}`,
  hint: OF_ROLE.test(says) && role !== undefined ? program('vault', 'read', `${path}/role/${role}`) : logs,
  below: [role === undefined ? path : `role ${role} at ${path}`],
})

const read: Explain = ({ path, says }, role, { logs }) => ({
  code: 'E_VAULT_INIT',
  why: `Vault's agent cannot read ${path}${byRole(role)}: ${says}`,
  hint: /permission denied/iu.test(says) ? forge('vault', 'policy') : logs,
  below: [path],
})

const absent: Explain = ({ path }, role) => ({
  code: 'E_VAULT_TEMPLATE',
  why: `Vault's agent finds nothing at ${path}${role === undefined ? '' : ` (role ${role})`}`,
  hint: program('vault', 'kv', 'get', path),
  below: [path],
})

const template: Explain = ({ key, says }, _, { injection, logs }) => {
  const from = pathOf(key, injection)
  const of = [...(key === undefined ? [] : [`key ${key}`]), ...(from === undefined ? [] : [from])].join(' of ')
  return {
    code: 'E_VAULT_TEMPLATE',
    why: `a template of Vault's agent fails${of === '' ? '' : ` (${of})`}: ${says}`,
    hint: from === undefined ? logs : program('vault', 'kv', 'get', from),
    below: of === '' ? [] : [of],
  }
}

const other: Explain = ({ says }, role, { logs }) => ({
  code: 'E_VAULT_INIT',
  why: `Vault's agent fails${byRole(role)}: ${says}`,
  hint: logs,
  below: [],
})

const EXPLAIN: Readonly<Record<AgentWords['kind'], Explain>> = { login, read, absent, template, other }

function explained(words: AgentWords, injection: Injection | undefined, logs: Hint): Explained {
  const path = words.path ?? (words.kind === 'login' ? (injection?.authPath ?? 'auth/kubernetes') : '')
  return EXPLAIN[words.kind]({ ...words, path }, injection?.role, { injection, logs })
}

/** The one path that a template reads the key of. */
function pathOf(key: string | undefined, injection: Injection | undefined): string | undefined {
  const reads = injection?.files.flatMap(({ reads: some }) => some) ?? []
  const having = key === undefined ? [] : reads.filter(({ keys }) => keys.includes(key))
  const paths = [...new Set((having.length === 0 ? reads : having).map(({ path }) => path))]
  return paths.length === 1 ? paths[0] : undefined
}
