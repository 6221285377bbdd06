import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { failingAmong, thatFails } from '../../src/domain/rehearsal/failing.ts'
import { outlookOn, type Doing } from '../../src/domain/rehearsal/outlook.ts'

type Fields = Readonly<Record<string, unknown>>

const API: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'api', namespace: 'shop' },
  spec: { template: { metadata: { labels: { app: 'api' } }, spec: { volumes: [{ secret: { secretName: 'keys' } }] } } },
}
const KEY = 'apps/Deployment/shop/api'

const pod = (main: Fields, more: Fields = {}, spec: Fields = {}, ready = 'False'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'api-5d8f-x',
    namespace: 'shop',
    labels: { 'pod-template-hash': '5d8f' },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'api-5d8f', uid: 'u', controller: true }],
  },
  spec: { containers: [{ name: 'main', ...spec }] },
  status: {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: ready }],
    containerStatuses: [{ name: 'main', ready: false, ...main }],
    ...more,
  },
})
const waiting = (reason: string): Fields => ({ state: { waiting: { reason } } })
const ended = (exitCode: number, reason = 'Error'): Fields => ({ terminated: { exitCode, reason } })
const back = (exitCode: number, reason?: string): Fields => ({
  ...waiting('CrashLoopBackOff'),
  restartCount: 2,
  lastState: ended(exitCode, reason),
})
const NOW = Date.parse('2026-11-01T12:00:00Z')
const at = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString()
/** Crashed after it had run so long, and runs again for so long. */
const again = (ran: number, runs: number, restartCount: number): Fields => ({
  restartCount,
  state: { running: { startedAt: at(-runs) } },
  lastState: { terminated: { exitCode: 1, startedAt: at(-runs - 10 - ran), finishedAt: at(-runs - 10) } },
})
const up = (seconds: number): Fields => ({ state: { running: { startedAt: at(-seconds) } } })
const probe = { readinessProbe: { httpGet: { path: '/' } } }

describe('a pod that is not ready', () => {
  test.each<[string, KubeObject, string | undefined]>([
    ['crashes', pod(back(1)), 'crash-loop:main'],
    ['has crashed a moment ago', pod({ restartCount: 2, state: ended(1) }), 'crash-loop:main'],
    ['has crashed once', pod({ ...back(1), restartCount: 1 }), undefined],
    ['has no memory', pod(back(137, 'OOMKilled')), 'oom:main'],
    ['has no such program', pod(back(128, 'StartError')), 'start:main'],
    ['has no image', pod(waiting('ImagePullBackOff')), 'image-pull:main'],
    ['answers no probe', pod(up(600), {}, probe), 'never-ready:main'],
    ['has only begun', pod(up(60), {}, probe), undefined],
    ['has no probe to answer', pod(up(600)), undefined],
    ['runs between two crashes', pod(again(30, 20, 4)), 'crash-loop:main'],
    ['runs after a crash, the first', pod(again(30, 20, 1)), undefined],
    ['runs longer than it did before', pod(again(30, 90, 4)), undefined],
    ['runs again after a day', pod(again(86_400, 20, 4)), undefined],
    ['lacks a Secret, as it will here', pod(waiting('CreateContainerConfigError')), undefined],
    ['is being created', pod(waiting('ContainerCreating')), undefined],
    [
      'does not get beyond its init container',
      pod(waiting('PodInitializing'), { initContainerStatuses: [{ name: 'db', ...back(1) }] }),
      'crash-loop:db',
    ],
    ['has ended', pod(back(1), { phase: 'Failed' }), undefined],
    ['is, for a moment between two crashes', pod(again(30, 20, 4), {}, {}, 'True'), 'crash-loop:main'],
  ])('%s', (_what, one, way) => {
    expect([...failingAmong([API], [one], NOW)]).toEqual(way === undefined ? [] : [[KEY, way]])
  })
  test('of somebody else is none of ours', () => {
    const other = { ...API, metadata: { ...API.metadata, namespace: 'edge' } }
    expect(failingAmong([other], [pod(back(1))], NOW).size).toBe(0)
  })
})

test('it fails so in a sandbox, as long as nothing tonight may mend it', () => {
  const doing: Doing = { plans: [], secrets: [], pods: [pod(back(1))], now: NOW, isIdle: () => false }
  const { failing, open, objects } = outlookOn([API], doing)
  expect({ failing: [...failing], open, objects }).toEqual({
    failing: [[KEY, 'crash-loop:main']],
    open: [],
    objects: [API],
  })
  const mended = outlookOn([API], { ...doing, secrets: [{ name: 'keys', action: 'update' }] })
  expect({ failing: [...mended.failing], open: mended.open, objects: mended.objects }).toEqual({
    failing: [],
    open: [API],
    objects: [API],
  })
  expect(thatFails(API, 'oom:main')['spec']).toMatchObject({
    template: { metadata: { labels: { app: 'api' }, annotations: { 'sandbox.forge.api-forge.io/fail': 'oom:main' } } },
  })
})
