import type { Project } from '../../domain/config/model.ts'
import { externalSecret, type SecretStoreRef } from '../../domain/export/secrets.ts'
import { isEqual } from '../../domain/canonical.ts'
import { writeYaml } from '../../domain/manifest/write-yaml.ts'
import { loadHelmYaml } from '../../domain/manifest/yaml.ts'
import { keptKeys, secretObject } from '../../domain/export/sealed.ts'
import { ForgeError } from '../../errors.ts'
import { again } from '../../hint.ts'
import { refuseProblems, resolveSecrets } from '../project/secrets.ts'
import type { ExportPorts } from './export.ts'

export type SecretsWay =
  | { readonly kind: 'none' }
  | { readonly kind: 'external'; readonly store: SecretStoreRef }
  /** An age recipient: `age1…`. */
  | { readonly kind: 'sops'; readonly recipient: string }

export interface SecretFiles {
  readonly files: ReadonlyMap<string, string>
  readonly warnings: readonly string[]
}

/** Never in the clear. `before`: what the last export wrote; a sealed Secret whose content is the same stays as it was. */
export async function secretFiles(
  project: Project,
  way: SecretsWay | undefined,
  before: ReadonlyMap<string, string>,
  ports: ExportPorts,
): Promise<SecretFiles> {
  const { secrets, environment, name: project_ } = project
  if (secrets.length === 0 || way?.kind === 'none') return { files: new Map(), warnings: [] }
  if (way === undefined)
    throw new ForgeError('E_USAGE', 'forge.yaml has secrets: say how they are to be exported', {
      hint: again('--secrets', 'sops:age1…'),
      where: '--secrets',
    })
  if (way.kind === 'external') {
    const at = { project: project_, environment: environment.name }
    const files = secrets.map(({ name, type, keys }) => {
      const secret = { name, namespace: environment.namespace, type, keys: keys.map(({ key }) => key) }
      return [`secret-${name}.yaml`, writeYaml(externalSecret(secret, way.store, at))] as const
    })
    return { files: new Map(files), warnings: [] }
  }
  return await sealed(project, way.recipient, before, ports)
}

async function sealed(
  project: Project,
  recipient: string,
  before: ReadonlyMap<string, string>,
  ports: ExportPorts,
): Promise<SecretFiles> {
  const { secrets } = await resolveSecrets(project, ports, ports.redactor)
  refuseProblems(
    project,
    secrets.flatMap(({ problems }) => problems),
  )
  const files = new Map<string, string>()
  const warnings: string[] = []
  for (const secret of secrets) {
    const kept = keptKeys(secret)
    if (kept.length > 0) {
      const message = `secret ${secret.spec.name} has no source here for ${kept.join(', ')}: what the cluster has is not exported`
      throw new ForgeError('E_EXPORT', message, {
        hint: again('--secrets', 'none'),
        where: `forge.yaml:${secret.spec.at.line}:${secret.spec.at.column}`,
      })
    }
    const path = `secret-${secret.spec.name}.sops.yaml`
    const object = secretObject(secret, project.environment.namespace)
    const old = before.get(path)
    const plain = old === undefined ? undefined : await ports.sealer.unseal(old)
    if (old !== undefined && plain === undefined)
      warnings.push(`${path}: this machine has no key to compare it with, so it is written anew`)
    const isSame = plain !== undefined && isEqual(loadHelmYaml(plain).value, object)
    files.set(path, isSame && old !== undefined ? old : await ports.sealer.seal(writeYaml(object), recipient))
  }
  return { files, warnings }
}
