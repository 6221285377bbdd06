import { expect, test } from '@jest/globals'
import { keyOf, type KubeObject } from '../../src/domain/kube.ts'
import { countsBeside, valuesBefore } from '../../src/domain/recovery/as-before.ts'
import { requireNoLoss } from '../../src/flows/restore/no-loss.ts'
import { FakeApi } from '../support/fake-api.ts'

const object = (kind: string, name: string, spec: Record<string, unknown>): KubeObject => ({
  apiVersion: kind === 'PersistentVolumeClaim' ? 'v1' : 'apps/v1',
  kind,
  metadata: { name, namespace: 'shop' },
  spec,
})
const rendered = (...objects: KubeObject[]) => objects.map((one) => ({ object: one, template: '' }))
const live = (...objects: KubeObject[]) => new Map(objects.map((one) => [keyOf(one), one]))
const deployment = (name: string, replicas?: number): KubeObject =>
  object('Deployment', name, replicas === undefined ? {} : { replicas })
const claim = (size: string): KubeObject =>
  object('PersistentVolumeClaim', 'data', { resources: { requests: { storage: size } } })

test('counts are kept where the manifest states another one', () => {
  const manifest = rendered(deployment('scaled', 2), deployment('same', 2), deployment('free'), deployment('gone', 2))
  const now = live(deployment('scaled', 5), deployment('same', 2), deployment('free', 7))
  expect(countsBeside(manifest, now)).toEqual({ [keyOf(deployment('scaled'))]: 5 })
})

test('a count of zero counts', () => {
  expect(countsBeside(rendered(deployment('off', 2)), live(deployment('off', 0)))).toEqual({
    [keyOf(deployment('off'))]: 0,
  })
})

test.each<[string, string, Record<string, unknown>]>([
  ['10Gi', '20Gi', { [keyOf(claim('1Gi'))]: [{ path: 'spec.resources.requests.storage', value: '20Gi' }] }],
  ['10Gi', '10240Mi', {}],
  ['20Gi', '10Gi', {}],
])('a claim of %s that is %s now', (stated, is, expected) => {
  expect(valuesBefore(rendered(claim(stated)), live(claim(is)), {})).toEqual(expected)
})

test('counts go to their objects, whatever those are now', () => {
  const key = keyOf(deployment('web'))
  const kept = valuesBefore(rendered(deployment('web', 2), deployment('worker', 1)), live(), { [key]: 5 })
  expect(kept).toEqual({ [key]: [{ path: 'spec.replicas', value: 5 }] })
})

const set = (replicas: number, policy: object): KubeObject =>
  object('StatefulSet', 'db', {
    replicas,
    persistentVolumeClaimRetentionPolicy: policy,
    volumeClaimTemplates: [{ metadata: { name: 'data' } }],
  })
const RETAIN = { path: 'spec.persistentVolumeClaimRetentionPolicy.whenScaled', value: 'Retain' }

test.each<[string, KubeObject, KubeObject, Record<string, number>, unknown[]]>([
  ['that shrinks keeps its claims', set(1, { whenScaled: 'Delete' }), set(3, {}), {}, [RETAIN]],
  ['that keeps them anyhow', set(1, { whenScaled: 'Retain' }), set(3, {}), {}, []],
  [
    'that was as large before',
    set(1, { whenScaled: 'Delete' }),
    set(3, {}),
    { [keyOf(set(3, {}))]: 3 },
    [{ path: 'spec.replicas', value: 3 }],
  ],
])('a StatefulSet %s', (_, stated, is, counts, values) => {
  const key = keyOf(stated)
  expect(valuesBefore(rendered(stated), live(is), counts)).toEqual(values.length === 0 ? {} : { [key]: values })
})

test.each([
  [
    'older claims stop the recovery',
    '2026-01-01T00:00:00Z',
    /^going back would delete data-db-0, which was there before/u,
  ],
  ['claims of its own do not', '2026-01-03T00:00:00Z', undefined],
])('a new StatefulSet that takes its claims along: %s', async (_, madeAt, message) => {
  const made = set(1, { whenDeleted: 'Delete' })
  const is = { ...made, metadata: { ...made.metadata, creationTimestamp: '2026-01-02T00:00:00Z' } }
  const api = new FakeApi()
  const data = object('PersistentVolumeClaim', 'data-db-0', {})
  api.put({ ...data, metadata: { ...data.metadata, creationTimestamp: madeAt } })
  const now = { present: rendered(made), wanted: [], live: live(is) }
  const asked = requireNoLoss(now, 'shop', api, new AbortController().signal)
  await (message === undefined ? expect(asked).resolves.toBeUndefined() : expect(asked).rejects.toThrow(message))
})
