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
