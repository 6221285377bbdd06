import { lastReadable } from '../../domain/helm/record.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { ClusterFacts, NamespaceFacts, Observed, ObservedRelease } from '../phases/observed.ts'
import type { Opened } from '../phases/opened.ts'
import type { Found } from '../phases/phases.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { refuseElsewhere } from './elsewhere.ts'
import { readLeftOut, requireNeeded, warnOfLeftOut } from './left-out.ts'
import { checkReleaseRecords, recordedIn } from './release-records.ts'
import { refuseOwned } from './owner.ts'
import { refuseForeign, refuseStranded } from './refuse-foreign.ts'
import { requireIdentity } from '../state/identity.ts'
import { onlyInPlan, unlessForbidden } from '../unless-forbidden.ts'
import { neededPermissions, permissionCount, requirePermissions } from './permissions.ts'

const OLDEST = { major: 1, minor: 30 }

/** Step 1: tools and versions, cluster identity, reachability, permissions, what runs already. Reads only. */
export async function observe(opened: Opened, ports: DeployPorts): Promise<Found<Observed>> {
  const { charts, project, options } = opened
  const [facts, read, leftOut] = await Promise.all([
    readFacts(opened, ports),
    readReleases(opened, ports),
    readLeftOut(opened, ports.signal),
    requireIdentity(opened.cluster, project.environment, ports.signal),
    refuseElsewhere(opened, ports.signal),
  ])
  const works = read.map((work) => ({ ...work, ...recordedIn(work, facts) }))
  const seen: Observed = { ...opened, facts, works, leftOut, adopted: [] }
  checkVersion(facts)
  facts.namespaces.forEach(checkNamespace)
  const known = works.map(({ release: { name, namespace }, history }) => ({ name, namespace, history }))
  const flags = ['--env', project.environment.name]
  refuseStranded(known, flags, opened.previous)
  refuseForeign(known, flags, opened.interrupted)
  requireNeeded(seen)
  warnOfLeftOut(seen)
  await checkReleaseRecords(seen, ports)
  const adopted = await refuseOwned(seen)
  // What forge itself writes, and the kinds that the last revision had; the preview checks the new render's.
  const objects = works.flatMap(({ previous }) => previous.map(({ object }) => object))
  const needed = neededPermissions(objects, facts)
  const planOnly = options.planOnly === true
  if (!planOnly) requirePermissions(needed)
  const checked = permissionCount(needed, planOnly)
  const kubernetes = `Kubernetes ${facts.version.gitVersion.replace(/^v/u, '')}`
  return { value: { ...seen, adopted }, said: [`helm ${charts.version}`, kubernetes, checked].join(', ') }
}

async function readFacts({ cluster, project }: Opened, { signal }: DeployPorts): Promise<ClusterFacts> {
  const own = async (name: string): Promise<NamespaceFacts> => {
    const [object, rules] = await Promise.all([
      unlessForbidden(cluster.get({ apiVersion: 'v1', kind: 'Namespace', name }, signal)),
      cluster.rules(name, signal),
    ])
    return { name, object, rules }
  }
  const home = project.environment.namespace
  const others = new Set(project.releases.map(({ namespace }) => namespace).filter((name) => name !== home))
  const [version, resources, nodes, first, ...more] = await Promise.all([
    cluster.version(signal),
    cluster.resources(signal),
    unlessForbidden(cluster.list({ apiVersion: 'v1', kind: 'Node' }, {}, signal)),
    own(home),
    ...[...others].map(own),
  ])
  return { version, resources, nodes, namespaces: [first, ...more] }
}

async function readReleases(
  opened: Opened,
  { signal }: DeployPorts,
): Promise<Pick<ObservedRelease, 'release' | 'history' | 'before' | 'way'>[]> {
  const { cluster, project, charts } = opened
  return await Promise.all(
    project.releases.map(async (release) => {
      const read = cluster.history(release.name, release.namespace, signal)
      const history = (await unlessForbidden(read, onlyInPlan(opened, `helm's records of ${release.name}`))) ?? []
      // helm 4 goes on as the release was written last; helm 3 knows only the patch (pkg/action, getUpgradeServerSideValue).
      const way = charts.major >= 4 && (history[0]?.applyMethod ?? 'apply') === 'apply' ? 'apply' : 'patch'
      return { release, history, before: lastReadable(history), way }
    }),
  )
}

function checkVersion({ version }: ClusterFacts): void {
  if (version.major > OLDEST.major || (version.major === OLDEST.major && version.minor >= OLDEST.minor)) return
  throw new ForgeError(
    'E_CLUSTER_VERSION',
    `the cluster runs Kubernetes ${version.gitVersion}; forge needs ${OLDEST.major}.${OLDEST.minor} or newer`,
    {
      hint: kubectl(['version']),
      where: 'cluster',
    },
  )
}

function checkNamespace({ name, object }: NamespaceFacts): void {
  const phase = (object?.['status'] as { phase?: string } | undefined)?.phase
  if (phase !== 'Terminating' && object?.metadata.deletionTimestamp === undefined) return
  throw new ForgeError('E_NAMESPACE_TERMINATING', `namespace ${name} is being deleted; nothing can be made in it`, {
    hint: kubectl(['get', 'namespace', name, '-o', 'yaml']),
    where: `Namespace/${name}`,
  })
}
