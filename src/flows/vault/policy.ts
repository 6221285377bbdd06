import type { Project } from '../../domain/config/model.ts'
import { podMakers } from '../../domain/doctor/pods.ts'
import { parseManifest } from '../../domain/manifest/parse.ts'
import { projectSources } from '../../domain/trust/refused.ts'
import {
  homeRules,
  leastRoles,
  leastRules,
  type LeastRole,
  type LeastRule,
  type VaultPolicies,
} from '../../domain/vault/least.ts'
import { needOf, type VaultNeed } from '../../domain/vault/needs.ts'
import type { ReleaseConfiguration } from '../../domain/values/model.ts'
import { renderProject, type RenderPorts } from '../render.ts'

export type { VaultPolicies }

/** From the rendered charts and forge.yaml alone: no cluster and no Vault is asked. */
export async function vaultPolicies(
  project: Project,
  configuration: ReadonlyMap<string, ReleaseConfiguration>,
  ports: RenderPorts,
): Promise<VaultPolicies> {
  const rendered = await renderProject(project, configuration, ports)
  const makers = rendered.flatMap(({ release, manifest }) => {
    const { namespace = project.environment.namespace } = project.releases.find(({ name }) => name === release) ?? {}
    return podMakers(
      parseManifest(manifest, '', () => false).map(({ object }) => object),
      namespace,
    )
  })
  const pods = makers.flatMap((maker) => needOf(maker) ?? [])
  const needs = [...pods, ...requiredIn(project)]
  const roles = leastRoles(needs)
  const homes = (project.vaultSecrets ?? []).map(({ path }) => path)
  return {
    environment: project.environment.name,
    roles,
    forge: [...leastRules(ofSources(project)), ...homeRules(homes), ...toCheck(needs, roles)],
    unknown: pods.flatMap(({ by, unknown, login }) => [
      ...unknown.map(({ what, why }) => `${by}: ${what}, ${why}`),
      ...(login === undefined && unknown.length === 0 ? [`${by}: names no role`] : []),
    ]),
  }
}

function requiredIn({ requirements: { vault }, environment }: Project): VaultNeed[] {
  if (vault === undefined) return []
  const { role, paths } = vault
  const { namespace } = environment
  return [
    {
      by: 'requirements.vault',
      login:
        role === undefined
          ? undefined
          : { role: role.name, mount: role.mount, namespace, account: role.serviceAccount, audience: undefined },
      reads: paths.map(({ name, keys }) => ({ path: name, keys, isMade: false })),
      address: undefined,
      vaultNamespace: undefined,
      unknown: [],
    },
  ]
}

function ofSources(project: Project) {
  return projectSources(project).flatMap(({ source }) =>
    source.kind === 'vault' ? [{ path: source.secret, keys: [source.key], isMade: false }] : [],
  )
}

/** Of roles, of their policies (named as they are here), and of the keys at paths, without their values. */
function toCheck(needs: readonly VaultNeed[], roles: readonly LeastRole[]): LeastRule[] {
  const read = (path: string, because: string): LeastRule => ({ path, capabilities: ['read'], because })
  const keys = leastRules(needs.flatMap(({ reads }) => reads.filter(({ isMade }) => !isMade)))
  return [
    ...roles.flatMap(({ role, mount }) => [
      read(`auth/${mount}/role/${role}`, 'to whom the role is bound'),
      read(`sys/policies/acl/${role}`, 'what the role may read'),
    ]),
    ...(roles.length === 0 ? [] : [read('sys/policies/acl/default', 'every role has it')]),
    ...keys.map(({ path, because }) => {
      const isSecond = path.includes('/data/')
      return read(
        isSecond ? path.replace('/data/', '/subkeys/') : path,
        isSecond ? 'which keys are there, without values' : because,
      )
    }),
  ]
}
