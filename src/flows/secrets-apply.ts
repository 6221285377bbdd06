import type { Project } from '../domain/config/model.ts'
import type { Problem } from '../domain/config/position.ts'
import type { SecretPlan } from '../domain/secrets/model.ts'
import type { ProjectPorts, SecretSink } from './project/ports.ts'
import { planSecrets, resolveSecrets } from './project/secrets.ts'
import { highestRevisions } from './state/secret-revisions.ts'
import { writeSecrets, type SecretPlace } from './state/write-secrets.ts'

export interface ApplyPorts extends ProjectPorts {
  readonly cluster: SecretPlace['cluster']
}

export interface ApplyReport {
  readonly environment: string
  readonly namespace: string
  readonly dryRun: boolean
  readonly secrets: readonly SecretPlan[]
  readonly warnings: readonly Problem[]
}

/**
 * Resolves and checks every secret first, then writes those that differ, each with one server-side apply. Nothing is
 * deleted, and what is equal is not touched.
 */
export async function applySecrets(
  project: Project,
  ports: ApplyPorts,
  redact: SecretSink,
  { dryRun }: { readonly dryRun: boolean },
): Promise<ApplyReport> {
  const { name: environment, namespace } = project.environment
  const resolved = await resolveSecrets(project, ports, redact)
  const place = { cluster: ports.cluster, project: project.name, namespace }
  const highest = await highestRevisions(place, ports.signal)
  const secrets = await planSecrets(project, resolved, ports, redact, Object.fromEntries(highest))
  if (!dryRun && secrets.some(({ object }) => object !== undefined)) {
    await ensureNamespace(namespace, ports)
    await writeSecrets(place, secrets, ports.signal)
  }
  return { environment, namespace, dryRun, secrets, warnings: resolved.warnings }
}

async function ensureNamespace(name: string, { cluster, signal }: ApplyPorts): Promise<void> {
  const live = await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name }, signal)
  if (live === undefined) await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, signal)
}
