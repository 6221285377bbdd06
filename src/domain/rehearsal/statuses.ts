import { isEqual } from '../canonical.ts'
import { isMap, type PlainMap } from '../config/path.ts'
import { groupOf, type KubeObject } from '../kube.ts'
import { HIBERNATION, hibernationOf } from '../operators/hold.ts'
import { saysNothing } from '../readiness/foreign-status.ts'
import { specOf, statusOf } from '../readiness/shapes.ts'
import { HEALTHY } from '../readiness/workloads/database-phases.ts'
import { mapOf } from './forms.ts'
import { statusLike } from './managers.ts'

/**
 * What an operator would write, one after another, of a resource whose spec is new: of one that stands in the environment (`live`)
 * what it says there, else what forge's judge takes for ready. None: nothing is said of it, there as here. `now`: as text.
 */
export function statusesFor(object: KubeObject, live: KubeObject | undefined, now: string): KubeObject[] {
  if (live !== undefined && saysNothing(live)) return []
  const said = live === undefined ? { ...object, status: readyStatus(object, now) } : grown(statusLike(live, object))
  // A status without a generation counts once it has been written since the spec changed (readiness/workloads/observed.ts).
  return isEqual(object['status'], said.status) ? [{ ...object, status: {} }, said] : [said]
}

/** A database that is whole follows what is asked of it. */
function grown(object: KubeObject): KubeObject & { readonly status: unknown } {
  const { status } = object
  if (!isDatabase(object) || !isMap(status) || !isWhole(object)) return { ...object, status }
  const { imageName } = mapOf(object['spec'])
  const counts = countsOf(object)
  return { ...object, status: { ...status, ...counts, ...(typeof imageName === 'string' ? { image: imageName } : {}) } }
}

function isWhole(object: KubeObject): boolean {
  const { phase, readyInstances = 0 } = statusOf(object)
  const { instances } = mapOf(object['status'])
  return phase === HEALTHY && readyInstances > 0 && (typeof instances !== 'number' || readyInstances >= instances)
}

function isDatabase({ apiVersion, kind }: KubeObject): boolean {
  return groupOf(apiVersion) === 'postgresql.cnpg.io' && kind === 'Cluster'
}

function countsOf(object: KubeObject): PlainMap {
  const { instances = 1 } = specOf(object)
  return { instances, readyInstances: instances }
}

/**
 * What the judge takes for ready (readiness/workloads): by words of its own where its controller has some, else by conditions. It
 * has what the kind's own definition demands of a status: one that lacks it is refused.
 */
export function readyStatus(object: KubeObject, now: string): PlainMap {
  const own = WORDS.find(([of]) => of.includes(groupOf(object.apiVersion)) || of.includes(nameOfKind(object)))
  return own?.[1](object, now) ?? told(object, now)
}

type Words = (object: KubeObject, now: string) => PlainMap

const kinds = (group: string, ...names: readonly string[]): string[] => names.map((name) => `${group}/${name}`)
const phase =
  (word: string): Words =>
  () => ({ phase: word })

const WORDS: readonly (readonly [of: readonly string[], words: Words])[] = [
  [kinds('postgresql.cnpg.io', 'Cluster'), database],
  [
    kinds('postgresql.cnpg.io', 'Database', 'Publication', 'Subscription', 'DatabaseRole'),
    ({ metadata: { generation } }) => ({ applied: true, observedGeneration: generation }),
  ],
  [kinds('postgresql.cnpg.io', 'Backup'), phase('completed')],
  [kinds('postgresql.cnpg.io', 'ScheduledBackup'), (_, now) => ({ lastCheckTime: now })],
  [kinds('postgresql.cnpg.io', 'Pooler'), pooler],
  [kinds('argoproj.io', 'Application'), () => ({ sync: { status: 'Synced' }, health: { status: 'Healthy' } })],
  [kinds('argoproj.io', 'Rollout'), phase('Healthy')],
  [['acid.zalan.do'], () => ({ PostgresClusterStatus: 'Running' })],
  [['bitnami.com'], (object, now) => told(object, now, ['Synced'])],
  [
    ['external-secrets.io'],
    (object, now) => ({ ...told(object, now), syncedResourceVersion: `${object.metadata.generation ?? 1}-rehearsed` }),
  ],
  [kinds('monitoring.coreos.com', 'Prometheus', 'PrometheusAgent', 'Alertmanager', 'ThanosRuler'), monitoring],
  [kinds('velero.io', 'Backup', 'Restore'), phase('Completed')],
  [kinds('velero.io', 'BackupStorageLocation'), phase('Available')],
  [kinds('velero.io', 'Schedule'), phase('Enabled')],
]

function nameOfKind({ apiVersion, kind }: KubeObject): string {
  return `${groupOf(apiVersion)}/${kind}`
}

function database(object: KubeObject, now: string): PlainMap {
  const { name } = object.metadata
  const { imageName } = mapOf(object['spec'])
  const sleeps = hibernationOf(object) === 'off' ? [] : [condition(object, HIBERNATION, now)]
  return {
    ...countsOf(object),
    phase: HEALTHY,
    currentPrimary: `${name}-1`,
    targetPrimary: `${name}-1`,
    ...(typeof imageName === 'string' ? { image: imageName } : {}),
    conditions: [condition(object, 'Ready', now), ...sleeps],
  }
}

/** How many pods are asked for, and (since 1.30) whether they are to serve (api/v1/pooler_types.go). */
function pooler(object: KubeObject): PlainMap {
  const { instances = 1 } = specOf(object)
  const isPaused = mapOf(mapOf(object['spec'])['pgbouncer'])['paused'] === true
  return { instances, phase: isPaused ? 'paused' : 'active' }
}

/** Counts are demanded (pkg/apis/monitoring/v1, PrometheusStatus and AlertmanagerStatus). */
function monitoring(object: KubeObject, now: string): PlainMap {
  const { replicas = 1 } = specOf(object)
  const counts = { replicas, updatedReplicas: replicas, availableReplicas: replicas, unavailableReplicas: 0 }
  return { paused: false, ...counts, conditions: told(object, now, ['Available', 'Reconciled'])['conditions'] }
}

function told(object: KubeObject, now: string, types: readonly string[] = ['Ready']): PlainMap {
  const { generation } = object.metadata
  return { observedGeneration: generation, conditions: types.map((type) => condition(object, type, now)) }
}

function condition({ metadata: { generation } }: KubeObject, type: string, now: string): PlainMap {
  const words = { reason: 'Rehearsed', message: 'taken for ready in a rehearsal' }
  return { type, status: 'True', ...words, lastTransitionTime: now, observedGeneration: generation }
}
