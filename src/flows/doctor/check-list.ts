import type { Group } from '../../domain/doctor/model.ts'
import type { Machine } from '../../machine-port.ts'
import { checkHooks } from '../desire/hooks.ts'
import { checkPlannedNames } from '../desire/planned-names.ts'
import { checkValues } from '../desire/secret-values.ts'
import { checkElsewhere, checkForeign, checkOwners, checkStranded } from '../observe/foreign.ts'
import { checkGitopsFound, checkGitopsOwned } from '../observe/gitops.ts'
import { checkLeftConsumers, checkLeftOut, checkNeeded } from '../observe/left-out.ts'
import { checkNamespaces } from '../observe/namespaces.ts'
import { checkVersion, OF_PROJECT } from '../observe/observe.ts'
import { checkAnswering, checkReleaseRecords } from '../observe/release-records.ts'
import { checkRequirements } from '../observe/requirements.ts'
import type { Check } from '../phases/findings.ts'
import type { Observed } from '../phases/observed.ts'
import type { Opened } from '../phases/opened.ts'
import type { Compared, Foreseen } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { checkBackupSources } from '../plan/backups.ts'
import { checkRested } from '../plan/rested.ts'
import { BEFORE_DEPLOY, type DeployChecks } from '../plan/check-list.ts'
import { checkCapacity } from '../plan/capacity.ts'
import {
  checkImages,
  checkKinds,
  checkLosses,
  checkRecordSizes,
  checkRights,
  checkSchemas,
  checkTwice,
} from '../plan/checks.ts'
import { checkDefinitions } from '../plan/definitions.ts'
import { checkDrift } from '../plan/drift.ts'
import { checkLeaving } from '../plan/leaving.ts'
import { checkLeftHooks } from '../plan/left-hooks.ts'
import { checkOtherNamespaces, checkOwnNamespace } from '../plan/namespaces.ts'
import { checkHeld } from '../plan/paused.ts'
import { checkPods } from '../plan/pods.ts'
import { checkPulls } from '../plan/pulls.ts'
import { checkOtherUses, checkStillUsed } from '../plan/still-used.ts'
import { checkStorage } from '../plan/storage.ts'
import { checkVault } from '../plan/vault-pods.ts'
import { checkBackupAges } from './backups.ts'
import {
  checkHelmVersion,
  checkHome,
  checkLatency,
  checkBuilder,
  checkPlanRights,
  checkPrograms,
  checkSkew,
} from './cluster-checks.ts'
import { checkActors } from './operators.ts'
import { checkDryRuns, checkEntrances, checkFloating, checkScaling, checkSelected } from './render-checks.ts'
import { checkCertificates, checkIngressCertificates } from './tls.ts'
import { checkWalls } from './walls.ts'
import { checkChartVersions, checkClusters, checkCustomImages, checkPlaceholders, checkStores } from './written.ts'

/** What a check judges by: where forge may not look at that, a check that finds nothing has seen nothing. */
export type Basis = 'records' | 'live' | 'secrets' | 'namespace'

export interface Place {
  readonly group: Group
  readonly by?: readonly Basis[]
  /** What is said of it where it finds nothing. Undefined: it says itself what is well. */
  readonly well?: string
}

