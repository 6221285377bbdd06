import { expect, test } from '@jest/globals'
import { keepValues } from '../../src/domain/manifest/keep-values.ts'

test('kept values are put into their documents alone', () => {
  const other = '\n# Source: c/a.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}   # as it is\n'
  const web =
    '\n# Source: c/w.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 1, paused: true}\n'
  const values = [{ path: 'spec.replicas', value: 3 }, { path: 'spec.paused' }]
  const [first, same, changed] = keepValues(`---${other}---${web}`, {
    namespace: 'x',
    objects: { 'apps/Deployment/x/web': values },
  }).split('---')
  expect([first, same]).toEqual(['', other])
  expect(changed).toContain('# Source: c/w.yaml')
  expect(JSON.parse((changed ?? '').replace(/^\s*#.*$/mu, ''))).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas: 3 },
  })
})

test('kept values are put into the items of a list, which stays one', () => {
  const map = (name: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: '1' } })
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [map('a'), map('b')] })
  const written = keepValues(`---\n# Source: c/l.yaml\n${list}\n`, {
    namespace: 'x',
    objects: { '/ConfigMap/x/a': [{ path: 'data.a', value: '2' }] },
    without: ['/ConfigMap/x/b'],
  })
  expect(written).toContain('# Source: c/l.yaml')
  expect(JSON.parse(written.replace(/^---\n#.*$/mu, ''))).toEqual({
    apiVersion: 'v1',
    kind: 'List',
    items: [{ ...map('a'), data: { a: '2' } }],
  })
})

test('a document that cannot be read is told, and stays as it is', () => {
  const told: string[] = []
  const text = '---\n# Source: c/a.yaml\na: [\n'
  expect(keepValues(text, { namespace: 'x', objects: {} }, ({ template }) => told.push(template))).toBe(text)
  expect(told).toEqual(['c/a.yaml'])
})
