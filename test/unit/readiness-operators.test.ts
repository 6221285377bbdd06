import { describe, expect, test } from '@jest/globals'
import { set } from './readiness-objects.ts'
import { installed } from './readiness-scene.ts'
import { conditions, FAILED, judged, resource, targetOf, type Fields, type Kind } from './readiness-statuses.ts'

const GATEWAY: Kind = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway' }
const kind = (apiVersion: string, name: string): Kind => ({ apiVersion, kind: name })
const APPLICATION = kind('argoproj.io/v1alpha1', 'Application')
const RABBIT = kind('rabbitmq.com/v1beta1', 'RabbitmqCluster')
const KAFKA = kind('kafka.strimzi.io/v1beta2', 'Kafka')
const PROMETHEUS = kind('monitoring.coreos.com/v1', 'Prometheus')
const SCALED = kind('keda.sh/v1alpha1', 'ScaledObject')
const ZALANDO = kind('acid.zalan.do/v1', 'postgresql')
const CRUNCHY = kind('postgres-operator.crunchydata.com/v1beta1', 'PostgresCluster')
const VELERO = kind('velero.io/v1', 'Backup')

describe('others, by their own words', () => {
  test.each<[string, Kind, Fields, Fields, [string, string]]>([
    [
      'a Gateway without an address',
      GATEWAY,
      {},
      { conditions: conditions('Accepted=True:Accepted@1', 'Programmed=False:AddressNotAssigned@1 no address yet') },
      ['progressing no address yet', 'progressing no address yet'],
    ],
    [
      'a Gateway that is refused',
      GATEWAY,
      {},
      { conditions: conditions('Accepted=False:InvalidParameters@1 no such class') },
      ['progressing no such class', FAILED],
    ],
    [
      'a listener without its Secret',
      GATEWAY,
      {},
      {
        conditions: conditions('Accepted=True@1', 'Programmed=True@1'),
        listeners: [
          { name: 'https', conditions: conditions('ResolvedRefs=False:InvalidCertificateRef@1 Secret tls not found') },
        ],
      },
      ['progressing listener https: Secret tls not found', FAILED],
    ],
    [
      'Argo CD, in sync',
      APPLICATION,
      {},
      { sync: { status: 'Synced' }, health: { status: 'Healthy' }, operationState: { phase: 'Succeeded' } },
      ['ready synced and healthy', 'ready synced and healthy'],
    ],
    [
      'Argo CD, being synced',
      APPLICATION,
      {},
      { sync: { status: 'OutOfSync' }, health: { status: 'Progressing' }, operationState: { phase: 'Running' } },
      ['progressing OutOfSync, Progressing', 'progressing OutOfSync, Progressing'],
    ],
    [
      'Argo CD, that cannot be rendered',
      APPLICATION,
      {},
      {
        sync: { status: 'Unknown' },
        health: { status: 'Healthy' },
        conditions: [{ type: 'ComparisonError', message: 'no such path' }],
      },
      ['progressing Unknown, Healthy: no such path', FAILED],
    ],
    [
      'Argo CD, whose sync failed',
      APPLICATION,
      {},
      {
        sync: { status: 'OutOfSync' },
        health: { status: 'Missing' },
        operationState: { phase: 'Failed', message: 'one or more objects failed to apply' },
      },
      ['progressing OutOfSync, Missing: one or more objects failed to apply', FAILED],
    ],
    [
      'RabbitMQ',
      RABBIT,
      {},
      {
        observedGeneration: 1,
        conditions: conditions(
          'AllReplicasReady=False:NotAllPodsReady 1/3 Pods ready',
          'ReconcileSuccess=True:Success Finish reconciling',
        ),
      },
      ['progressing 1/3 Pods ready', 'progressing 1/3 Pods ready'],
    ],
    [
      'RabbitMQ, that cannot be reconciled',
      RABBIT,
      {},
      {
        observedGeneration: 1,
        conditions: conditions(
          'AllReplicasReady=True',
          'ReconcileSuccess=False:Error Cluster Scale down not supported',
        ),
      },
      ['progressing Cluster Scale down not supported', FAILED],
    ],
    [
      'Strimzi',
      KAFKA,
      {},
      { observedGeneration: 1, conditions: conditions('NotReady=True:Creating Kafka cluster is being deployed') },
      ['progressing Kafka cluster is being deployed', 'progressing Kafka cluster is being deployed'],
    ],
    [
      'Prometheus, paused',
      PROMETHEUS,
      { paused: true },
      { conditions: conditions('Available=True', 'Reconciled=True') },
      ['paused paused (spec.paused)', 'paused paused (spec.paused)'],
    ],
    [
      'KEDA, without its trigger',
      SCALED,
      {},
      { conditions: conditions('Ready=False:ScaledObjectCheckFailed no scaler found') },
      ['progressing no scaler found', FAILED],
    ],
    ['Zalando', ZALANDO, {}, { PostgresClusterStatus: 'Running' }, ['ready Running', 'ready Running']],
    [
      'Zalando, failed',
      ZALANDO,
      {},
      { PostgresClusterStatus: 'SyncFailed' },
      ['progressing SyncFailed', 'progressing SyncFailed'],
    ],
    [
      'Crunchy',
      CRUNCHY,
      {},
      { observedGeneration: 1, instances: [{ name: '00', replicas: 2, readyReplicas: 1, updatedReplicas: 2 }] },
      ['progressing instances 00: 1/2 ready', 'progressing instances 00: 1/2 ready'],
    ],
    [
      'Crunchy, well',
      CRUNCHY,
      {},
      { observedGeneration: 1, instances: [{ name: '00', replicas: 2, readyReplicas: 2, updatedReplicas: 2 }] },
      ['ready all instances ready', 'ready all instances ready'],
    ],
    ['Velero', VELERO, {}, { phase: 'InProgress' }, ['progressing InProgress', 'progressing InProgress']],
    [
      'Velero, half',
      VELERO,
      {},
      { phase: 'PartiallyFailed' },
      ['progressing PartiallyFailed', 'progressing PartiallyFailed'],
    ],
  ])('%s', (_, one, spec, status, says) => expect(judged(one, status, spec)).toEqual(says))

  test('Strimzi, paused by its annotation', () => {
    const object = resource(KAFKA, {
      status: { observedGeneration: 1, conditions: conditions('ReconciliationPaused=True') },
    })
    const annotated = {
      ...object,
      metadata: { ...object.metadata, annotations: { 'strimzi.io/pause-reconciliation': 'true' } },
    }
    expect(installed([targetOf(KAFKA)], set(annotated)).says(targetOf(KAFKA))).toBe(
      'paused paused (strimzi.io/pause-reconciliation)',
    )
  })
})

