import { describe, expect, test } from '@jest/globals'
import { isMap } from '../../src/domain/config/path.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { poolerPods } from '../../src/domain/rehearsal/poolers.ts'
import { readyStatus, statusesFor } from '../../src/domain/rehearsal/statuses.ts'
import { installed } from './readiness-scene.ts'
import { set } from './readiness-objects.ts'
import { resource, targetOf, type Fields } from './readiness-statuses.ts'

const NOW = '2026-11-28T20:00:00.000Z'
const CNPG = 'postgresql.cnpg.io/v1'
const PROM = 'monitoring.coreos.com/v1'

/** What the kind's own definition knows of a status, as far as it matters here; `!`: it demands that. */
const schema = (text: string): readonly string[] => text.split(' ').filter((name) => name !== '')

const COUNTS = 'paused! replicas! updatedReplicas! availableReplicas! unavailableReplicas! conditions'
const TOLD = 'conditions observedGeneration'

/** What the API server keeps of it; undefined: it refuses it. */
function stored(status: unknown, fields: readonly string[]): Fields | undefined {
  const said = isMap(status) ? status : {}
  if (fields.some((name) => name.endsWith('!') && said[name.slice(0, -1)] === undefined)) return undefined
  return Object.fromEntries(
    Object.entries(said).filter(([name]) => fields.some((one) => one.replace('!', '') === name)),
  )
}

const READY = 'ready taken for ready in a rehearsal'
/** As in the environment: a kind that never says anything is taken as it is after a moment. */
const SILENT = ['progressing no status yet', 'ready reports no conditions'] as const

type Row = readonly [what: string, apiVersion: string, spec: Fields, status: string, says: string | readonly string[]]

const ROWS: readonly Row[] = [
  ['Cluster', CNPG, { instances: 2 }, 'instances readyInstances phase currentPrimary targetPrimary image', 'ready 2/2'],
  ['Backup', CNPG, {}, 'phase error', 'ready completed'],
  ['ScheduledBackup', CNPG, {}, 'error lastCheckTime lastScheduleTime nextScheduleTime', 'ready scheduled'],
  ['ScheduledBackup', CNPG, { suspend: true }, 'lastCheckTime', 'ready suspended'],
  ['ImageCatalog', CNPG, {}, '', SILENT],
  ...['Database', 'Publication', 'Subscription', 'DatabaseRole'].map((kind): Row => [
    kind,
    CNPG,
    {},
    'applied message observedGeneration',
    'ready applied',
  ]),
  ...['Certificate', 'Issuer', 'ClusterIssuer'].map((kind): Row => [
    kind,
    'cert-manager.io/v1',
    {},
    'conditions revision',
    READY,
  ]),
  ['ExternalSecret', 'external-secrets.io/v1', {}, 'conditions refreshTime syncedResourceVersion', READY],
  ...['SecretStore', 'ClusterSecretStore'].map((kind): Row => [
    kind,
    'external-secrets.io/v1',
    {},
    'conditions capabilities',
    READY,
  ]),
  ...['ServiceMonitor', 'PodMonitor', 'PrometheusRule'].map((kind): Row => [kind, PROM, {}, 'bindings', SILENT]),
  ['Prometheus', PROM, { replicas: 2 }, `${COUNTS} shards`, READY],
  ['Alertmanager', PROM, {}, COUNTS, READY],
  ['Rollout', 'argoproj.io/v1alpha1', {}, 'phase replicas conditions', 'ready Healthy'],
  ['Application', 'argoproj.io/v1alpha1', {}, 'sync health operationState conditions', 'ready synced and healthy'],
  ...['Kafka', 'KafkaTopic', 'KafkaUser'].map((kind): Row => [kind, 'kafka.strimzi.io/v1beta2', {}, TOLD, READY]),
  ['SealedSecret', 'bitnami.com/v1alpha1', {}, TOLD, READY],
  ['ScaledObject', 'keda.sh/v1alpha1', {}, 'conditions', READY],
  ['RabbitmqCluster', 'rabbitmq.com/v1beta1', {}, `${TOLD} binding`, READY],
  ['HelmRelease', 'helm.toolkit.fluxcd.io/v2', {}, TOLD, READY],
  ['PostgresCluster', 'postgres-operator.crunchydata.com/v1beta1', {}, `${TOLD} instances`, READY],
  ['postgresql', 'acid.zalan.do/v1', {}, 'PostgresClusterStatus', 'ready Running'],
  ['BackupStorageLocation', 'velero.io/v1', {}, 'phase', 'ready Available'],
  ['Cup', 'example.test/v1', {}, TOLD, READY],
  ['Cup', 'example.test/v1', {}, 'phase', SILENT],
]

