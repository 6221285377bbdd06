import { judgePlace, judgePolicies, judgeRole, type VaultFinding } from '../../domain/vault/judge.ts'
import type { VaultLoginNeed, VaultNeed, VaultReadNeed } from '../../domain/vault/needs.ts'
import type { Project } from '../../domain/config/model.ts'
import type { Seen, VaultExaminer } from '../../vault-port.ts'
import type { ProjectPorts } from '../project/ports.ts'
import { accessOf } from './store.ts'
import { withoutSlashes } from '../../domain/vault/path.ts'

/** As `vault` of forge.yaml and the environment have it; nothing is asked before the first question. */
export async function examinerOf(project: Project, ports: ProjectPorts): Promise<VaultExaminer> {
  const access = await accessOf(project, ports)
  if (access.kind === 'found') return await ports.sources.examineVault(access.value, ports.signal)
  const unseen = (): Promise<Seen<never>> => Promise.resolve({ kind: 'unseen', why: access.what })
  return { where: unseen, role: unseen, policy: unseen, place: unseen }
}

/** What was found of one thing that is needed: of a role, or of a path. */
export interface Examined {
  readonly need: VaultNeed
  readonly of:
    | { readonly kind: 'role'; readonly login: VaultLoginNeed }
    | { readonly kind: 'path' | 'policy'; readonly read: VaultReadNeed; readonly role: string | undefined }
  readonly finding: Exclude<VaultFinding, undefined>
}

/** All that is wrong with what is needed, and all that cannot be seen of it. */
export async function examineNeed(need: VaultNeed, examiner: VaultExaminer): Promise<Examined[]> {
  const elsewhere = await elsewhereOf(need, examiner)
  const { login, reads } = need
  const role = login?.role
  if (elsewhere !== undefined) {
    const finding = { kind: 'doubt', why: elsewhere } as const
    return [
      ...(login === undefined ? [] : [{ need, of: { kind: 'role' as const, login }, finding }]),
      ...reads.map((read) => ({ need, of: { kind: 'path' as const, read, role }, finding })),
    ]
  }
  const ofRole = login === undefined ? undefined : await examiner.role(login.mount, login.role)
  const found = login === undefined || ofRole === undefined ? undefined : judgeRole(ofRole, login)
  const ofReads = await Promise.all(
    reads.map(async (read): Promise<(Examined | undefined)[]> => {
      const place = await examiner.place(read.path)
      const finding = judgePlace(place, read)
      const path = finding === undefined ? undefined : { need, of: { kind: 'path' as const, read, role }, finding }
      if (role === undefined || ofRole?.kind !== 'seen' || place.kind === 'missing') return [path]
      const names = ofRole.value.policies
      const policies = await Promise.all(names.map(async (name) => [name, await examiner.policy(name)] as const))
      const leave = judgePolicies(read, place, role, new Map(policies))
      return [
        path,
        leave === undefined ? undefined : { need, of: { kind: 'policy' as const, read, role }, finding: leave },
      ]
    }),
  )
  const first: Examined[] =
    found === undefined || login === undefined ? [] : [{ need, of: { kind: 'role', login }, finding: found }]
  return [...first, ...ofReads.flat().filter((one) => one !== undefined)]
}

/** Why this Vault has nothing to say of it: the pods ask another one. */
async function elsewhereOf(
  { address, vaultNamespace }: VaultNeed,
  examiner: VaultExaminer,
): Promise<string | undefined> {
  if (address === undefined && vaultNamespace === undefined) return undefined
  const where = await examiner.where()
  if (where.kind !== 'seen') return where.kind === 'unseen' ? where.why : undefined
  const { address: own, namespace = 'root' } = where.value
  if (address !== undefined && bare(address) !== bare(own))
    return `its pods ask Vault at ${address}, and forge the one at ${own}`
  if (vaultNamespace !== undefined && bare(vaultNamespace) !== bare(namespace))
    return `its pods ask namespace ${vaultNamespace} of Vault, and forge namespace ${namespace}`
  return undefined
}

function bare(text: string): string {
  return withoutSlashes(text).toLowerCase()
}
