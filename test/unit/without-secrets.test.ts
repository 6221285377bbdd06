import { expect, test } from '@jest/globals'
import { withoutSecretValues } from '../../src/domain/manifest/secret-values.ts'

test.each([
  ['as people write it', 'apiVersion: v1\nkind: Secret\nmetadata: { name: a }\nstringData: { p: hidden }\n'],
  ['in quotes, indented', '  apiVersion: v1\n  "kind": "Secret"\n  metadata: { name: a }\n  data: { p: aGlkZGVu }\n'],
  ['in a list', 'kind: List\nitems: [ { kind: Secret, metadata: { name: a }, stringData: { p: hidden } } ]\n'],
  ['as JSON', '{"kind":"Secret","metadata":{"name":"a"},"stringData":{"p":"hidden"}}'],
  [
    'with what kubectl applied',
    'kind: Secret\nmetadata: { name: a, annotations: { kubectl.kubernetes.io/last-applied-configuration: hidden } }\ndata: { p: aGlkZGVu }\n',
  ],
])('a Secret %s has no values', (_, document) => {
  const { manifest, withheld } = withoutSecretValues(`---\n# Source: c/templates/a.yaml\n${document}`)
  expect(withheld).toEqual(['a'])
  expect(manifest).toContain('# Source: c/templates/a.yaml')
  expect(manifest).toContain('p: (not shown)')
  expect(manifest).not.toMatch(/hidden|aGlkZGVu/u)
})

test('all else stays as it is, to the byte', () => {
  const text =
    '---\n# Source: a\nkind: Deployment\nspec: { secretName: Secret } # why\n---\nkind: Secret\nmetadata: { name: empty }\n'
  expect(withoutSecretValues(text)).toEqual({ manifest: text, withheld: [] })
})