describe('what is taken for ready is that for the judge', () => {
  test.each(ROWS)('a new %s of %s', (kind, apiVersion, spec, fields, says) => {
    const object = resource({ apiVersion, kind }, { spec }, 3)
    const status = stored(readyStatus(object, NOW), schema(fields))
    expect(status).toBeDefined()
    const deploy = installed([targetOf(object)], set({ ...object, status }))
    const lines = [deploy.says(targetOf(object)), deploy.says(targetOf(object), 120_000)]
    expect(lines).toEqual(typeof says === 'string' ? [says, says] : says)
  })

  test.each(ROWS.filter(([, , , , says]) => typeof says === 'string'))(
    'a %s of %s that stood as such, and is changed',
    (kind, apiVersion, spec, fields, says) => {
      const of = { apiVersion, kind }
      const keep = (object: KubeObject): KubeObject => ({ ...object, status: stored(object['status'], schema(fields)) })
      const before = resource(of, { spec }, 1)
      const live = keep({ ...before, status: readyStatus(before, NOW) })
      const changed = { ...resource(of, { spec: { ...spec, more: true } }, 2), status: live['status'] }
      const deploy = installed([targetOf(of)], set(live, changed))
      for (const said of statusesFor(changed, live, NOW)) deploy.see(set(keep(said)))
      // A phase is only believed once it has lasted.
      expect(deploy.says(targetOf(of), 3000)).toBe(says)
    },
  )
})

describe('pods of a Pooler', () => {
  const spec = {
    cluster: { name: 'db' },
    instances: 2,
    template: {
      metadata: { labels: { team: 'a' } },
      spec: {
        nodeSelector: { disk: 'fast' },
        serviceAccountName: 'pooler',
        volumes: [{ name: 'tls', secret: { secretName: 'tls' } }],
        containers: [
          {
            name: 'pgbouncer',
            image: 'pgbouncer:1',
            env: [{ name: 'A', value: 'b' }],
            resources: { requests: { cpu: '1' } },
          },
        ],
      },
    },
  }
  const pooler: KubeObject = {
    ...resource({ apiVersion: CNPG, kind: 'Pooler' }, { spec }),
    metadata: { name: 'pool', namespace: 'shop', uid: 'u1' },
  }

  test('are asked for as its operator asks, without what it alone makes', () => {
    expect(poolerPods(pooler)).toMatchObject({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'pool',
        namespace: 'shop',
        ownerReferences: [{ kind: 'Pooler', name: 'pool', uid: 'u1', controller: true }],
      },
      spec: {
        replicas: 2,
        selector: { matchLabels: { 'cnpg.io/poolerName': 'pool' } },
        template: {
          metadata: { labels: { team: 'a', 'cnpg.io/poolerName': 'pool', 'cnpg.io/cluster': 'db' } },
          spec: {
            nodeSelector: { disk: 'fast' },
            containers: [{ name: 'pgbouncer', image: 'pgbouncer:1', resources: { requests: { cpu: '1' } } }],
          },
        },
      },
    })
    expect(JSON.stringify(poolerPods(pooler))).not.toMatch(/serviceAccountName|secretName|"env"/u)
  })

  test('one that says nothing of them has one', () => {
    const bare = { ...pooler, spec: { cluster: { name: 'db' }, pgbouncer: {} } }
    expect(poolerPods(bare)).toMatchObject({
      spec: { replicas: 1, template: { spec: { containers: [{ name: 'pgbouncer' }] } } },
    })
  })
})
