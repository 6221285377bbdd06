import { lastReadable } from '../../domain/helm/record.ts'
import { kubectl } from '../../hint.ts'
import { check, needed, refuse, type Check } from '../phases/findings.ts'
import type { ClusterFacts, NamespaceFacts, Observed, ObservedRelease } from '../phases/observed.ts'
import type { Opened } from '../phases/opened.ts'
import type { Found } from '../phases/phases.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { checkElsewhere, checkForeign, checkOwners, checkStranded, foreignReleases } from './foreign.ts'
import { checkGitopsFound } from './gitops.ts'
import { checkLeftOut, checkNeeded, readLeftOut } from './left-out.ts'
import { checkNamespaces } from './namespaces.ts'
import { checkAnswering, checkReleaseRecords, recordedIn } from './release-records.ts'
import { requireIdentity } from '../state/identity.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { unseen } from './open.ts'
import { checkPermissions, neededPermissions, permissionCount } from './permissions.ts'

const OLDEST = { major: 1, minor: 30 }

/** Step 1: tools and versions, cluster identity, reachability, permissions, what runs already. Reads only. */
export async function observe(
  opened: Opened,
  checks: readonly Check<Observed>[],
  ports: DeployPorts,
): Promise<Found<Observed>> {
  const { charts, project, policy } = opened
  const [facts, read, leftOut] = await Promise.all([
    readFacts(opened, ports),
    readReleases(opened, ports),
    readLeftOut(opened, ports.signal),
    requireIdentity(opened.cluster, project.environment, ports.signal),
  ])
  const releases = read.map((work) => ({ ...work, ...recordedIn(work, facts) }))
  const seen: Observed = { ...opened, facts, releases, leftOut, foreign: [] }
  await check(seen, checks, ports)
  const observed = { ...seen, foreign: await foreignReleases(seen) }
  // What forge itself writes, and the kinds that the last revision had; the preview checks the new render's.
  const objects = releases.flatMap(({ previous }) => previous.map(({ object }) => object))
  const permissions = await neededPermissions(seen, { objects, definitions: [], compares: false }, ports.signal)
  await check(observed, [checkOwners, () => checkPermissions(permissions)], ports)
  const kubernetes = `Kubernetes ${facts.version.gitVersion.replace(/^v/u, '')}`
  const said = [`helm ${charts.version}`, kubernetes, permissionCount(permissions, policy)].join(', ')
  return { value: observed, said }
}

async function readFacts({ cluster, project }: Opened, { signal }: DeployPorts): Promise<ClusterFacts> {
  const own = async (name: string): Promise<NamespaceFacts> => {
    const read = cluster.get({ apiVersion: 'v1', kind: 'Namespace', name }, signal).then((object) => ({ object }))
    const [found, rules] = await Promise.all([unlessForbidden(read), cluster.rules(name, signal)])
    return { name, rules, ...(found ?? { object: undefined, isHidden: true }) }
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
): Promise<Pick<ObservedRelease, 'release' | 'history' | 'unseen' | 'before' | 'way'>[]> {
  const { cluster, project, charts } = opened
  return await Promise.all(
    project.releases.map(async (release) => {
      const read = cluster.history(release.name, release.namespace, signal)
      let hidden: Pick<ObservedRelease, 'unseen'> = {}
      const found = await unlessForbidden(read, (why) => {
        needed(opened, `helm's records of ${release.name}`)(why)
        hidden = { unseen: unseen(why) }
      })
      const history = found ?? []
      // helm 4 goes on as the release was written last; helm 3 knows only the patch (pkg/action, getUpgradeServerSideValue).
      const way = charts.major >= 4 && (history[0]?.applyMethod ?? 'apply') === 'apply' ? 'apply' : 'patch'
      return { release, history, before: lastReadable(history), way, ...hidden }
    }),
  )
}

export const checkVersion: Check<Observed> = ({ facts: { version } }) => {
  if (version.major > OLDEST.major || (version.major === OLDEST.major && version.minor >= OLDEST.minor)) return []
  const message = `the cluster runs Kubernetes ${version.gitVersion}; forge needs ${OLDEST.major}.${OLDEST.minor} or newer`
  return [refuse('E_CLUSTER_VERSION', message, { hint: kubectl(['version']), where: 'cluster' })]
}

/** What has to hold before anything else is looked at, in the order in which it is told. */
export const OF_PROJECT: readonly Check<Observed>[] = [
  checkElsewhere,
  checkVersion,
  checkGitopsFound,
  checkNamespaces,
  checkStranded,
  checkForeign,
  checkNeeded,
  checkLeftOut,
  checkReleaseRecords,
  checkAnswering,
]

/** The same for what ran once. What is no part of that stays as it is, and is no matter of forge.yaml's. */
export const OF_JOURNAL = OF_PROJECT.filter((one) => one !== checkLeftOut)

/** An uninstallation says itself what of it may not be taken away. */
export const OF_REMOVAL = OF_JOURNAL.filter((one) => one !== checkGitopsFound)