/** Where the checks of a deploy are shown. A test holds it against their lists. */
export const OF_DEPLOY: ReadonlyMap<unknown, Place> = new Map<unknown, Place>([
  [checkElsewhere, { group: 'project', by: ['records'], well: 'no release moves' }],
  [checkVersion, { group: 'access' }],
  [checkGitopsFound, { group: 'project', by: ['records', 'live', 'namespace'], well: 'no GitOps tool owns it' }],
  [checkNamespaces, { group: 'namespace', by: ['namespace'], well: 'not being deleted' }],
  [checkStranded, { group: 'project', by: ['records'], well: 'no deploy was cut off' }],
  [checkForeign, { group: 'project', by: ['records'], well: 'no helm run is left open' }],
  [checkOwners, { group: 'project', by: ['records'], well: 'its own releases' }],
  [checkNeeded, { group: 'project', by: ['records'], well: 'what releases need' }],
  [checkLeftOut, { group: 'project', by: ['records'], well: 'releases named no more' }],
  [checkReleaseRecords, { group: 'project', by: ['records'], well: "helm's records" }],
  [checkAnswering, { group: 'project', by: ['records'], well: 'conversions' }],
  [checkBackupSources, { group: 'project', by: ['live'], well: 'what makes backups' }],
  [checkRequirements, { group: 'project', well: 'requirements of forge.yaml' }],
  [checkValues, { group: 'project', by: ['secrets'], well: 'values' }],
  [checkTwice, { group: 'project', well: 'no object twice' }],
  [checkPlannedNames, { group: 'project', well: 'names' }],
  [checkSchemas, { group: 'project', by: ['records'], well: 'database schema' }],
  [checkGitopsOwned, { group: 'project', by: ['records', 'live'], well: 'owners of its objects' }],
  [checkRested, { group: 'workloads', by: ['live'], well: 'not brought to rest' }],
  [checkOwnNamespace, { group: 'namespace', well: 'not made by its chart' }],
  [checkOtherNamespaces, { group: 'namespace', well: 'other namespaces' }],
  [checkLeaving, { group: 'project', by: ['live'], well: 'nothing is being deleted' }],
  [checkRights, { group: 'rights', well: 'for a deploy' }],
  [checkKinds, { group: 'project', well: 'kinds' }],
  [checkHooks, { group: 'project', by: ['records', 'live'], well: 'hooks' }],
  [checkRecordSizes, { group: 'project', well: 'record sizes' }],
  [checkDefinitions, { group: 'project', by: ['live'], well: 'definitions of crds/' }],
  [checkStillUsed, { group: 'project', by: ['records', 'live'], well: 'nothing that is used goes' }],
  [checkOtherUses, { group: 'project', by: ['records', 'live'], well: 'nothing that others use goes' }],
  [checkLosses, { group: 'storage', by: ['records', 'live'], well: 'what data goes' }],
  [checkHeld, { group: 'workloads', by: ['live'], well: 'nothing is paused' }],
  [checkLeftHooks, { group: 'project', by: ['records', 'live'], well: 'no hook is left' }],
  [checkLeftConsumers, { group: 'project', by: ['records', 'live', 'secrets'], well: 'users of secrets' }],
  [checkDrift, { group: 'project', by: ['records', 'live'], well: 'drift' }],
  [checkStorage, { group: 'storage', well: 'StorageClasses of claims' }],
  [checkCapacity, { group: 'workloads', well: 'room on the nodes' }],
  [checkPods, { group: 'workloads' }],
  [checkVault, { group: 'workloads' }],
  [checkImages, { group: 'images', well: 'references' }],
  [checkPulls, { group: 'images', well: 'pulls' }],
])

/** A line of the doctor's own. It never looks at what a check of a deploy does: that one is run as it is. */
interface Own<Known> extends Place {
  readonly check: Check<Known>
}

export interface OwnChecks {
  /** The cluster answers. */
  readonly observed: readonly Own<Observed>[]
  /** It is known what the charts render. */
  readonly compared: readonly Own<Compared>[]
  /** And what the API server says of it. */
  readonly foreseen: readonly Own<Foreseen>[]
}

/** A further line is its function, and its line here. `kubectl`: its version. */
export function ownChecks(kubectl: string | undefined, ports: Pick<DeployPorts, 'clock'>): OwnChecks {
  return {
    observed: [
      { check: checkHelmVersion, group: 'tools' },
      { check: checkSkew(kubectl), group: 'tools' },
      { check: checkLatency(ports), group: 'access' },
      { check: checkHome, group: 'namespace' },
    ],
    compared: [
      { check: checkPlanRights, group: 'rights', well: 'for a plan' },
      { check: checkEntrances, group: 'network' },
      { check: checkSelected, group: 'network' },
      { check: checkWalls, group: 'network' },
      { check: checkCertificates, group: 'network' },
      { check: checkIngressCertificates, group: 'network' },
      { check: checkActors, group: 'workloads' },
      { check: checkBackupAges, group: 'project' },
      { check: checkScaling, group: 'workloads' },
      { check: checkFloating, group: 'images' },
      { check: checkCustomImages, group: 'images' },
      { check: checkPlaceholders, group: 'project', by: ['secrets'], well: 'placeholders' },
      { check: checkStores, group: 'project' },
      { check: checkChartVersions, group: 'project' },
      { check: checkClusters, group: 'workloads' },
    ],
    foreseen: [{ check: checkDryRuns, group: 'workloads' }],
  }
}

/** Before the cluster is asked for anything. */
export function machineChecks(
  kubectl: string | undefined,
  machine: Machine,
  ports: Pick<DeployPorts, 'builder'>,
): readonly Own<Pick<Opened, 'project'>>[] {
  return [
    { check: checkPrograms(kubectl, machine), group: 'tools' },
    { check: checkBuilder(ports), group: 'tools' },
  ]
}

/** All that a deploy looks at in step 1, and then the doctor. */
export function observing(own: OwnChecks): readonly Check<Observed>[] {
  return [...own.observed.map(({ check }) => check), ...OF_PROJECT]
}

/** The same of step 5. */
export function previewing(own: OwnChecks): DeployChecks {
  return {
    ...BEFORE_DEPLOY,
    compared: [...BEFORE_DEPLOY.compared, ...own.compared.map(({ check }) => check)],
    foreseen: [...BEFORE_DEPLOY.foreseen, ...own.foreseen.map(({ check }) => check)],
  }
}

export function placesOf(own: OwnChecks, ofMachine: ReturnType<typeof machineChecks>): ReadonlyMap<unknown, Place> {
  const all = [...ofMachine, ...own.observed, ...own.compared, ...own.foreseen]
  return new Map<unknown, Place>([...OF_DEPLOY, ...all.map(({ check, ...place }) => [check, place] as const)])
}
