import { expect, test } from '@jest/globals'
import { watchedKinds } from '../../src/domain/readiness/kinds.ts'
import { APP, CUSTOM } from './readiness-objects.ts'

const names = (targets: Parameters<typeof watchedKinds>[0]): string[] => watchedKinds(targets).map(({ kind }) => kind)

test('each kind is watched once, a DaemonSet needs its revisions, Events come without noise', () => {
  const always = [
    'Deployment',
    'StatefulSet',
    'DaemonSet',
    'ReplicaSet',
    'Job',
    'Pod',
    'PersistentVolumeClaim',
    'Service',
    'Event',
  ]
  expect(names([APP])).toEqual(always)
  expect(names([APP, CUSTOM, CUSTOM])).toEqual([...always, 'Cluster'])
  expect(names([{ ...APP, kind: 'DaemonSet' }])).toEqual([...always, 'ControllerRevision'])
  expect(watchedKinds([APP]).find(({ kind }) => kind === 'Event')).toMatchObject({
    optional: true,
    fieldSelector: expect.stringContaining('reason!=Scheduled,'),
  })
})

test('a namespace that a target is in is watched beside the home, and no other', () => {
  const here = { ...APP, namespace: 'shop' }
  const away = { ...CUSTOM, namespace: 'edge' }
  expect(watchedKinds([here], 'shop')).toEqual(watchedKinds([APP]))
  const kinds = watchedKinds([here, away], 'shop')
  expect(kinds.filter(({ namespace }) => namespace === undefined)).toEqual(watchedKinds([APP]))
  expect(kinds.filter(({ namespace }) => namespace !== undefined)).toEqual(
    watchedKinds([CUSTOM]).map((kind) => ({ ...kind, namespace: 'edge' })),
  )
})
