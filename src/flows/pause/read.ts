import { environmentIn } from '../observe/environment.ts'
import { readNamed } from '../observe/named.ts'
import { suggestion, nearest } from '../../domain/config/nearest.ts'
import type { Environment } from '../../domain/config/model.ts'
import type { Component } from '../../domain/config/component.ts'
import { lastReadable } from '../../domain/helm/record.ts'
import { readRecord } from '../../domain/manifest/record.ts'
import { knownComponents } from '../../domain/journal/project.ts'
import { gitopsOwner, OWNER_GROUPS, ownerName, TOOL_NAMES, type GitopsOwner } from '../../domain/gitops.ts'
import { groupOf, keyOf, namespacesOf, refOf, type ApiResource, type KubeObject } from '../../domain/kube.ts'
import { activeJobs, type PauseFacts } from '../../domain/pause/plan.ts'
import { callNames, objectsCalled, tiersOf, type PausedRelease } from '../../domain/pause/tiers.ts'
import { isFlux, wayOf } from '../../domain/pause/way.ts'
import { isOver } from '../../domain/readiness/absent.ts'
import { select } from '../../domain/stages/stages.ts'
import { hasPodTemplate } from '../../domain/workload-kinds.ts'
import { ForgeError } from '../../errors.ts'
import { again, forge, kubectl } from '../../hint.ts'
import type { Connection } from '../phases/ports.ts'
import type { Journal } from '../state/journal.ts'
import type { OpenScope } from '../state/scope.ts'
import { unlessItFails } from '../../expected.ts'

export type PauseScope = Omit<OpenScope<{ readonly cluster: Connection }>, 'journal'> & {
  readonly journal: Pick<Journal, 'live' | 'pauses'>
}

export interface PauseRequest {
  readonly command: 'pause' | 'resume'
  readonly components: readonly string[]
  readonly timeoutMs: number | undefined
}

export interface PauseFound extends PauseFacts {
  readonly environment: Pick<Environment, 'name' | 'namespace' | 'cluster' | 'protected'>
  /** What Flux owns beside: `Kustomization flux-system/apps: 57 objects are not brought up to date meanwhile`. */
  readonly notes: readonly string[]
  readonly jobs: readonly string[]
}

/** What there is to be brought to rest, or woken, as it is now. Reads only. */
export async function readPause(request: PauseRequest, scope: PauseScope, signal: AbortSignal): Promise<PauseFound> {
  const { journal, checkout, connected } = scope
  const { cluster } = connected
  const entry = journal.live
  const installed = await readReleases(scope, signal)
  const components = knownComponents(checkout, entry)
  const stages = entry?.configuration.stages ?? checkout?.stages ?? []
  const names = [
    ...stages.flatMap(({ wait, optional }) => [...wait, ...optional]),
    ...components.map(({ target }) => target),
  ]
  const known = installed.flatMap(({ objects }) => objects)
  const { found: beside } = await readNamed(
    names.filter((name) => select(name, known).length === 0),
    { namespace: scope.namespace, cluster },
    signal,
    ({ apiVersion, kind }) => wayOf({ apiVersion, kind, metadata: { name: '' } }) !== undefined,
  )
  const releases = beside.length === 0 ? installed : [...installed, { name: '', needs: [], objects: beside }]
  const rendered = releases.flatMap(({ objects }) => objects)
  const live = await readObjects(rendered.filter(isLookedAt), cluster, signal)
  const chosen = chosenKeys(request.components, rendered.filter(isLookedAt), components, scope)
  const owners = await readOwners(
    [...live.values()].filter((one) => wayOf(one) !== undefined),
    scope,
    signal,
  )
  for (const owner of owners) live.set(keyOf(owner), owner)
  return {
    tiers: tiersOf(releases, stages, owners, request.timeoutMs).map((tier) => ({
      ...tier,
      objects: tier.objects.filter(isLookedAt),
    })),
    live,
    components,
    chosen,
    least: await leastOf(rendered, live, cluster, signal),
    environment: environmentOf(scope),
    notes: owners.flatMap(notesOn),
    jobs: await runningJobs(
      [...live.values()].filter((one) => chosen === undefined || chosen.has(keyOf(one))),
      cluster,
      signal,
    ),
  }
}

