import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { APP, claim, crashed, event, pod, replicaSet, set, unschedulable, waiting } from './readiness-objects.ts'
import { CHAIN, failure, installed, notReady, rollingOut, starting, withPod, type Deploy } from './readiness-scene.ts'
import { kubectl } from '../../src/hint.ts'

describe('containers that cannot be set up', () => {
  test.each([
    [
      'CreateContainerConfigError',
      'secret "app-secrets" not found',
      'E_CONTAINER_CONFIG',
      'app cannot start: Secret/app-secrets does not exist',
    ],
    [
      'CreateContainerConfigError',
      'configmap "app-env" not found',
      'E_CONTAINER_CONFIG',
      'app cannot start: ConfigMap/app-env does not exist',
    ],
    [
      'CreateContainerConfigError',
      "couldn't find key LOG in ConfigMap prod/app-env",
      'E_CONTAINER_CONFIG',
      'app cannot start: ConfigMap/app-env has no key LOG',
    ],
    [
      'CreateContainerConfigError',
      'container has runAsNonRoot and image will run as root (pod: "x")',
      'E_CONTAINER_CONFIG',
      'app cannot start: its image runs as root, and runAsNonRoot forbids that',
    ],
    [
      'RunContainerError',
      'runc create failed: exec: "serve": executable file not found in $PATH: unknown',
      'E_CONTAINER_START',
      'app cannot start: its program serve cannot be run (executable file not found)',
    ],
    [
      'CreateContainerError',
      'Error: no command specified',
      'E_CONTAINER_START',
      'app cannot start: Error: no command specified',
    ],
  ])('%s: %s', (reason, text, code, message) =>
    expect(failure(withPod(pod({ ...notReady, containers: [waiting(reason, text)] })))).toMatchObject({
      code,
      message,
    }),
  )

  test.each([
    ['CreateContainerConfigError', 'failed to sync secret cache: timed out waiting for the condition'],
    ['CreateContainerError', 'context deadline exceeded'],
  ])('%s: %s may heal, for ten seconds', (reason, text) => {
    const deploy = withPod(pod({ ...notReady, containers: [waiting(reason, text)] }))
    expect(deploy.says(APP, 9_999)).toMatch(/^progressing/u)
    expect(deploy.says(APP, 10_000)).toMatch(/^failed/u)
  })

  // For a missing key, which keys are there; for a missing object, which objects.
  test.each([
    ['secret "app-secrets" not found', 'get secrets'],
    ['configmap "app-env" not found', 'get configmaps'],
    ["couldn't find key oidc in Secret prod/app-secrets", 'describe secret app-secrets'],
    ["couldn't find key LOG in ConfigMap prod/app-env", 'describe configmap app-env'],
  ])('%s: the hint is %s', (message, hint) => {
    const broken = pod({ ...notReady, containers: [waiting('CreateContainerConfigError', message)] })
    expect(failure(withPod(broken)).hint).toEqual(kubectl(hint.split(' '), 'prod'))
  })

  test('a key that a volume lacks is named with the object, which only the pod names', () => {
    const volumes = [{ name: 'config', configMap: { name: 'app-env' } }]
    const broken = pod({ ...notReady, containers: [waiting('ContainerCreating')], volumes })
    const said = event(
      broken,
      'FailedMount',
      'MountVolume.SetUp failed for volume "config" : references non-existent config key: app.yaml',
    )
    expect(failure(withPod(broken, said))).toMatchObject({
      code: 'E_CONTAINER_CONFIG',
      message: 'app cannot start: ConfigMap/app-env has no key app.yaml',
      missing: { kind: 'ConfigMap', name: 'app-env' },
      hint: kubectl(['describe', 'configmap', 'app-env'], 'prod'),
    })
  })

  test('a Secret that a controller makes has a minute', () => {
    const broken = pod({
      ...notReady,
      containers: [waiting('CreateContainerConfigError', 'secret "app-tls" not found')],
    })
    const deploy = installed([APP], set(rollingOut, replicaSet(), broken), { ownObjects: new Set(['prod/Secret/app']) })
    expect(deploy.says(APP, 59_000)).toBe('progressing Secret/app-tls does not exist')
    expect(deploy.says(APP, 60_000)).toBe('failed E_CONTAINER_CONFIG')
  })

  test('the program is missing: the runtime ended it before it began', () => {
    const broken = pod({
      ready: false,
      containers: [
        crashed(1, { exitCode: 128, reason: 'StartError', message: 'exec: "/app": no such file or directory' }),
      ],
    })
    expect(failure(withPod(broken)).message).toBe(
      'app cannot start: its program /app cannot be run (no such file or directory)',
    )
  })
})

