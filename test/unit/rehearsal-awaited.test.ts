import { expect, test } from '@jest/globals'
import type { KubeObject, ObjectRef } from '../../src/domain/kube.ts'
import { givenSecrets, givenText, secretOf, withGiven } from '../../src/domain/rehearsal/awaited.ts'
import type { Awaited } from '../../src/domain/secrets/awaited.ts'

const maker: ObjectRef = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', namespace: 'shop', name: 'web' }
const wants = (key?: string, secret = 'web-tls'): Awaited => ({
  ...{ namespace: 'shop', secret, key, by: ['Deployment/web'], makers: [maker] },
})
const object = (kind: string, name: string, fields: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'shop' },
  ...fields,
})
const volume = { name: 'tls', secret: { secretName: 'web-tls', items: [{ key: 'tls.crt' }, { key: 'tls.key' }] } }
const web = {
  ...object('Deployment', 'web', { spec: { template: { spec: { containers: [], volumes: [volume] } } } }),
  apiVersion: 'apps/v1',
}
const certificate = (status: string): KubeObject => ({
  ...object('Certificate', 'web', { status: { conditions: [{ type: 'Ready', status }] } }),
  apiVersion: 'cert-manager.io/v1',
})
const never = (): boolean => false
const values = (data: Readonly<Record<string, string>>): string[] =>
  Object.entries(data).map(([key, value]) => `${key}=${atob(value)}`)

test('a Secret that something makes has the keys that pods want', () => {
  const [given, ...others] = givenSecrets([wants()], [web], [], never)
  expect(others).toEqual([])
  expect(values(given?.data ?? {})).toEqual(['tls.crt=made up: tls.crt', 'tls.key=made up: tls.key'])
  expect(given === undefined ? '' : givenText(given)).toBe('web-tls (Certificate/web)')
  expect(given === undefined ? {} : secretOf(given)).toMatchObject({ metadata: { name: 'web-tls', namespace: 'shop' } })
})

test('keys that one lacks are added to it, wherever it comes from', () => {
  const rendered = object('Secret', 'web-tls', { data: { 'tls.key': btoa('own') } })
  const given = givenSecrets([wants('tls.crt')], [web, rendered], [], never)
  expect(given).toMatchObject([{ isRendered: true }])
  const { data } = withGiven(rendered, given)
  expect(values(data as Record<string, string>)).toEqual(['tls.crt=made up: tls.crt', 'tls.key=own'])
  expect(withGiven(object('Secret', 'other'), given)).toEqual(object('Secret', 'other'))
  expect(withGiven(web, given)).toBe(web)
})

test('what does not come there does not come here', () => {
  expect(givenSecrets([wants()], [web], [certificate('False')], never)).toEqual([])
  expect(givenSecrets([wants()], [web], [], () => true)).toEqual([])
  expect(givenSecrets([wants()], [web], [certificate('True')], never)).toHaveLength(1)
})