/** Those that CronJobs have begun, and those that somebody made of one, of which it does not know: forge backup does. */
async function runningJobs(
  objects: readonly KubeObject[],
  cluster: Pick<Connection, 'list'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const makers = objects.filter(({ kind, apiVersion }) => kind === 'CronJob' && groupOf(apiVersion) === 'batch')
  const namespaces = new Set(makers.map(({ metadata }) => metadata.namespace ?? ''))
  const kind = { apiVersion: 'batch/v1', kind: 'Job' }
  const lists = [...namespaces].map(async (namespace) => await cluster.list(kind, { namespace }, signal))
  const uids = new Set(makers.map(({ metadata }) => metadata.uid))
  const made = (await Promise.all(lists))
    .flat()
    .filter((job) => !isOver(job) && job.metadata.ownerReferences?.some(({ uid }) => uids.has(uid)) === true)
  return [...new Set([...makers.flatMap(activeJobs), ...made.map(({ metadata }) => metadata.name)])]
}

function environmentOf(scope: PauseScope): PauseFound['environment'] {
  const entry = scope.journal.live
  if (entry !== undefined) return environmentIn(scope, entry)
  const { checkout, environment: name, namespace } = scope
  return checkout?.environment ?? { name, namespace, cluster: { sandbox: false }, protected: false }
}

function isLookedAt(object: KubeObject): boolean {
  const { kind, apiVersion } = object
  return wayOf(object) !== undefined || hasPodTemplate(kind) || (kind === 'Job' && groupOf(apiVersion) === 'batch')
}

async function readReleases(
  { journal, checkout, namespace, connected: { cluster } }: PauseScope,
  signal: AbortSignal,
): Promise<PausedRelease[]> {
  const entry = journal.live
  const known = entry?.releases ?? checkout?.releases ?? []
  const needs = new Map(
    [...(entry?.configuration.releases ?? checkout?.releases ?? [])].map((one) => [one.name, one.needs ?? []]),
  )
  return await Promise.all(
    known.map(async ({ name, namespace: own }) => {
      const record = lastReadable(await cluster.history(name, own === '' ? namespace : own, signal))
      const read = record === undefined ? [] : readRecord(record, own === '' ? namespace : own, () => true).rendered
      return { name, needs: needs.get(name) ?? [], objects: read.map(({ object }) => object) }
    }),
  )
}

async function readObjects(
  objects: readonly KubeObject[],
  cluster: Pick<Connection, 'get'>,
  signal: AbortSignal,
): Promise<Map<string, KubeObject>> {
  const found = await Promise.all(objects.map(async (one) => await cluster.get(refOf(one), signal)))
  return new Map(found.flatMap((one) => (one === undefined ? [] : [[keyOf(one), one] as const])))
}

/** Throws E_COMPONENT_UNKNOWN. */
function chosenKeys(
  names: readonly string[],
  objects: readonly KubeObject[],
  components: readonly Component[],
  { flags, namespace }: PauseScope,
): ReadonlySet<string> | undefined {
  if (names.length === 0) return undefined
  const keys = names.flatMap((name) => {
    const found = objectsCalled(name, objects, components).filter(isLookedAt)
    if (found.length > 0) return found.map(keyOf)
    const known = [...new Set(objects.flatMap((one) => callNames(one, components)))].sort()
    throw new ForgeError(
      'E_COMPONENT_UNKNOWN',
      `nothing that is deployed to namespace ${namespace} is called ${name}${suggestion(name, known)}`,
      {
        hint: known.length === 0 ? forge('status', ...flags) : again(nearest(name, known) ?? known[0] ?? ''),
        where: name,
      },
    )
  })
  return new Set(keys)
}

