import { EXPORT_TARGETS, type ExportTarget } from '../domain/export/model.ts'
import { ForgeError } from '../errors.ts'
import type { ExportRequest } from '../flows/export/export.ts'
import type { SecretsWay } from '../flows/export/secrets.ts'
import { again } from '../hint.ts'

export { EXPORT_TARGETS }

interface ExportFlags {
  readonly to: ExportTarget
  readonly check: boolean
  readonly secrets?: string | undefined
  readonly source?: string | undefined
  readonly repo?: string | undefined
  readonly revision?: string | undefined
}

/** Throws E_USAGE for what is said in the wrong way, and for what has no effect with this target. */
export function exportRequest({ to, check, secrets, source, repo, revision }: ExportFlags): ExportRequest {
  for (const [flag, value, target] of [
    ['--source', source, 'flux'],
    ['--repo', repo, 'argocd'],
    ['--revision', revision, 'argocd'],
  ] as const)
    if (value !== undefined && to !== target) throw misused(`${flag} is for --to ${target}`, flag, '--to', target)
  const [, name = 'flux-system', namespace = name] = /^([^.]+)(?:\.(.+))?$/u.exec(source ?? '') ?? []
  return {
    to,
    check,
    secrets: secrets === undefined ? undefined : secretsWay(secrets),
    source: { name, namespace: source?.includes('.') === false ? 'flux-system' : namespace },
    repoUrl: repo,
    revision: revision ?? 'HEAD',
  }
}

function secretsWay(text: string): SecretsWay {
  if (text === 'none') return { kind: 'none' }
  const recipient = /^sops:(age1[a-z0-9]+(?:,age1[a-z0-9]+)*)$/u.exec(text)?.[1]
  if (recipient !== undefined) return { kind: 'sops', recipient }
  const [, kind, name] = /^external:((?:Cluster)?SecretStore)\/([a-z0-9][-a-z0-9.]*)$/u.exec(text) ?? []
  if ((kind === 'SecretStore' || kind === 'ClusterSecretStore') && name !== undefined)
    return { kind: 'external', store: { kind, name } }
  const message = `--secrets ${text} is neither sops:age1…, external:ClusterSecretStore/NAME, external:SecretStore/NAME nor none`
  throw misused(message, '--secrets', '--secrets', 'external:ClusterSecretStore/NAME')
}

function misused(message: string, where: string, ...instead: readonly string[]): ForgeError {
  return new ForgeError('E_USAGE', message, { hint: again(...instead), where })
}