describe('what else CloudNativePG has', () => {
  test.each<[string, string, Fields, Fields, string]>([
    ['Backup', 'new', {}, {}, 'progressing no status yet'],
    ['Backup', 'running', {}, { phase: 'running' }, 'progressing running'],
    ['Backup', 'done', {}, { phase: 'completed', backupId: 'x' }, 'ready completed'],
    ['Backup', 'failed', {}, { phase: 'failed', error: 'no target pod' }, 'failed E_RESOURCE_STALLED'],
    [
      'Backup',
      'an archive that does not take it',
      {},
      { phase: 'walArchivingFailing' },
      'progressing walArchivingFailing',
    ],
    ['ScheduledBackup', 'seen', {}, { lastCheckTime: '2026-01-01T00:00:00Z' }, 'ready scheduled'],
    ['ScheduledBackup', 'suspended', { suspend: true }, { lastCheckTime: '2026-01-01T00:00:00Z' }, 'ready suspended'],
    ['Database', 'made', {}, { applied: true, observedGeneration: 1 }, 'ready applied'],
    ['Database', 'of an older spec', {}, { applied: true, observedGeneration: 0 }, 'progressing spec not observed yet'],
    [
      'Database',
      'refused',
      {},
      { applied: false, observedGeneration: 1, message: 'role "x" does not exist' },
      'progressing role "x" does not exist',
    ],
    ['Pooler', 'without pods', { instances: 2 }, { instances: 2 }, 'progressing 0/2 instances ready'],
  ])('%s: %s', (name, _, spec, status, says) => {
    const one: Kind = { apiVersion: 'postgresql.cnpg.io/v1', kind: name }
    expect(judged(one, status, spec)[0]).toBe(says)
  })
})
