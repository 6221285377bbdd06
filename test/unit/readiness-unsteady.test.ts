import { expect, test } from '@jest/globals'
import { APP, event, pod, replicaSet, set } from './readiness-objects.ts'
import { installed, rollingOut, type Deploy } from './readiness-scene.ts'

const unhealthy = event(pod(), 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503')

/** Not ready, ready, not ready, and then so. */
const flapping = (ready: boolean): Deploy =>
  installed([APP], set(rollingOut, replicaSet(), pod({ ready: false })))
    .see(set(pod({ ready: true })), 1_000)
    .see(set(pod({ ready: false }), unhealthy), 2_000)
    .see(set(pod({ ready })), 3_000)

test.each([
  ['in a moment of readiness', true],
  ['in a moment without', false],
])('readiness that comes and goes is told, also %s', (_, ready) => {
  const deploy = flapping(ready)
  expect(deploy.says(APP)).toBe('progressing its readiness comes and goes')
  expect(deploy.judge.timedOut({ name: 'app', targets: [APP], timeoutMs: 10_000 }, 10_000)).toMatchObject({
    code: 'E_PROBE_FAILING',
    message:
      'app runs, but does not stay ready: its readiness probe fails again and again: HTTP probe failed with statuscode: 503 (stage app waited 10s)',
    chain: ['Deployment/app', 'ReplicaSet/app-r1', 'Pod/app-r1-x', 'app'],
  })
})

test('a pod that takes some attempts to become ready is not unsteady', () => {
  const deploy = installed([APP], set(rollingOut, replicaSet(), pod({ ready: false }), unhealthy)).see(
    set(pod()),
    1_000,
  )
  expect(deploy.says(APP)).toBe('progressing 0/1 available')
})
