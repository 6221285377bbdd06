import type { VaultRequirement } from '../../domain/config/requirements.ts'
import { lackingOperator } from '../../domain/requirements/judge.ts'
import { judgePlace, judgePolicies, judgeRole, type VaultFinding } from '../../domain/vault/judge.ts'
import type { VaultLoginNeed } from '../../domain/vault/needs.ts'
import { leftOut } from '../../domain/vault/webhook.ts'
import { forge, kubectl } from '../../hint.ts'
import type { VaultExaminer } from '../../vault-port.ts'
import { labelsOf } from '../project/namespace-labels.ts'
import type { Observed } from '../phases/observed.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { examinerOf } from '../vault/examine.ts'
import { injectorState, WEBHOOKS_HINT } from '../vault/injector.ts'
import type { Required } from './requirements.ts'

/** `requirements.vault`: the injector, the role, and every path, with what lets the role read it. */
export async function requiredOfVault(context: Observed, ports: DeployPorts): Promise<Required[]> {
  const { vault } = context.project.requirements
  if (vault === undefined) return []
  const examiner = await examinerOf(context.project, ports.project)
  const { role: required, paths } = vault
  const login = required === undefined ? undefined : loginOf(required, context)
  return [
    ...injector(vault, context, ports.signal),
    ...(required === undefined || login === undefined
      ? []
      : [
          {
            code: 'E_VAULT_ROLE' as const,
            at: required.at,
            what: `role ${required.name} of Vault`,
            ask: async () => asked(judgeRole(await examiner.role(login.mount, login.role), login)),
          },
        ]),
    ...paths.map((path): Required => ({
      code: 'E_VAULT_PATH',
      at: path.at,
      what: `${path.name} in Vault`,
      ask: async () => asked(await ofPath(path, login, examiner)),
    })),
  ]
}

function loginOf(
  { name, mount, serviceAccount }: NonNullable<VaultRequirement['role']>,
  { project }: Observed,
): VaultLoginNeed {
  const { namespace } = project.environment
  return { role: name, mount, namespace, account: serviceAccount, audience: undefined }
}

function asked(finding: VaultFinding): Awaited<ReturnType<Required['ask']>> {
  const hint = forge('vault', 'policy')
  if (finding === undefined) return { lack: undefined, hint }
  if (finding.kind === 'doubt') return { lack: undefined, doubt: finding.why, hint }
  return { lack: finding.lack, hint: finding.hint, code: finding.code }
}

async function ofPath(
  { name, keys }: VaultRequirement['paths'][number],
  login: VaultLoginNeed | undefined,
  examiner: VaultExaminer,
): Promise<VaultFinding> {
  const read = { path: name, keys, isMade: false }
  const place = await examiner.place(name)
  const found = judgePlace(place, read)
  if (found?.kind === 'lack' || login === undefined) return found
  const role = await examiner.role(login.mount, login.role)
  // That of the role is told by itself.
  if (role.kind !== 'seen') return found
  const policies = await Promise.all(
    role.value.policies.map(async (policy) => [policy, await examiner.policy(policy)] as const),
  )
  const leave = judgePolicies(read, place, login.role, new Map(policies))
  return leave?.kind === 'lack' ? leave : (found ?? leave)
}

function injector(
  { injector: wanted }: VaultRequirement,
  { cluster, project, facts }: Observed,
  signal: AbortSignal,
): Required[] {
  if (wanted === undefined) return []
  const { namespace } = project.environment
  const [{ object, isHidden }] = facts.namespaces
  const labels = isHidden === true ? undefined : (object?.metadata.labels ?? labelsOf(namespace, project.releases))
  const ask: Required['ask'] = async () => {
    const state = await injectorState(cluster, signal)
    if (state.webhooks === undefined)
      return { lack: undefined, doubt: 'the registrations of webhooks may not be read', hint: WEBHOOKS_HINT }
    const left = leftOut(state.webhooks, { namespace, namespaceLabels: labels, labels: undefined })
    if (left !== undefined) return { lack: `would not act: ${left}`, hint: WEBHOOKS_HINT }
    if ('namespace' in wanted) return await deployment(wanted)
    if (state.down !== undefined) return { lack: `does not run: ${state.down}`, hint: WEBHOOKS_HINT }
    const doubt = state.isKnown ? {} : { doubt: 'what is behind its webhook may not be read' }
    return { lack: undefined, ...doubt, hint: WEBHOOKS_HINT }
  }
  const deployment = async (one: typeof wanted & { readonly namespace: string }): ReturnType<Required['ask']> => {
    const found = await cluster.list(
      { apiVersion: 'apps/v1', kind: 'Deployment' },
      { namespace: one.namespace },
      signal,
    )
    return { lack: lackingOperator(one, found), hint: kubectl(['get', 'deployments'], one.namespace) }
  }
  const name = 'namespace' in wanted ? ` ${wanted.namespace}/${wanted.name}` : ''
  return [{ code: 'E_VAULT_INJECTOR', at: wanted.at, what: `agent injector${name} of Vault`, ask }]
}
