import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { APP, crashed, deployment, event, pod, replicaSet, set, waiting } from './readiness-objects.ts'
import { CHAIN, failure, installed, notReady, starting, withPod } from './readiness-scene.ts'
import { kubectl } from '../../src/hint.ts'

describe('images', () => {
  const pulling = (reason: string, message: string, image = 'ghcr.io/acme/app:1'): KubeObject =>
    pod({ ...notReady, image, containers: [waiting(reason, message)] })

  test.each([
    ['no such tag', 'ErrImagePull', 'failed to pull: ghcr.io/acme/app:1: not found', 'it does not exist'],
    [
      'no such repository',
      'ErrImagePull',
      'pull access denied, repository does not exist or may require authorization',
      'it does not exist',
    ],
    [
      'private',
      'ErrImagePull',
      'failed to authorize: unexpected status: 401 Unauthorized',
      'the registry refuses access',
    ],
    ['bad name', 'InvalidImageName', "couldn't parse image name", 'its name is not valid'],
    ['other platform', 'ErrImagePull', 'no match for platform in manifest', "it was not built for the node's platform"],
    [
      'pull policy',
      'ErrImageNeverPull',
      'Container image is not present with pull policy of Never',
      'the pull policy is Never and no node has it',
    ],
    [
      'unknown CA',
      'ErrImagePull',
      'tls: failed to verify certificate: x509: certificate signed by unknown authority',
      "the registry's certificate is not trusted",
    ],
  ])('%s fails at once', (_, reason, message, why) => {
    expect(failure(withPod(pulling(reason, message)))).toMatchObject({
      code: 'E_IMAGE_PULL',
      message: `app cannot pull image ghcr.io/acme/app:1: ${why}`,
      chain: [...CHAIN, 'app'],
      image: 'ghcr.io/acme/app:1',
      pods: ['app-r1-x'],
      hint:
        why === 'the registry refuses access'
          ? kubectl(
              [
                'get',
                'pod',
                'app-r1-x',
                '--output',
                'custom-columns=POD:.metadata.name,PULL-SECRETS:.spec.imagePullSecrets[*].name',
              ],
              'prod',
            )
          : kubectl(['describe', 'pod', 'app-r1-x'], 'prod'),
      healing: false,
    })
  })

  test.each([
    ['timeout', 'dial tcp 1.2.3.4:443: i/o timeout'],
    ['refused', 'dial tcp 1.2.3.4:443: connect: connection refused'],
    ['name server', 'dial tcp: lookup ghcr.io: no such host'],
    ['rate limit', 'toomanyrequests: You have reached your pull rate limit'],
    ['registry down', 'unexpected status from HEAD request: 503 Service Unavailable'],
  ])('%s has a minute to heal', (_, message) => {
    const deploy = withPod(pulling('ErrImagePull', message))
    expect(deploy.says(APP)).toBe('progressing image ghcr.io/acme/app:1 cannot be pulled')
    expect(deploy.judge.nextDeadline(0)).toBe(60_000)
    deploy.see(
      set(
        pulling('ImagePullBackOff', 'Back-off pulling image'),
        event(starting, 'Failed', `Failed to pull image: ${message}`),
      ),
      5_000,
    )
    expect(deploy.says(APP, 59_999)).toMatch(/^progressing/u)
    expect(failure(deploy, 60_000).message).toBe(
      'app cannot pull image ghcr.io/acme/app:1: the registry cannot be reached',
    )
  })

  test('an error that forge does not know counts when kubelet meets it twice', () => {
    const deploy = withPod(pulling('ErrImagePull', 'rpc error: code = Unknown desc = strange'))
    expect(deploy.says(APP)).toMatch(/^progressing/u)
    deploy.see(set(pulling('ImagePullBackOff', 'Back-off pulling image')), 1_000)
    expect(failure(deploy).code).toBe('E_IMAGE_PULL')
  })

  test('the reason may stand in an Event only', () => {
    const broken = pulling('ImagePullBackOff', 'Back-off pulling image "ghcr.io/acme/app:1"')
    const said = event(broken, 'Failed', 'Failed to pull image "ghcr.io/acme/app:1": manifest unknown')
    expect(failure(withPod(broken, said)).message).toContain('it does not exist')
  })

  test('a tag that looks like a status is a name', () => {
    expect(failure(withPod(pulling('ErrImagePull', '"acme/app:503": not found', 'acme/app:503'))).message).toBe(
      'app cannot pull image acme/app:503: it does not exist',
    )
  })

  test('a registry under .invalid never exists', () => {
    const broken = pulling('ErrImagePull', 'dial tcp: lookup registry.invalid: no such host', 'registry.invalid/app:1')
    expect(failure(withPod(broken)).message).toBe(
      'app cannot pull image registry.invalid/app:1: no registry has that name',
    )
  })
})

