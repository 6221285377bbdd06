import { describe, expect, test } from '@jest/globals'
import { parseManifest } from '../../src/domain/manifest/parse.ts'

const parse = (text: string) => parseManifest(text, 'prod', ({ kind }) => kind !== 'Namespace')

const configMap = (data: string): string =>
  `---\n# Source: app/templates/config.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: app }\ndata: ${data}\n`

describe('what helm prints', () => {
  test('is read object by object, each with its template, in the namespace of the release', () => {
    const text = `${configMap('{ a: b }')}---\n# Source: app/templates/nothing.yaml\n---\n# Source: app/templates/ns.yaml
apiVersion: v1
kind: Namespace
metadata:
  name: other
`
    expect(parse(text)).toEqual([
      {
        object: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'app', namespace: 'prod' },
          data: { a: 'b' },
        },
        template: 'app/templates/config.yaml',
      },
      {
        object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } },
        template: 'app/templates/ns.yaml',
      },
    ])
  })

  test.each([
    ['yes', true],
    ['off', false],
    ['"yes"', 'yes'],
    ['0644', 420],
    ['1_000', 1000],
    ['"0644"', '0644'],
    ['~', null],
    ['1.10', 1.1],
    ['1e3', 1000],
    ['"1e3"', '1e3'],
    ['0o644', 420],
    ['2026-11-21', '2026-11-21'],
    ['12:30:45', '12:30:45'],
    ['|\n    one\n    --- two', 'one\n--- two\n'],
  ])('is read as helm itself reads it: %s', (written, value) => {
    expect(parse(configMap(`\n  key: ${written}`))[0]?.object).toMatchObject({ data: { key: value } })
  })

  test('may repeat a part by an anchor, and take another map in', () => {
    const text = configMap('\n  base: &base { a: 1 }\n  own: { <<: *base, b: 2 }')
    expect(parse(text)[0]?.object).toMatchObject({ data: { own: { a: 1, b: 2 } } })
  })

  test('a hook has its events, its weight, and the policy that helm gives one without', () => {
    const text = `apiVersion: batch/v1
kind: Job
metadata: { name: migrate, annotations: { helm.sh/hook: 'pre-upgrade, post-install', helm.sh/hook-weight: '-5' } }
`
    expect(parse(text)[0]?.hook).toEqual({
      events: ['pre-upgrade', 'post-install'],
      deletePolicy: ['before-hook-creation'],
      weight: -5,
    })
  })

  test.each([
    ['data: [', /^app\/templates\/config\.yaml renders no Kubernetes object: .+/u],
    ['a: 1\nkind: Secret', /renders no Kubernetes object: .*dupl/iu],
  ])('that is no YAML is refused with the template and the reason: %s', (more, message) => {
    expect(() => parse(`${configMap('{}')}${more}\n`)).toThrow(message)
  })

  test('that is no object is refused', () => {
    expect(() => parse('# Source: app/templates/list.yaml\n- a\n')).toThrow(
      'app/templates/list.yaml renders no Kubernetes object: it has no apiVersion, kind or metadata.name',
    )
  })
})
