import type { Seen, VaultPlace, VaultRole } from '../../vault-port.ts'
import type { VAULT_CODES } from '../../vault-codes.ts'
import { forge, program, type Hint } from '../../hint.ts'
import { suggestion } from '../config/nearest.ts'
import type { VaultLoginNeed, VaultReadNeed } from './needs.ts'
import { leaveOf, readPolicy, type PathRule } from './policy.ts'
import { withoutSlashes } from './path.ts'

/** What is wrong for certain, or cannot be seen. `lack`: the rest of a sentence that begins with the thing. */
export type VaultFinding =
  | { readonly kind: 'lack'; readonly code: keyof typeof VAULT_CODES; readonly lack: string; readonly hint: Hint }
  | { readonly kind: 'doubt'; readonly why: string }
  | undefined

/** Whether the role is there, and lets this ServiceAccount in. */
export function judgeRole(role: Seen<VaultRole>, login: VaultLoginNeed): VaultFinding {
  const at = `auth/${login.mount}`
  if (role.kind === 'unseen') return { kind: 'doubt', why: role.why }
  const lacking = (lack: string, hint: Hint): VaultFinding => ({ kind: 'lack', code: 'E_VAULT_ROLE', lack, hint })
  if (role.kind === 'missing') return lacking(`does not exist at ${at}`, forge('vault', 'policy'))
  const { accounts, namespaces, selects, audience } = role.value
  const read = program('vault', 'read', `${at}/role/${login.role}`)
  if (login.account !== undefined && !isAmong(login.account, accounts))
    return lacking(`at ${at} is bound to ${listed('ServiceAccount', accounts)}, and not to ${login.account}`, read)
  if (!isAmong(login.namespace, namespaces)) {
    if (selects) return { kind: 'doubt', why: `role ${login.role} chooses namespaces by their labels` }
    return lacking(`at ${at} is bound to ${listed('namespace', namespaces)}, and not to ${login.namespace}`, read)
  }
  if (audience === undefined || audience === login.audience) return undefined
  if (login.audience === undefined)
    return {
      kind: 'doubt',
      why: `it wants tokens for audience ${audience}, and for which the API server makes them is not known`,
    }
  return lacking(`at ${at} wants tokens for audience ${audience}, and that of the pods is for ${login.audience}`, read)
}

function listed(what: string, names: readonly string[]): string {
  if (names.length === 0) return `no ${what}`
  return `${what} ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`
}

/** Names may be patterns, where `*` stands for anything. */
function isAmong(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const [first = '', ...others] = pattern.split('*')
    if (others.length === 0) return name === pattern
    const last = others.pop() ?? ''
    if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false
    let at = first.length
    return others.every((part) => {
      const found = name.indexOf(part, at)
      at = found + part.length
      return found !== -1 && at <= name.length - last.length
    })
  })
}

/** Whether the path and its keys are there. */
export function judgePlace(place: Seen<VaultPlace>, { path, keys, isMade }: VaultReadNeed): VaultFinding {
  if (isMade) return undefined
  if (place.kind === 'unseen') return { kind: 'doubt', why: place.why }
  const hint = program('vault', 'kv', 'get', path)
  if (place.kind === 'missing') return { kind: 'lack', code: 'E_VAULT_PATH', lack: 'is not there', hint }
  const { keys: there, engine } = place.value
  if (there === undefined) return { kind: 'doubt', why: `an engine of type ${engine} makes it when it is read` }
  const missing = keys.filter((key) => !there.includes(key))
  const [first] = missing
  if (first === undefined) return undefined
  return {
    kind: 'lack',
    code: 'E_VAULT_PATH',
    lack: `has no key ${missing.join(', ')}${suggestion(first, there)}`,
    hint,
  }
}

/** Whether the policies of the role let it read the path. `policies`: all of them, by name. */
export function judgePolicies(
  read: VaultReadNeed,
  place: Seen<VaultPlace>,
  role: string,
  policies: ReadonlyMap<string, Seen<string>>,
): VaultFinding {
  const path = apiPath(read, place)
  if (path === undefined)
    return { kind: 'doubt', why: place.kind === 'unseen' ? place.why : `it is not known how the API has ${read.path}` }
  const rules: PathRule[] = []
  for (const [name, policy] of policies) {
    if (policy.kind === 'unseen') return { kind: 'doubt', why: policy.why }
    const found = policy.kind === 'missing' ? [] : readPolicy(policy.value)
    if (found === undefined)
      return { kind: 'doubt', why: `policy ${name} is written in a way that forge does not read` }
    rules.push(...found)
  }
  const leave = leaveOf(rules, path, read.isMade ? ['update', 'create'] : ['read'])
  if (leave === 'allowed') return undefined
  if (leave === 'unknown') return { kind: 'doubt', why: 'a policy speaks of whoever logs in' }
  const names = [...policies.keys()].filter((name) => name !== 'default')
  const whose =
    names.length === 0
      ? 'has no policies of its own'
      : `has ${names.length === 1 ? 'policy' : 'policies'} ${names.join(', ')}`
  return {
    kind: 'lack',
    code: 'E_VAULT_POLICY',
    lack: `may not be ${read.isMade ? 'asked for' : 'read'} by role ${role}, which ${whose} (policies speak of ${path})`,
    hint: forge('vault', 'policy'),
  }
}

/** As policies have it. What is not seen is taken as the API has it where it looks so. */
function apiPath({ path, isMade }: VaultReadNeed, place: Seen<VaultPlace>): string | undefined {
  const clean = withoutSlashes(path)
  if (place.kind === 'seen') return place.value.path
  return isMade || clean.split('/').includes('data') ? clean : undefined
}
