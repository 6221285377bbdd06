import { lastReadable } from '../../domain/helm/record.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { ClusterFacts, DeployContext, DeployPorts, NamespaceFacts, ReleaseWork } from '../deploy/context.ts'
import { refuseElsewhere } from '../deploy/elsewhere.ts'
import { readLeftOut, requireNeeded, warnOfLeftOut } from '../deploy/left-out.ts'
import { checkReleaseRecords, recordedIn } from '../deploy/release-records.ts'
import { refuseOwned } from '../plan/owner.ts'
import { refuseForeign, refuseStranded } from '../recovery/refuse-foreign.ts'
import { requireIdentity } from '../state/identity.ts'
import { onlyInPlan, unlessForbidden } from '../unless-forbidden.ts'
import { neededPermissions, permissionCount, requirePermissions } from './permissions.ts'

const OLDEST = { major: 1, minor: 30 }

/** Step 1: tools and versions, cluster identity, reachability, permissions, what runs already. Reads only. */
export async function checkPrerequisites(context: DeployContext, ports: DeployPorts): Promise<string> {
  const { charts, project } = context
  const [facts, works, leftOut] = await Promise.all([
    readFacts(context, ports),
    readReleases(context, ports),
    readLeftOut(context, ports.signal),
    requireIdentity(context.cluster, project.environment, ports.signal),
    refuseElsewhere(context, ports.signal),
  ])
  context.facts = facts
  context.works = works.map((work) => ({ ...work, ...recordedIn(work, facts) }))
  context.leftOut = leftOut
  checkVersion(facts)
  facts.namespaces.forEach(checkNamespace)
  const known = works.map(({ release: { name, namespace }, history }) => ({ name, namespace, history }))
  const flags = ['--env', project.environment.name]
  refuseStranded(known, flags, context.previous)
  refuseForeign(known, flags, context.interrupted)
  requireNeeded(context)
  warnOfLeftOut(context)
  await checkReleaseRecords(context, ports)
  await refuseOwned(context)
  // What forge itself writes, and the kinds that the last revision had; the preview checks the new render's.
  const objects = context.works.flatMap(({ previous }) => previous.map(({ object }) => object))
  const needed = neededPermissions(objects, facts)
  const planOnly = context.options.planOnly === true
  if (!planOnly) requirePermissions(needed)
  const checked = permissionCount(needed, planOnly)
  return [`helm ${charts.version}`, `Kubernetes ${facts.version.gitVersion.replace(/^v/u, '')}`, checked].join(', ')
}

async function readFacts({ cluster, project }: DeployContext, { signal }: DeployPorts): Promise<ClusterFacts> {
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

async function readReleases(context: DeployContext, { signal }: DeployPorts): Promise<ReleaseWork[]> {
  const { cluster, project, charts } = context
  const configuration = { values: {}, origins: new Map(), configMaps: {} }
  return await Promise.all(
    project.releases.map(async (release) => {
      const read = cluster.history(release.name, release.namespace, signal)
      const history = (await unlessForbidden(read, onlyInPlan(context, `helm's records of ${release.name}`))) ?? []
      const before = lastReadable(history)
      const work = {
        release,
        history,
        before,
        configuration,
        values: {},
        manifest: '',
        rendered: [],
        previous: [],
        plans: [],
      }
      // helm 4 goes on as the release was written last; helm 3 knows only the patch (pkg/action, getUpgradeServerSideValue).
      const way: ReleaseWork['way'] =
        charts.major >= 4 && (history[0]?.applyMethod ?? 'apply') === 'apply' ? 'apply' : 'patch'
      return {
        ...work,
        way,
        recordBytes: 0,
        varies: false,
        volatile: [],
        frozen: undefined,
        came: [],
        missing: [],
        marks: new Map(),
        upgraded: false,
        revisionAfter: undefined,
      }
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
