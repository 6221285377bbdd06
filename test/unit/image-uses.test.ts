import { describe, expect, test } from '@jest/globals'
import { imageUses, keptSecrets, runningUses, type PullingSpec } from '../../src/domain/images/uses.ts'
import type { KubeObject } from '../../src/domain/kube.ts'

function deployment(spec: PullingSpec, more: Readonly<Record<string, unknown>> = {}): KubeObject {
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop', generation: 1 } },
    ...{ spec: { template: { spec } }, ...more },
  }
}

describe('images of pods', () => {
  test('of every kind, with what is pulled when', () => {
    const spec: PullingSpec = {
      initContainers: [{ name: 'init', image: 'busybox' }],
      containers: [
        { name: 'a', image: 'a:1' },
        { name: 'b', image: 'b:latest', imagePullPolicy: 'IfNotPresent' },
        { name: 'c', image: `c@sha256:${'0'.repeat(64)}` },
        { name: 'd', image: 'a:1', imagePullPolicy: 'Always' },
        { name: 'e', image: 'BAD:1' },
        { name: 'f', image: '' },
      ],
    }
    const job = { kind: 'CronJob', apiVersion: 'batch/v1', metadata: { name: 'j' } }
    const found = imageUses([
      { ...job, spec: { jobTemplate: { spec: { template: { spec } } } } },
      deployment(spec, { spec: { replicas: 0, template: { spec } } }),
    ])
    expect(found.map(({ container, image, policy }) => `${container} ${image} ${policy}`)).toEqual([
      'init busybox Always',
      'd a:1 Always',
      'b b:latest IfNotPresent',
      `c c@sha256:${'0'.repeat(64)} IfNotPresent`,
    ])
  })

  test.each([
    ['Deployment', { replicas: 2, updatedReplicas: 2, readyReplicas: 2, observedGeneration: 1 }, true],
    ['Deployment', { replicas: 2, updatedReplicas: 1, readyReplicas: 2, observedGeneration: 1 }, false],
    ['Deployment', { replicas: 2, updatedReplicas: 2, readyReplicas: 2, observedGeneration: 0 }, false],
    [
      'Deployment',
      { replicas: 2, updatedReplicas: 2, readyReplicas: 1, unavailableReplicas: 1, observedGeneration: 1 },
      false,
    ],
    ['StatefulSet', { readyReplicas: 1, currentRevision: 'a', updateRevision: 'a', observedGeneration: 1 }, true],
    ['StatefulSet', { readyReplicas: 1, currentRevision: 'a', updateRevision: 'b', observedGeneration: 1 }, false],
    ['DaemonSet', { numberReady: 3, updatedNumberScheduled: 3, observedGeneration: 1 }, true],
    ['DaemonSet', { numberReady: 2, updatedNumberScheduled: 3, observedGeneration: 1 }, false],
    ['Job', { succeeded: 1 }, true],
    ['Job', { failed: 1 }, false],
    ['Rollout', {}, true],
    ['Pod', { phase: 'Running' }, true],
    ['Pod', { phase: 'Pending' }, false],
  ])('%s with %j runs them: %s', (kind, status, runs) => {
    const spec = { containers: [{ name: 'a', image: 'a:1' }] }
    const object = deployment(spec, { status })
    const made = { ...object, kind, spec: kind === 'Pod' ? spec : object['spec'] }
    expect(runningUses([made])).toHaveLength(runs ? 1 : 0)
  })

  test('a secret that somebody added to the live object stays; one that the chart gave up goes', () => {
    const names = (...all: string[]) => all.map((name) => ({ name }))
    expect(keptSecrets(names('new'), names('old'), names('old', 'patched'))).toEqual(['new', 'patched'])
    expect(keptSecrets(undefined, undefined, undefined)).toEqual([])
    expect(keptSecrets(names('a', 'a'), undefined, [{}])).toEqual(['a'])
  })
})