/** The Flux objects that would take back what is written; each once. Throws E_GITOPS_OWNED for what cannot be suspended. */
async function readOwners(
  objects: readonly KubeObject[],
  scope: PauseScope,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const { cluster } = scope.connected
  const owners = new Map<string, { readonly owner: GitopsOwner; readonly object: KubeObject }>()
  for (const object of objects) {
    const owner = gitopsOwner(object)
    if (owner !== undefined) owners.set(ownerName(owner), { owner, object })
  }
  if (owners.size === 0) return []
  const resources = await cluster.resources(signal)
  const found = [...owners.values()].map(
    async ({ owner, object }) => await readOwner(owner, object, resources, scope, signal),
  )
  return (await Promise.all(found)).filter(isFlux)
}

async function readOwner(
  owner: GitopsOwner,
  object: KubeObject,
  resources: readonly ApiResource[],
  { connected: { cluster }, namespace: home }: PauseScope,
  signal: AbortSignal,
): Promise<KubeObject> {
  const { kind, name, namespace = owner.tool === 'argocd' ? 'argocd' : home, tool } = owner
  const served = resources.find((one) => one.kind === kind && groupOf(one.apiVersion) === OWNER_GROUPS[kind])
  const ref = served === undefined ? undefined : { apiVersion: served.apiVersion, kind, namespace, name }
  const live = ref === undefined ? undefined : await cluster.get(ref, signal)
  const { metadata } = object
  const what = `${object.kind}/${metadata.name} belongs to ${ownerName(owner)}`
  const hint = kubectl(['get', object.kind.toLowerCase(), metadata.name, '-o', 'yaml'], metadata.namespace)
  if (live === undefined)
    throw new ForgeError(
      'E_GITOPS_OWNED',
      `${what}, which is not in this cluster: ${TOOL_NAMES[tool]} would take a pause back, and cannot be suspended from here`,
      { hint, where: what },
    )
  const { syncPolicy } = (live['spec'] ?? {}) as { readonly syncPolicy?: { readonly automated?: unknown } }
  if (tool === 'argocd' && syncPolicy?.automated !== undefined && syncPolicy.automated !== null)
    throw new ForgeError(
      'E_GITOPS_OWNED',
      `${what}, which syncs by itself (syncPolicy.automated): Argo CD would take a pause back at once`,
      { hint: kubectl(['get', 'applications.argoproj.io', name, '-o', 'yaml'], namespace), where: what },
    )
  return live
}

function notesOn(owner: KubeObject): string[] {
  const { inventory } = (owner['status'] ?? {}) as { readonly inventory?: { readonly entries?: readonly unknown[] } }
  const count = inventory?.entries?.length ?? 0
  return count < 2
    ? []
    : [
        `${owner.kind} ${owner.metadata.namespace ?? ''}/${owner.metadata.name} applies ${count} objects, none of them while it is suspended`,
      ]
}

/** What autoscalers keep at least, by the key of their target. */
async function leastOf(
  rendered: readonly KubeObject[],
  live: ReadonlyMap<string, KubeObject>,
  cluster: Pick<Connection, 'list'>,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const kind = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' }
  const own = rendered.filter((one) => one.kind === kind.kind)
  const lists = namespacesOf([...live.values()]).map(
    async (namespace) => await unlessItFails(cluster.list(kind, { namespace }, signal), () => []),
  )
  const found = [...own, ...(await Promise.all(lists)).flat()]
  return new Map(
    [...live].flatMap(([key, object]) => {
      const scaler = found.findLast(({ metadata, spec }) => {
        const { kind: of, name } =
          (spec as { readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string } }).scaleTargetRef ??
          {}
        return of === object.kind && name === object.metadata.name && metadata.namespace === object.metadata.namespace
      })
      if (scaler === undefined) return []
      return [[key, (scaler['spec'] as { readonly minReplicas?: number }).minReplicas ?? 1] as const]
    }),
  )
}
