import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import type { Target } from '../../src/domain/readiness/model.ts'
import { planStages } from '../../src/domain/stages/stages.ts'
import { NAMESPACE, event, service, set } from './readiness-objects.ts'
import { installed } from './readiness-scene.ts'
import { kubectl } from '../../src/hint.ts'

describe('a Service', () => {
  const GATEWAY: Target = { apiVersion: 'v1', kind: 'Service', name: 'gateway' }
  const LOADED = { type: 'LoadBalancer' }
  const balanced = (status = {}): KubeObject => service('gateway', LOADED, status)

  // https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer
  test.each([
    ['inside the cluster', service('gateway'), 'ready exists'],
    ['with an address', balanced({ loadBalancer: { ingress: [{ ip: '10.0.0.9' }] } }), 'ready 10.0.0.9'],
    ['with a name', balanced({ loadBalancer: { ingress: [{ hostname: 'a.example.com' }] } }), 'ready a.example.com'],
    ['without', balanced(), 'progressing no address yet'],
    ['with external IPs', service('gateway', { ...LOADED, externalIPs: ['192.0.2.7'] }), 'ready 192.0.2.7'],
    ['with none of them', service('gateway', { ...LOADED, externalIPs: [] }), 'progressing no address yet'],
    [
      'with both',
      service(
        'gateway',
        { ...LOADED, externalIPs: ['192.0.2.7'] },
        { loadBalancer: { ingress: [{ ip: '10.0.0.9' }] } },
      ),
      'ready 10.0.0.9',
    ],
  ])('%s', (_, object, says) => expect(installed([GATEWAY], set(object)).says(GATEWAY, 600_000)).toBe(says))

  test('whose time is up says what its controller said', () => {
    const object = balanced()
    const said = event(object, 'SyncLoadBalancerFailed', 'Error syncing load balancer: quota exceeded')
    const deploy = installed([GATEWAY], set(object, said))
    expect(deploy.judge.timedOut({ name: 'app', targets: [GATEWAY], timeoutMs: 60_000 }, 60_000)).toMatchObject({
      code: 'E_LOAD_BALANCER',
      message: 'gateway has no address yet: Error syncing load balancer: quota exceeded (stage app waited 1m)',
      chain: ['Service/gateway'],
      hint: kubectl(['describe', 'service', 'gateway'], 'prod'),
    })
  })
})

describe('a CustomResourceDefinition', () => {
  const CRD: Target = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    name: 'widgets.example.test',
  }
  const definition = (...conditions: Record<string, unknown>[]): KubeObject => ({
    apiVersion: CRD.apiVersion,
    kind: CRD.kind,
    metadata: { name: CRD.name, uid: 'crd' },
    status: { conditions },
  })
  const established = { type: 'Established', status: 'True' }
  const accepted = { type: 'NamesAccepted', status: 'True' }

  test.each([
    ['established', [accepted, established], 'ready established'],
    [
      'names accepted, not served yet',
      [accepted, { ...established, status: 'False' }],
      'progressing not established yet',
    ],
    ['without a word', [], 'progressing not established yet'],
    [
      'names taken',
      [{ type: 'NamesAccepted', status: 'False', reason: 'PluralConflict', message: '"widgets" is already in use' }],
      'failed E_RESOURCE_STALLED',
    ],
  ])('%s', (_, conditions, says) => expect(installed([CRD], set(definition(...conditions))).says(CRD)).toBe(says))
})

describe("CloudNativePG's Cluster", () => {
  const DB: Target = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: 'db' }
  const cluster = (status: Record<string, unknown>, metadata = {}): KubeObject => ({
    apiVersion: DB.apiVersion,
    kind: DB.kind,
    metadata: { name: 'db', namespace: NAMESPACE, uid: 'db', generation: 1, ...metadata },
    spec: { instances: 3 },
    status,
  })
  const healthy = { phase: 'Cluster in healthy state', readyInstances: 3, instances: 3 }

  // Phases: api/v1/cluster_types.go of CloudNativePG 1.27.
  test.each([
    ['healthy', cluster(healthy), 'ready 3/3'],
    [
      'one instance away',
      cluster({ ...healthy, readyInstances: 2 }),
      'progressing 2/3 instances ready: Cluster in healthy state',
    ],
    ['new', cluster({ phase: 'Setting up primary' }), 'progressing 0/3 instances ready: Setting up primary'],
    ['all ready, still at work', cluster({ ...healthy, phase: 'Upgrading cluster' }), 'progressing Upgrading cluster'],
    ['spec not observed', cluster({ ...healthy, observedGeneration: 0 }), 'progressing spec not observed yet'],
    [
      'to hibernate',
      cluster({}, { annotations: { 'cnpg.io/hibernation': 'on' } }),
      'progressing is to hibernate: that begins once it is healthy',
    ],
    [
      'given up',
      cluster({ phase: 'Cluster is unrecoverable and needs manual intervention' }),
      'failed E_RESOURCE_STALLED',
    ],
    ['failing over is no failure', cluster({ ...healthy, phase: 'Failing over' }), 'progressing Failing over'],
  ])('%s', (_, object, says) => expect(installed([DB], set(object)).says(DB)).toBe(says))

  test('is waited for without being named; a kind of the same name elsewhere is not', () => {
    const other = { ...cluster({}), apiVersion: 'other.test/v1', metadata: { name: 'x', namespace: NAMESPACE } }
    const [stage] = planStages({ stages: [], file: 'forge.yaml' }, [cluster({}), other])
    expect(stage?.targets.map(({ name }) => name)).toEqual(['db'])
  })
})
