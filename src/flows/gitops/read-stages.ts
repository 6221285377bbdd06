import { applicationStatus, fluxStatus } from '../../domain/gitops/shapes.ts'
import { lastReadable } from '../../domain/helm/record.ts'
import { knownComponents } from '../../domain/journal/project.ts'
import { keyOf, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import { readRecord } from '../../domain/manifest/record.ts'
import { placedStages, planStages, select, workloadsAmong, type StageTargets } from '../../domain/stages/stages.ts'
import { hiddenNamespaces } from '../observe/hidden.ts'
import { readNamed } from '../observe/named.ts'
import { releaseOf } from './find-owners.ts'
import type { FollowScope } from './ports.ts'

export interface FollowedStages {
  readonly stages: readonly StageTargets[]
  /** What is waited for, as it is live. */
  readonly live: readonly KubeObject[]
  /** What a stage names and nobody has applied. */
  readonly lacking: readonly string[]
  /** What could not be looked at, each as a sentence. */
  readonly unseen: readonly string[]
}

type Release = { readonly name: string; readonly namespace: string }

/** The releases of the environment, by forge.yaml or the journal. */
export function releasesOf({ checkout, journal, namespace }: FollowScope): readonly Release[] {
  const known = checkout?.releases ?? journal.live?.releases ?? journal.entries[0]?.releases ?? []
  return known.map((one) => ({ name: one.name, namespace: one.namespace === '' ? namespace : one.namespace }))
}

/**
 * What the stages of forge.yaml (without a checkout, of the newest deploy in the journal) wait for, among what helm has recorded,
 * what the owners say that they have applied, and what the stages name themselves.
 */
export async function readStages(
  scope: FollowScope,
  owners: readonly KubeObject[],
  signal: AbortSignal,
): Promise<FollowedStages> {
  const { checkout, journal, namespace: home, connected } = scope
  const { cluster } = connected
  const entry = journal.live ?? journal.entries[0]
  const configured = checkout?.stages ?? entry?.configuration.stages ?? []
  const { objects: recorded, hooks, unread } = await readRecords(scope, owners, signal)
  const names = configured.flatMap(({ wait, optional }) => [...wait, ...optional])
  const unknown = names.filter((name) => select(name, recorded).length === 0)
  const { found } = await readNamed(unknown, { namespace: home, cluster }, signal)
  const spaces = new Set([home, ...releasesOf(scope).map(({ namespace }) => namespace)])
  const applied = workloadsAmong(owners.flatMap((owner) => inventoryOf(owner))).filter(({ namespace }) =>
    spaces.has(namespace ?? ''),
  )
  const objects = await withLive([...recorded, ...found], applied, cluster, signal)
  const lacking = configured.flatMap(({ name: stage, wait }) =>
    wait
      .filter((name) => select(name, objects).length === 0 && select(name, hooks).length === 0)
      .map((name) => `${name}, which stage ${stage} waits for`),
  )
  const stages = planStages(
    {
      stages: configured.map((stage) => ({ ...stage, wait: [], optional: [...stage.wait, ...stage.optional] })),
      ...{ file: '', components: knownComponents(checkout, entry) },
    },
    objects,
  )
  const targets = stages.flatMap((stage) => stage.targets)
  const hidden = await hiddenNamespaces(targets, home, cluster, signal)
  const unseen = [...hidden].map(([namespace, right]) => `namespace ${namespace}: you may not ${right} there`)
  const live = await Promise.all(targets.map(async (ref) => await cluster.get(plainRef(ref), signal)))
  return {
    stages: placedStages(stages, home),
    live: live.flatMap((object) => object ?? []),
    lacking,
    unseen: [...unread, ...unseen],
  }
}

interface Recorded {
  readonly objects: readonly KubeObject[]
  readonly hooks: readonly KubeObject[]
  readonly unread: readonly string[]
}

/** Of the releases that forge.yaml names, and of those that the HelmReleases make. */
async function readRecords(scope: FollowScope, owners: readonly KubeObject[], signal: AbortSignal): Promise<Recorded> {
  const made = owners.flatMap((one) => (one.kind === 'HelmRelease' ? [releaseOf(one)] : []))
  const all = new Map([...releasesOf(scope), ...made].map((one) => [`${one.namespace}/${one.name}`, one]))
  const read = await Promise.all(
    [...all.values()].map(async ({ name, namespace }): Promise<Recorded> => {
      const history = await scope.connected.cluster.history(name, namespace, signal)
      const [newest] = history
      const record = lastReadable(history)
      if (newest === undefined || newest.status === 'uninstalled') return { objects: [], hooks: [], unread: [] }
      if (record === undefined || newest.fault !== undefined)
        return { objects: [], hooks: [], unread: [`the newest record of release ${name} cannot be read`] }
      const whole = readRecord(record, namespace, () => true, { hooks: true })
      const { rendered, unread } = readRecord(record, namespace, () => true)
      const objects = rendered.map(({ object }) => object)
      const keys = new Set(objects.map(keyOf))
      const hooks = whole.rendered.map(({ object }) => object).filter((object) => !keys.has(keyOf(object)))
      return { objects, hooks, unread: unread === undefined ? [] : [unread] }
    }),
  )
  return {
    objects: read.flatMap(({ objects }) => objects),
    hooks: read.flatMap(({ hooks }) => hooks),
    unread: read.flatMap(({ unread }) => unread),
  }
}

/** What a Kustomization (its inventory) or an Application (its resources) has applied, as far as its name says. */
function inventoryOf({ status }: KubeObject): KubeObject[] {
  const flux = (fluxStatus(status).inventory?.entries ?? []).map(({ id = '', v = 'v1' }) => {
    // NAMESPACE_NAME_GROUP_KIND; a name has no underscore, and a colon in it (of RBAC) is written as two.
    const [namespace = '', name = '', group = '', kind = ''] = id.split('_')
    return { group, version: v, kind, namespace, name }
  })
  const argo = (applicationStatus(status).resources ?? []).map((one) => {
    return { group: '', version: 'v1', kind: '', namespace: '', name: '', ...one }
  })
  return [...flux, ...argo].map(({ group, version, kind, namespace, name }) => ({
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    metadata: { name, ...(namespace === '' ? {} : { namespace }) },
  }))
}

async function withLive(
  known: readonly KubeObject[],
  refs: readonly ObjectRef[],
  cluster: FollowScope['connected']['cluster'],
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const keys = new Set(known.map(keyOf))
  const more = refs.filter((ref) => !keys.has(keyOf(ref)))
  const live = await Promise.all(more.map(async (ref) => await cluster.get(plainRef(ref), signal)))
  return [...known, ...live.flatMap((object) => object ?? [])]
}

function plainRef({ apiVersion, kind, name, namespace }: ObjectRef): ObjectRef {
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) }
}