describe('scheduling', () => {
  const unplaced = (message: string): KubeObject =>
    pod({ ...notReady, node: null, containers: [], conditions: [unschedulable(message)] })

  test.each([
    ['0/3 nodes are available: 3 Insufficient cpu. preemption: …', 'no node has enough free cpu'],
    ['0/3 nodes are available: 3 node(s) had untolerated taint {gpu: true}.', 'it does not tolerate the taint gpu'],
    [
      "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.",
      'no node matches its node selector or affinity',
    ],
    ['0/3 nodes are available: 3 Too many pods.', 'every node runs as many pods as it may'],
    ['no nodes available to schedule pods', 'the cluster has no node'],
  ])('%s', (message, why) => {
    const deploy = withPod(unplaced(message))
    expect(deploy.says(APP)).toBe(`progressing no node takes its pod: ${why}`)
    expect(deploy.judge.nextDeadline(0)).toBe(10_000)
    expect(failure(deploy, 10_000)).toMatchObject({
      code: 'E_UNSCHEDULABLE',
      message: `app fits on no node: ${why}`,
      chain: CHAIN,
    })
  })

  test('an autoscaler that adds a node is waited for', () => {
    const broken = unplaced('0/3 nodes are available: 3 Insufficient cpu.')
    const deploy = withPod(broken, event(broken, 'TriggeredScaleUp', 'pod triggered scale-up', { type: 'Normal' }))
    expect(deploy.says(APP, 500_000)).toMatch(/^progressing/u)
    expect(deploy.judge.nextDeadline(500_000)).toBeUndefined()
  })

  test('pods that end make room: the grace begins when they are gone', () => {
    const leaving = pod({
      name: 'other',
      owner: ['ReplicaSet', 'other-r1'],
      metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
    })
    const deploy = withPod(unplaced('0/3 nodes are available: 3 Insufficient memory.'), leaving)
    expect(deploy.says(APP, 11_000)).toMatch(/^progressing/u)
    deploy.see([{ type: 'gone', object: leaving }], 30_000)
    expect(deploy.judge.dirty(30_000)).toEqual([APP])
    expect(deploy.says(APP, 39_999)).toMatch(/^progressing/u)
    expect(deploy.says(APP, 40_000)).toBe('failed E_UNSCHEDULABLE')
  })

  test('pods end somewhere all the time: not for ever', () => {
    const leaving = pod({ name: 'other', metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })
    expect(withPod(unplaced('3 Insufficient memory.'), leaving).says(APP, 60_000)).toBe('failed E_UNSCHEDULABLE')
  })
})

describe('volumes', () => {
  const mountFails = (reason: string, message: string): Deploy => withPod(starting, event(starting, reason, message))
  const claiming = pod({
    ...notReady,
    node: null,
    containers: [],
    volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }],
    conditions: [unschedulable('pod has unbound immediate PersistentVolumeClaims')],
  })

  test.each([
    [
      'FailedMount',
      'MountVolume.SetUp failed for volume "env" : configmap "app-env" not found',
      'E_CONTAINER_CONFIG',
      'app cannot start: ConfigMap/app-env does not exist',
    ],
    [
      'FailedMount',
      'MountVolume.SetUp failed for volume "tls" : references non-existent secret key: tls.crt',
      'E_CONTAINER_CONFIG',
      'app cannot start: a Secret has no key tls.crt',
    ],
    [
      'FailedMount',
      'MountVolume.SetUp failed for volume "h" : hostPath type check failed: /x is not a directory',
      'E_VOLUME',
      'app cannot start: volume h cannot be mounted: hostPath type check failed: /x is not a directory',
    ],
  ])('%s: %s fails at once', (reason, text, code, message) =>
    expect(failure(mountFails(reason, text))).toMatchObject({ code, message }),
  )

  test.each([
    [
      'FailedAttachVolume',
      'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) old',
      'volume pvc-1 cannot be attached',
    ],
    [
      'FailedMount',
      'MountVolume.SetUp failed for volume "c" : failed to sync configmap cache: timed out',
      'volume c cannot be mounted',
    ],
  ])('%s: %s may heal', (reason, text, brief) => {
    const deploy = mountFails(reason, text)
    expect(deploy.says(APP, 59_999)).toBe(`progressing ${brief}`)
    expect(deploy.says(APP, 60_000)).toBe('failed E_VOLUME')
  })

  test('a claim whose storage class does not exist', () => {
    const data = claim('Pending')
    const deploy = withPod(
      claiming,
      data,
      event(data, 'ProvisioningFailed', 'storageclass.storage.k8s.io "fast" not found'),
    )
    expect(failure(deploy)).toMatchObject({
      code: 'E_VOLUME',
      message: 'app cannot start: claim data is Pending: StorageClass fast does not exist',
      chain: [...CHAIN, 'PersistentVolumeClaim/data', 'StorageClass/fast'],
      hint: kubectl(['describe', 'persistentvolumeclaim', 'data'], 'prod'),
    })
  })

  test("a provisioner's own words, without what carried them", () => {
    const data = claim('Pending')
    const text =
      'failed to provision volume with StorageClass "standard": rpc error: code = ResourceExhausted desc = no space is left'
    const deploy = withPod(claiming, data, event(data, 'ProvisioningFailed', text))
    expect(failure(deploy, 60_000).message).toBe('app cannot start: claim data is Pending: no space is left')
  })

  test('a claim that is being provisioned, and then bound', () => {
    const deploy = withPod(claiming, claim('Pending'))
    expect(deploy.says(APP)).toBe('progressing claim data is Pending')
    deploy.see(set(claim('Bound')), 1_000)
    expect(deploy.judge.dirty(1_000)).toEqual([APP])
    expect(deploy.says(APP)).toBe('progressing 0/1 available')
  })

  test('a claim that does not exist', () => {
    const broken = pod({
      ...notReady,
      node: null,
      containers: [],
      volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'nope' } }],
      conditions: [unschedulable('persistentvolumeclaim "nope" not found')],
    })
    expect(failure(withPod(broken), 10_000).message).toBe('app cannot start: claim nope does not exist')
  })
})
