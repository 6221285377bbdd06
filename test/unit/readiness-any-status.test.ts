import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { nameOf, type KubeObject } from '../../src/domain/kube.ts'
import type { Target } from '../../src/domain/readiness/model.ts'
import { workloadText } from '../../src/screen/stage.ts'
import { standsFor } from '../../src/domain/status/age.ts'
import { workloadStatus } from '../../src/domain/status/workload.ts'
import { NAMESPACE, set } from './readiness-objects.ts'
import { Deploy } from './readiness-scene.ts'

describe('a status of any shape', () => {
  const KINDS: readonly (readonly [apiVersion: string, kind: string])[] = [
    ['apps/v1', 'Deployment'],
    ['apps/v1', 'StatefulSet'],
    ['apps/v1', 'DaemonSet'],
    ['apps/v1', 'ReplicaSet'],
    ['batch/v1', 'Job'],
    ['batch/v1', 'CronJob'],
    ['v1', 'Pod'],
    ['v1', 'ReplicationController'],
    ['v1', 'Service'],
    ['v1', 'PersistentVolumeClaim'],
    ['policy/v1', 'PodDisruptionBudget'],
    ['autoscaling/v1', 'HorizontalPodAutoscaler'],
    ['autoscaling/v2', 'HorizontalPodAutoscaler'],
    ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
    ['postgresql.cnpg.io/v1', 'Cluster'],
    ['gateway.networking.k8s.io/v1', 'HTTPRoute'],
  ]
  const WORDS = [
    ...['conditions', 'type', 'status', 'reason', 'message', 'observedGeneration', 'Ready', 'Stalled', 'True', 'False'],
    ...[
      'containerStatuses',
      'initContainerStatuses',
      'name',
      'state',
      'lastState',
      'terminated',
      'waiting',
      'exitCode',
    ],
    ...['replicas', 'readyReplicas', 'updatedReplicas', 'phase', 'loadBalancer', 'ingress', 'parents', 'listeners'],
    ...[
      'currentMetrics',
      'restartCount',
      'readyInstances',
      'lastTransitionTime',
      'ScalingActive',
      'selector',
      'volumes',
    ],
    ...[
      'replicas',
      'template',
      'spec',
      'containers',
      'image',
      'updateStrategy',
      'rollingUpdate',
      'partition',
      'ordinals',
    ],
  ]
  const word = fc.oneof({ arbitrary: fc.constantFrom(...WORDS), weight: 4 }, { arbitrary: fc.string(), weight: 1 })
  const { anything } = fc.letrec<{ anything: unknown }>((tie) => ({
    anything: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.oneof(word, fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
      fc.array(tie('anything'), { maxLength: 3 }),
      fc.dictionary(word, tie('anything'), { maxKeys: 5 }),
    ),
  }))

  test.each(KINDS)('%s %s: never an exception, always a verdict', (apiVersion, kind) => {
    const target: Target = { apiVersion, kind, name: 'x' }
    const place = kind === 'CustomResourceDefinition' ? {} : { namespace: NAMESPACE }
    const made = (spec: unknown, status: unknown, generation: number): KubeObject => ({
      apiVersion,
      kind,
      metadata: { name: 'x', uid: 'x', generation, ...place },
      spec,
      status,
    })
    fc.assert(
      fc.property(anything, anything, anything, anything, (any, before, after, inner) => {
        // What a pod is made of is checked by the API server.
        const spec = kind === 'Pod' ? { containers: [{ name: 'x' }] } : any
        const below: KubeObject = {
          ...made({ containers: [{ name: 'x' }] }, inner, 1),
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            name: 'x-0',
            uid: 'x-0',
            namespace: NAMESPACE,
            ownerReferences: [{ apiVersion, kind, name: 'x', uid: 'x', controller: true }],
          },
        }
        const deploy = new Deploy([target]).see(set(made(spec, before, 1), below)).begin()
        deploy.see(set(made(spec, after, 2)), 1_000).helmExits()
        for (const at of [1_000, 60_000]) {
          const { state } = deploy.verdict(target, at)
          expect(['ready', 'progressing', 'paused', 'failed']).toContain(state)
          expect(typeof workloadText(deploy.judge.standing(target, at))).toBe('string')
        }
        deploy.judge.timedOut({ name: 's', targets: [target], timeoutMs: 1 }, 60_000)
        const { judge, cache } = deploy
        const held = { secrets: new Map(), configMaps: new Map(), renderedMaps: new Map() }
        const row = workloadStatus(
          { ...target, ...place },
          { judge, cache, held, home: NAMESPACE, at: 60_000, told: workloadText },
        )
        expect(row.object).toBe(nameOf(target))
        expect(standsFor(made(spec, after, 2), 0)).toBeGreaterThanOrEqual(0)
      }),
      { seed: 14, numRuns: 150 },
    )
  })
})
