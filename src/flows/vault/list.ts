import type { Project, VaultSecretSpec } from '../../domain/config/model.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { componentOf } from '../../domain/plan/restarts.ts'
import { nameOf } from '../../domain/kube.ts'
import { homeVersionOf, readerOf } from '../../domain/vault/readers.ts'
import type { HomePlan } from '../../domain/vault/plan.ts'
import { rulesAtHome } from '../../domain/vault/plan.ts'
import type { HomeReader, ListedHome } from '../../screen/vault.ts'
import type { VaultContent, VaultStore, VaultVersion } from '../../vault-port.ts'
import type { ProjectPorts, SecretSink } from '../project/ports.ts'
import { sameSince, unlessDenied } from './standing.ts'
import { openStore, readHome } from './store.ts'

/**
 * The secrets that live in Vault: which keys are there, and which version each workload began with. No value. What Vault does
 * not tell is said instead.
 */
export async function listHomes(
  project: Project,
  workloads: readonly KubeObject[],
  ports: ProjectPorts,
  redact: SecretSink,
): Promise<readonly ListedHome[]> {
  const specs = project.vaultSecrets ?? []
  if (specs.length === 0) return []
  let unknown = ''
  const store = await unlessDenied(openStore(project, ports), (why) => (unknown = why.message))
  return await Promise.all(
    specs.map(async (spec) => {
      const found = await lookAt(spec, store, redact)
      const own = { now: found.version, why: found.unknown ?? unknown }
      const plan: HomePlan = {
        ...{ name: spec.name, path: spec.path, keys: spec.keys.map(({ key }) => key) },
        ...{ rules: rulesAtHome(spec), now: own.now },
      }
      const { content, version } = found
      return {
        name: spec.name,
        path: spec.path,
        engine: version?.engine ?? null,
        version: version === undefined || version.engine === 1 ? null : version.version,
        state: version?.state ?? null,
        changedAt: version?.createdAt ?? null,
        keys: spec.keys.map(({ key, optional }) => {
          return { key, isThere: content === undefined ? null : Object.hasOwn(content.data, key), optional }
        }),
        readers: await readersOf(plan, workloads, store, redact),
        ...(version === undefined || content === undefined ? { unknown: own.why } : {}),
      }
    }),
  )
}

/** The keys where the token may read them, else the version alone. */
async function lookAt(
  { path }: VaultSecretSpec,
  store: VaultStore | undefined,
  redact: SecretSink,
): Promise<{
  readonly content?: VaultContent | undefined
  readonly version?: VaultVersion | undefined
  readonly unknown?: string | undefined
}> {
  if (store === undefined) return {}
  let unknown: string | undefined
  const content = await unlessDenied(readHome({ path }, store, redact), (why) => (unknown = why.message))
  if (content !== undefined) return { content, version: content }
  return { version: await unlessDenied(store.newest(path), () => undefined), unknown }
}

async function readersOf(
  plan: HomePlan,
  workloads: readonly KubeObject[],
  store: VaultStore | undefined,
  redact: SecretSink,
): Promise<HomeReader[]> {
  const isSame = sameSince({ plans: [plan], store }, redact)
  const found = workloads.map(async (object): Promise<HomeReader[]> => {
    const reader = readerOf(object, plan.path)
    if (reader === undefined) return []
    const noted = homeVersionOf(object, plan.name)
    const runs = noted === undefined ? null : Number(noted)
    const isMoved = runs !== null && plan.now?.state === 'there' && plan.now.engine === 2 && runs !== plan.now.version
    const isBehind = isMoved && !(await isSame(plan, runs, reader.keys))
    return [{ object: nameOf(object), workload: componentOf(object, object.metadata.name), runs, isBehind }]
  })
  return (await Promise.all(found)).flat()
}
