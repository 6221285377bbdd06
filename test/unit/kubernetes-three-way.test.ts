import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { isAmbiguousPorts, threeWayPatch } from '../../src/domain/prediction/three-way.ts'

type Fields = Record<string, unknown>

const deployment = (spec: Fields): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app' },
  spec,
})
const withContainer = (container: Fields, more: Fields = {}): KubeObject =>
  deployment({ template: { spec: { containers: [{ name: 'app', ...container }], ...more } } })

const podSpecOf = (patch: Fields): Fields => (patch['spec'] as { template: { spec: Fields } }).template.spec
const containersOf = (patch: Fields): Fields[] => podSpecOf(patch)['containers'] as Fields[]

const patchOf = (desired: KubeObject, previous: KubeObject | undefined, live = desired): Fields =>
  threeWayPatch(desired, previous, live).body

describe("helm 3's patch of built-in kinds", () => {
  test('what the chart no longer has is deleted, what others added stays', () => {
    const patch = patchOf(
      deployment({ replicas: 2 }),
      deployment({ replicas: 1, paused: true }),
      deployment({ replicas: 5, paused: true, minReadySeconds: 3 }),
    )
    expect(patch['spec']).toEqual({ replicas: 2, paused: null })
  })

  test.each<[string, string, Fields[], Fields[], Fields]>([
    [
      'env by name',
      'env',
      [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
      [{ name: 'A', value: '1' }],
      { $patch: 'delete', name: 'B' },
    ],
    [
      'ports by containerPort',
      'ports',
      [{ containerPort: 80 }, { containerPort: 81 }],
      [{ containerPort: 80 }],
      { $patch: 'delete', containerPort: 81 },
    ],
    [
      'mounts by mountPath',
      'volumeMounts',
      [
        { mountPath: '/a', name: 'x' },
        { mountPath: '/b', name: 'x' },
      ],
      [{ mountPath: '/a', name: 'x' }],
      { $patch: 'delete', mountPath: '/b' },
    ],
  ])('%s', (_, field, before, after, deletion) => {
    const patch = patchOf(withContainer({ [field]: after }), withContainer({ [field]: before }))
    expect(containersOf(patch)[0]?.[field]).toEqual([...after, deletion])
  })

  test('a container that is gone', () => {
    const previous = deployment({ template: { spec: { containers: [{ name: 'app' }, { name: 'side' }] } } })
    expect(containersOf(patchOf(withContainer({}), previous))).toEqual([
      { name: 'app' },
      { $patch: 'delete', name: 'side' },
    ])
  })

  test('lists without a key are replaced as a whole', () => {
    const patch = patchOf(withContainer({ args: ['b'] }), withContainer({ args: ['a', 'b'] }))
    expect(containersOf(patch)[0]?.['args']).toEqual(['b'])
  })

  test("a Service's ports have another key than a container's", () => {
    const service = (ports: Fields[]): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'app' },
      spec: { ports },
    })
    expect(patchOf(service([{ port: 80 }]), service([{ port: 80 }, { port: 81 }]))['spec']).toEqual({
      ports: [{ port: 80 }, { $patch: 'delete', port: 81 }],
    })
  })

  test('a strategy that changes drops the keys of the other', () => {
    const live = deployment({ strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } })
    expect(patchOf(deployment({ strategy: { type: 'Recreate' } }), deployment({}), live)['spec']).toEqual({
      strategy: { type: 'Recreate', $retainKeys: ['type'] },
    })
    expect(patchOf(deployment({ strategy: { type: 'RollingUpdate' } }), deployment({}), live)['spec']).toEqual({
      strategy: { type: 'RollingUpdate' },
    })
  })

  test('a volume that gets another source', () => {
    const volume = (source: Fields): KubeObject => withContainer({}, { volumes: [{ name: 'v', ...source }] })
    const patch = patchOf(
      volume({ secret: { secretName: 's' } }),
      volume({ configMap: { name: 'c' } }),
      volume({ configMap: { name: 'c', defaultMode: 420 } }),
    )
    expect(podSpecOf(patch)['volumes']).toEqual([
      { name: 'v', secret: { secretName: 's' }, configMap: null, $retainKeys: ['name', 'secret'] },
    ])
  })

  test('a list of ports with one number in two protocols is left alone: a patch would mix them up', () => {
    const ports = (...protocols: string[]): Fields[] => protocols.map((protocol) => ({ containerPort: 53, protocol }))
    const patch = patchOf(
      withContainer({ image: 'a:2', ports: ports('TCP', 'UDP') }),
      withContainer({ image: 'a:1', ports: ports('UDP', 'TCP') }),
    )
    expect(containersOf(patch)).toEqual([{ name: 'app', image: 'a:2' }])
    expect([ports('TCP', 'UDP'), ports('TCP'), undefined, 'x'].map(isAmbiguousPorts)).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  test('adopting an object deletes nothing', () =>
    expect(JSON.stringify(patchOf(withContainer({}), undefined))).not.toMatch(/null|delete/u))
})

describe('of other kinds', () => {
  test.each([
    ['a custom resource', 'postgresql.cnpg.io/v1'],
    ['a CRD in a Kubernetes group', 'gateway.networking.k8s.io/v1'],
    ['a CRD itself', 'apiextensions.k8s.io/v1'],
  ])('%s gets a JSON merge patch: lists are replaced', (_, apiVersion) => {
    const resource = (spec: Fields): KubeObject => ({ apiVersion, kind: 'X', metadata: { name: 'x' }, spec })
    const { contentType, body } = threeWayPatch(
      resource({ env: [{ name: 'A' }] }),
      resource({ env: [{ name: 'A' }, { name: 'B' }], size: 1 }),
      resource({}),
    )
    expect(contentType).toBe('application/merge-patch+json')
    expect(body['spec']).toEqual({ env: [{ name: 'A' }], size: null })
  })

  test('what is the same in both manifests is not sent, so what somebody made of it stays', () => {
    const resource = (spec: Fields): KubeObject => ({
      apiVersion: 'x.example.test/v1',
      kind: 'X',
      metadata: { name: 'x' },
      spec,
    })
    const desired = resource({ a: 1, nested: { b: 2, c: [1] } })
    expect(patchOf(desired, resource({ a: 1, nested: { b: 1, c: [1] } }), resource({ a: 'by hand' }))).toEqual({
      spec: { nested: { b: 2 } },
    })
    expect(patchOf(desired, desired, resource({}))).toEqual({})
  })

  test.each(['v1', 'apps/v1', 'batch/v1', 'networking.k8s.io/v1', 'rbac.authorization.k8s.io/v1', 'policy/v1'])(
    '%s is built in',
    (apiVersion) => {
      expect(
        threeWayPatch({ apiVersion, kind: 'X', metadata: { name: 'x' } }, undefined, {
          apiVersion,
          kind: 'X',
          metadata: { name: 'x' },
        }).contentType,
      ).toBe('application/strategic-merge-patch+json')
    },
  )
})
