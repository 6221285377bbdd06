import { expect, test } from '@jest/globals'
import { keyOf, type KubeObject } from '../../src/domain/kube.ts'
import { countsBeside, valuesBefore } from '../../src/domain/recovery/as-before.ts'

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
