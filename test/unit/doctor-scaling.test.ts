import { describe, expect, test } from '@jest/globals'
import { podMakers } from '../../src/domain/doctor/pods.ts'
import { blockingBudgets, idleScalers } from '../../src/domain/doctor/scaling.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { deployment, object, said } from '../support/doctor-objects.ts'

describe('budgets', () => {
  const judged = (spec: object, ...workloads: KubeObject[]): string[] => {
    const budget = object('policy/v1', 'PodDisruptionBudget', 'web', {
      spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
    })
    return said(blockingBudgets([budget, ...workloads], podMakers(workloads, 'shop'), 'shop'))
  }
  const blocks = (said_: string, pods: string) => [
    `doubt: PodDisruptionBudget/web (${said_}, of ${pods}) allows no disruption: a node could not be drained`,
  ]
  const fine = ['well: 1 PodDisruptionBudget allows a disruption']

  test.each<[string, object, number, string[]]>([
    ['as many as there are', { minAvailable: 2 }, 2, blocks('minAvailable 2', '2 pods')],
    ['one less', { minAvailable: 1 }, 2, fine],
    ['all of them', { minAvailable: '100%' }, 3, blocks('minAvailable 100%', '3 pods')],
    ['a share, rounded up', { minAvailable: '60%' }, 2, blocks('minAvailable 60%', '2 pods')],
    ['none at once', { maxUnavailable: 0 }, 3, blocks('maxUnavailable 0', '3 pods')],
    ['a share of one', { maxUnavailable: '10%' }, 1, fine],
    ['no pods at all', { minAvailable: 1 }, 0, fine],
  ])('%s', (_, spec, replicas, expected) => expect(judged(spec, deployment('web', replicas))).toEqual(expected))

  const scaled = (minReplicas?: number): KubeObject =>
    object('autoscaling/v2', 'HorizontalPodAutoscaler', 'web', {
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' }, minReplicas, maxReplicas: 5 },
    })
  test.each<[string, KubeObject, number | undefined, string[]]>([
    ['two at least', scaled(2), undefined, fine],
    ['one at least', scaled(), 3, blocks('minAvailable 1', '1 pod')],
    ['switched off', scaled(2), 0, fine],
  ])('where an autoscaler owns the number: %s', (_, scaler, replicas, expected) =>
    expect(judged({ minAvailable: 1 }, deployment('web', replicas), scaler)).toEqual(expected),
  )

  test('two for the same pods', () => {
    const one = (name: string): KubeObject =>
      object('policy/v1', 'PodDisruptionBudget', name, {
        spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } },
      })
    const objects = [one('a'), one('b'), deployment('web', 3)]
    expect(said(blockingBudgets(objects, podMakers(objects, 'shop'), 'shop'))).toEqual([
      'doubt: PodDisruptionBudget/a and PodDisruptionBudget/b both select the pods of Deployment/web: none of them could be evicted',
    ])
  })

  test('of pods whose number nobody states', () => {
    const template = { metadata: { labels: { app: 'web' } } }
    expect(judged({ minAvailable: 1 }, object('apps/v1', 'DaemonSet', 'web', { spec: { template } }))).toEqual(fine)
  })
})

describe('autoscalers', () => {
  const served = [
    { apiVersion: 'metrics.k8s.io/v1beta1', kind: 'PodMetrics', plural: 'pods', namespaced: true, verbs: [] },
  ]
  const scaler = (spec: object = {}) =>
    object('autoscaling/v2', 'HorizontalPodAutoscaler', 'web', {
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' }, minReplicas: 2, maxReplicas: 5, ...spec },
    })
  const share = (name: string, type = 'Utilization') => ({ type: 'Resource', resource: { name, target: { type } } })
  const judged = (objects: KubeObject[], resources = served): string[] =>
    said(idleScalers(objects, resources, () => false, 'shop'))

  test.each<[string, string[], string[]]>([
    ['well', judged([scaler(), deployment('web', 3)]), ['well: 1 HorizontalPodAutoscaler has metrics to go by']],
    [
      'no count stated',
      judged([scaler(), deployment('web')]),
      ['well: 1 HorizontalPodAutoscaler has metrics to go by'],
    ],
    [
      'a count that it undoes',
      judged([scaler(), deployment('web', 1)]),
      ['doubt: HorizontalPodAutoscaler/web keeps 2 to 5 pods, and Deployment/web states 1: one undoes the other'],
    ],
    ['no target', judged([scaler()]), ['doubt: HorizontalPodAutoscaler/web scales Deployment/web, which is not there']],
    [
      'no metrics',
      judged([scaler(), deployment('web', 3)], []),
      ['doubt: HorizontalPodAutoscaler/web has nothing to go by: the cluster does not serve metrics.k8s.io'],
    ],
    [
      'a share of nothing',
      judged([scaler({ metrics: [share('memory')] }), deployment('web', 3)]),
      [
        'doubt: HorizontalPodAutoscaler/web goes by a share of the memory that pods ask for, and container a of Deployment/web asks for none',
      ],
    ],
    [
      'a share of what a LimitRange gives',
      said(
        idleScalers(
          [scaler({ metrics: [share('memory')] }), deployment('web', 3)],
          served,
          () => false,
          'shop',
          () => ['memory'],
        ),
      ),
      ['well: 1 HorizontalPodAutoscaler has metrics to go by'],
    ],
    [
      'an amount',
      judged([scaler({ metrics: [share('memory', 'AverageValue')] }), deployment('web', 3)]),
      ['well: 1 HorizontalPodAutoscaler has metrics to go by'],
    ],
    [
      'metrics of its own',
      judged([scaler({ metrics: [{ type: 'External' }] }), deployment('web', 3)]),
      ['doubt: HorizontalPodAutoscaler/web has nothing to go by: the cluster does not serve external.metrics.k8s.io'],
    ],
  ])('%s', (_, found, expected) => expect(found).toEqual(expected))
})
