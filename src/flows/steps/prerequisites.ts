import {
  missingPermissions,
  OWN_PERMISSIONS,
  permissionsFor,
  showPermission,
  type Permission,
} from '../../domain/access/permissions.ts'
import { lastReadable } from '../../domain/helm/record.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { ClusterFacts, DeployContext, DeployPorts, ReleaseWork } from '../deploy/context.ts'
import { readLeftOut, requireNeeded, warnOfLeftOut } from '../deploy/left-out.ts'
import { checkReleaseRecords, recordedIn } from '../deploy/release-records.ts'
import { refuseOwned } from '../plan/owner.ts'
import { refuseForeign, refuseStranded } from '../recovery/refuse-foreign.ts'
import { requireIdentity } from '../state/identity.ts'
import { onlyInPlan, unlessForbidden } from '../unless-forbidden.ts'

const OLDEST = { major: 1, minor: 30 }

/** Step 1: tools and versions, cluster identity, reachability, permissions, what runs already. Reads only. */
export async function checkPrerequisites(context: DeployContext, ports: DeployPorts): Promise<string> {
  const { charts, project } = context
  const [facts, works, leftOut] = await Promise.all([
    readFacts(context, ports),
    readReleases(context, ports),
    readLeftOut(context, ports.signal),
    requireIdentity(context.cluster, project.environment, ports.signal),
  ])
  context.facts = facts
  context.works = works.map((work) => ({ ...work, ...recordedIn(work, facts) }))
  context.leftOut = leftOut
  checkVersion(facts)
  checkNamespace(facts, project.environment.namespace)
  const known = works.map(({ release: { name, namespace }, history }) => ({ name, namespace, history }))
  const flags = ['--env', project.environment.name]
  refuseStranded(known, flags, context.previous)
  refuseForeign(known, flags, context.interrupted)
  requireNeeded(context)
  warnOfLeftOut(context)
  await checkReleaseRecords(context, ports)
  await refuseOwned(context)
  const checked = checkPermissions(context, facts)
  return [`helm ${charts.version}`, `Kubernetes ${facts.version.gitVersion.replace(/^v/u, '')}`, checked].join(', ')
}

async function readFacts({ cluster, project }: DeployContext, { signal }: DeployPorts): Promise<ClusterFacts> {
  const { namespace } = project.environment
  const [version, resources, found, rules, nodes] = await Promise.all([
    cluster.version(signal),
    cluster.resources(signal),
    unlessForbidden(cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, signal)),
    cluster.rules(namespace, signal),
    unlessForbidden(cluster.list({ apiVersion: 'v1', kind: 'Node' }, {}, signal)),
  ])
  return { version, resources, namespace: found, rules, nodes }
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

function checkNamespace({ namespace }: ClusterFacts, name: string): void {
  const phase = (namespace?.['status'] as { phase?: string } | undefined)?.phase
  if (phase !== 'Terminating' && namespace?.metadata.deletionTimestamp === undefined) return
  throw new ForgeError('E_NAMESPACE_TERMINATING', `namespace ${name} is being deleted; nothing can be made in it`, {
    hint: kubectl(['get', 'namespace', name, '-o', 'yaml']),
    where: `Namespace/${name}`,
  })
}

/** What forge itself writes, and the kinds that the last revision had; the preview checks the new render's. */
function checkPermissions(context: DeployContext, facts: ClusterFacts): string {
  const objects = context.works.flatMap(({ previous }) => previous.map(({ object }) => object))
  const needed = neededPermissions(objects, facts)
  if (facts.rules.incomplete) return 'permissions not checked (the cluster does not list them)'
  const lacking = missingPermissions(needed, facts.rules)
  if (context.options.planOnly === true) return `${needed.length - lacking.length} of ${needed.length} permissions`
  requirePermissions(needed, facts, context.project.environment.namespace)
  return `${needed.length} permissions`
}

export function neededPermissions(objects: readonly KubeObject[], facts: ClusterFacts): Permission[] {
  return [...OWN_PERMISSIONS, ...permissionsFor(objects, facts.resources)]
}

export function requirePermissions(needed: readonly Permission[], facts: ClusterFacts, namespace: string): void {
  const [first, ...rest] = missingPermissions(needed, facts.rules)
  if (first === undefined || facts.rules.incomplete) return
  const more =
    rest.length > 0
      ? `, nor ${rest.slice(0, 4).map(showPermission).join(', ')}${rest.length > 4 ? ` and ${rest.length - 4} more` : ''}`
      : ''
  throw new ForgeError('E_FORBIDDEN', `you may not ${showPermission(first)} in namespace ${namespace}${more}`, {
    hint: kubectl(
      ['auth', 'can-i', first.verb, `${first.resource}${first.group === '' ? '' : `.${first.group}`}`],
      namespace,
    ),
    where: `namespace ${namespace}`,
  })
}
