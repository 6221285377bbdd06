import { expect, test } from '@jest/globals'
import { keyOf, type KubeObject } from '../../src/domain/kube.ts'
import { stillThere } from '../../src/domain/leaving.ts'

const role = (name: string, uid?: string, manager?: string): KubeObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: {
    name,
    ...(uid === undefined ? {} : { uid }),
    ...(manager === undefined ? {} : { managedFields: [{ manager, operation: 'Apply' }] }),
  },
})

test('what its controller has made again is not what was to go', () => {
  const before = new Map([role('stays', '1'), role('all', '2'), role('other', '3')].map((one) => [keyOf(one), one]))
  const now = [role('stays', '1'), role('all', '9', 'aggregation-controller'), role('other', '8'), role('unseen', '4')]
  const { left, again } = stillThere(now, before)
  expect(left.map(({ metadata }) => metadata.name)).toEqual(['stays', 'unseen'])
  expect(again.map(({ object, by }) => [object.metadata.name, by])).toEqual([
    ['all', 'aggregation-controller'],
    ['other', undefined],
  ])
})