describe('crashes', () => {
  test.each([
    [1, {}, 'progressing 1 crash, 2 allowed'],
    [2, {}, 'progressing 2 crashes, 2 allowed'],
    [3, {}, 'failed E_CRASH_LOOP'],
    [1, { reason: 'OOMKilled', exitCode: 137 }, 'progressing 1 kill for memory, 1 allowed'],
    [2, { reason: 'OOMKilled', exitCode: 137 }, 'failed E_OOM_KILLED'],
  ])('%d times %p: %s', (count, how, says) =>
    expect(withPod(pod({ ready: false, containers: [crashed(count, how)] })).says(APP)).toBe(says),
  )

  test.each([
    [{}, 'app cannot start: it exits with status 1 at once, 3 times'],
    [{ exitCode: 0, reason: 'Completed' }, 'app cannot start: it exits with status 0 at once, 3 times'],
    [{ seconds: 8 }, 'app cannot start: it exits with status 1 after 8 s, 3 times'],
    [{ seconds: 45, exitCode: 139 }, 'app keeps crashing: it is ended by signal 11 after 45 s, 3 times'],
  ])('%p', (how, message) => {
    const verdict = failure(withPod(pod({ ready: false, containers: [crashed(3, how)] })))
    expect(verdict).toMatchObject({
      message,
      chain: [...CHAIN, 'app'],
      pod: { name: 'app-r1-x', container: 'app', previous: true },
    })
    expect(verdict.hint).toEqual(kubectl(['logs', 'app-r1-x', '--container', 'app', '--previous'], 'prod'))
  })

  test('a container that is down now has ended once more than it was restarted', () => {
    const terminated = { exitCode: 2, startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:01Z' }
    const down = { name: 'app', ready: false, restartCount: 2, state: { terminated } }
    expect(failure(withPod(pod({ ready: false, containers: [down] }))).pod?.previous).toBe(false)
  })

  test('one that recovered and serves is no failure', () => {
    const recovered = {
      name: 'app',
      ready: true,
      restartCount: 5,
      state: { running: {} },
      lastState: { terminated: { exitCode: 1 } },
    }
    expect(installed([APP], set(deployment(), replicaSet(), pod({ containers: [recovered] }))).says(APP)).toBe(
      'ready 1/1',
    )
  })

  test('memory: the limit is named', () => {
    const broken = pod({
      ready: false,
      limits: { memory: '256Mi' },
      containers: [crashed(2, { reason: 'OOMKilled', exitCode: 137 })],
    })
    expect(failure(withPod(broken)).message).toBe('app runs out of memory: it is killed at its limit of 256Mi, 2 times')
  })

  test('an init container', () => {
    const broken = pod({
      ...notReady,
      init: [crashed(3, { name: 'migrate' })],
      containers: [waiting('PodInitializing')],
    })
    expect(failure(withPod(broken))).toMatchObject({
      code: 'E_INIT_FAILED',
      message: 'app cannot start: its init container migrate exits with status 1 at once, 3 times',
      pod: { container: 'migrate' },
    })
  })

  test('an init container that is done is no crash', () => {
    const done = { name: 'migrate', restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } }
    expect(withPod(pod({ ready: false, init: [done] })).says(APP)).toBe(
      'progressing its readiness probe has not succeeded yet',
    )
  })

  test('a liveness probe that kills it is the cause', () => {
    const broken = pod({ ready: false, containers: [crashed(3, { exitCode: 137 })] })
    const said = event(broken, 'Unhealthy', 'Liveness probe failed: HTTP probe failed with statuscode: 500')
    expect(failure(withPod(broken, said))).toMatchObject({
      code: 'E_PROBE_FAILING',
      message: 'app is killed by its liveness probe, 3 times: HTTP probe failed with statuscode: 500',
    })
  })

  test('a probe that kills it is the cause also where it ends tidily', () => {
    const broken = pod({ ready: false, containers: [crashed(3, { exitCode: 0 })] })
    const said = event(broken, 'Unhealthy', 'Startup probe failed: not yet')
    const killed = event(broken, 'Killing', 'Container app failed startup probe, will be restarted')
    expect(failure(withPod(broken, said, killed))).toMatchObject({ code: 'E_PROBE_FAILING' })
  })

  test('a probe that finds nobody, because the program has ended, is none', () => {
    const broken = pod({ ready: false, containers: [crashed(3)] })
    const said = event(broken, 'Unhealthy', 'Startup probe failed: dial tcp 10.0.0.9:8000: connect: connection refused')
    expect(failure(withPod(broken, said))).toMatchObject({
      code: 'E_CRASH_LOOP',
      message: 'app cannot start: it exits with status 1 at once, 3 times',
    })
  })
})

test('evictions have a budget of their own', () => {
  const evicted = (name: string): KubeObject =>
    pod({
      name,
      ready: false,
      phase: 'Failed',
      status: { reason: 'Evicted', message: 'The node was low on resource: ephemeral-storage.' },
    })
  const deploy = withPod(evicted('a'), evicted('b'))
  expect(deploy.says(APP)).toMatch(/^progressing/u)
  expect(failure(deploy.see(set(evicted('c'))))).toMatchObject({
    code: 'E_EVICTED',
    message: 'app cannot stay on its nodes: 3 pods were evicted: The node was low on resource: ephemeral-storage',
  })
})

test('of several failing pods one is told, and the cause before its consequences', () => {
  const crashing = pod({ name: 'app-r1-a', ready: false, containers: [crashed(3)] })
  const unpulled = pod({ name: 'app-r1-b', ...notReady, containers: [waiting('ErrImagePull', 'manifest unknown')] })
  expect(failure(withPod(crashing, unpulled)).code).toBe('E_IMAGE_PULL')
})
