import type { Project, SecretSpec } from '../domain/config/model.ts'
import { keptRevision, revisionSelector } from '../domain/journal/secret-revision.ts'
import { SECRET_KIND } from '../domain/journal/labels.ts'
import type { KubeObject } from '../domain/kube.ts'
import type { ListedSecret } from '../screen/secrets.ts'
import type { ListedHome } from '../screen/vault.ts'
import { consumersOf } from '../domain/secrets/consumers.ts'
import { keyRevisionsOf, revisionOf } from '../domain/secrets/plan.ts'
import type { ClusterReader } from '../ports.ts'
import type { ProjectPorts, SecretSink } from './project/ports.ts'
import { listHomes } from './vault/list.ts'
import { readWorkloads } from './secrets-consumers.ts'

export interface ListPorts {
  readonly project: ProjectPorts
  readonly cluster: Pick<ClusterReader, 'get' | 'list'>
  readonly signal: AbortSignal
}

/** The project's secrets as the cluster has them: keys, when each last changed, and who runs which revision. No values. */
export async function listSecrets(
  project: Project,
  ports: ListPorts,
  redact: SecretSink,
): Promise<{ readonly secrets: readonly ListedSecret[]; readonly vault: readonly ListedHome[] }> {
  const { cluster, signal } = ports
  const { namespace } = project.environment
  const options = {
    namespace,
    labelSelector: revisionSelector({ project: project.name, namespace }),
    metadataOnly: true,
  }
  const [live, kept, workloads] = await Promise.all([
    Promise.all(
      project.secrets.map(async ({ name }) => await cluster.get({ ...SECRET_KIND, namespace, name }, signal)),
    ),
    cluster.list(SECRET_KIND, options, signal),
    readWorkloads(namespace, ports),
  ])
  const times = timesOf(kept)
  return {
    secrets: project.secrets.map((spec, at) => listed(spec, live[at], times, workloads)),
    vault: await listHomes(project, workloads, ports.project, redact),
  }
}

function listed(
  { name, type }: SecretSpec,
  live: KubeObject | undefined,
  times: ReadonlyMap<string, string>,
  workloads: readonly KubeObject[],
): ListedSecret {
  if (live === undefined) return { name, type, revision: undefined, keys: [], consumers: [] }
  const keyRevisions = keyRevisionsOf(live)
  const made = live.metadata.creationTimestamp
  return {
    name,
    type: typeof live['type'] === 'string' ? live['type'] : type,
    revision: revisionOf(live),
    keys: Object.entries(keyRevisions).map(([key, revision]) => ({
      key,
      revision,
      changedAt: times.get(`${name} ${revision}`) ?? (revision === 1 ? (made ?? null) : null),
    })),
    consumers: consumersOf(workloads, [{ name, keyRevisions }]),
  }
}

/** When each revision was made: `NAME NUMBER` → time. */
function timesOf(kept: readonly KubeObject[]): Map<string, string> {
  return new Map(
    kept.flatMap((object): [string, string][] => {
      const revision = keptRevision(object)
      const { creationTimestamp } = object.metadata
      if (revision === undefined || creationTimestamp === undefined) return []
      return [[`${revision.secret} ${revision.revision}`, creationTimestamp]]
    }),
  )
}
