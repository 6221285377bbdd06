import { expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { keyOf } from '../../src/domain/kube.ts'
import { comingHooks } from '../../src/domain/manifest/hooks.ts'
import { leftHooks } from '../../src/domain/plan/left-hooks.ts'

const object = (kind: string, image = 'migrate:1'): KubeObject => ({
  apiVersion: kind === 'Job' ? 'batch/v1' : 'v1',
  kind,
  metadata: { name: 'migrate', namespace: 'prod' },
  spec: { template: { spec: { containers: [{ name: 'main', image }] } } },
})

test.each<[string, string, string[], 'apply' | 'patch', KubeObject[], string[]]>([
  ['is not there', 'Job', ['hook-succeeded'], 'apply', [], []],
  ['is removed first', 'Job', ['before-hook-creation'], 'patch', [object('Job')], []],
  ['has changed', 'Job', ['hook-succeeded'], 'apply', [object('Job', 'migrate:0')], ['refused']],
  ['has not changed', 'Job', ['hook-failed'], 'apply', [object('Job')], ['skipped']],
  ['exists already for helm 3', 'Job', ['hook-failed'], 'patch', [object('Job')], ['refused']],
  ['is a ConfigMap, which is updated', 'ConfigMap', ['hook-failed'], 'apply', [object('ConfigMap')], []],
  ['is a ConfigMap, which exists', 'ConfigMap', ['hook-failed'], 'patch', [object('ConfigMap')], ['refused']],
])('a hook that %s', (_, kind, deletePolicy, way, live, ends) => {
  const hook = { events: ['pre-upgrade'], weight: 0, deletePolicy }
  const hooks = comingHooks([{ object: object(kind), template: 't', hook }], 'upgrade')
  const found = leftHooks(hooks, new Map(live.map((one) => [keyOf(one), one])), way)
  expect(found.map(({ end }) => end)).toEqual(ends)
})
