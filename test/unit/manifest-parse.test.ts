import { describe, expect, test } from '@jest/globals'
import { isBundledDefinition, parseManifest } from '../../src/domain/manifest/parse.ts'

const parse = (text: string) => parseManifest(text, 'prod', ({ kind }) => kind !== 'Namespace')

const configMap = (data: string): string =>
  `---\n# Source: app/templates/config.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: app }\ndata: ${data}\n`

describe('what helm prints', () => {
  test('of crds/ it prints whole files: all that is in one is of that file, whatever a comment says', () => {
    const definition = (name: string): string =>
      `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: ${name} }\n`
    const text = `---\n# Source: app/charts/db/crds/all.yaml\n---\n${definition('a')}---\n# Source: copied/crd.yaml\n${definition('b')}
---
# Source: app/templates/crds/c.yaml
${definition('c')}${configMap('{ a: b }')}`
    expect(parse(text).map((one) => [one.template, isBundledDefinition(one)])).toEqual([
      ['app/charts/db/crds/all.yaml', true],
      ['app/charts/db/crds/all.yaml', true],
      ['app/templates/crds/c.yaml', false],
      ['app/templates/config.yaml', false],
    ])
  })

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

  test('a file of crds/ that begins with a separator, or holds several definitions, is one of crds/ throughout', () => {
    const definition = (name: string): string =>
      `---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: ${name} }\n`
    const file = `---\n# Source: app/crds/all.yaml\n${definition('one')}${definition('two')}`
    const found = parse(`${file}${configMap('{ a: b }')}`)
    expect(found.map(({ object, template }) => [object.metadata.name, template])).toEqual([
      ['one', 'app/crds/all.yaml'],
      ['two', 'app/crds/all.yaml'],
      ['app', 'app/templates/config.yaml'],
    ])
    expect(found.map(isBundledDefinition)).toEqual([true, true, false])
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
    ['|\n    no line break at the end', 'no line break at the end\n'],
    ['"ends in\n\n"', 'ends in\n'],
    ["'it''s\nfolded'", "it's folded"],
    ['{\n"b": 1,\n"c": [\n2\n]\n}', { b: 1, c: [2] }],
    ['[\n]', []],
    ['\t[ a ]', ['a']],
    ['!other text', 'text'],
    ['!other { b: 1 }', { b: 1 }],
    ['!!binary aGVsbG8=', 'hello'],
    ['!!str 5', '5'],
    ['1\n  key: 2', 2],
    ['&a { b: 1, c: 2 }\n  key: { b: 3, <<: *a }', { b: 1, c: 2 }],
    ['&a { b: 1, c: 2 }\n  key: { <<: *a, b: 3 }', { b: 3, c: 2 }],
    ['08', 8],
    ['-0b11', -3],
    ['\r\n    windows: yes\r', { windows: true }],
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

  test('a hook is read in lower case, and a weight that is no number is 0', () => {
    const text = (weight: string): string => `apiVersion: batch/v1
kind: Job
metadata: { name: a, annotations: { helm.sh/hook: Pre-Upgrade, helm.sh/hook-weight: ${weight}, helm.sh/hook-delete-policy: Hook-Succeeded } }
`
    const hook = { events: ['pre-upgrade'], deletePolicy: ['hook-succeeded'] }
    expect(parse(text('five'))[0]?.hook).toEqual({ ...hook, weight: 0 })
    expect(parse(text('5'))[0]?.hook).toEqual({ ...hook, weight: 5 })
  })

  test('the line break that helm prints behind a hook is not the hook’s', () => {
    const hook = (blank: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, annotations: { helm.sh/hook: test } }\ndata:\n  a: |+\n    b\n${blank}`
    const data = (text: string): unknown => parse(text)[0]?.object['data']
    expect(data(hook(''))).toEqual({ a: 'b\n' })
    expect(data(hook('\n'))).toEqual({ a: 'b\n' })
    expect(data(hook('\n\n'))).toEqual({ a: 'b\n\n' })
  })

  test('may be a list, of which helm takes the items', () => {
    const item = (name: string): string => `- { apiVersion: v1, kind: ConfigMap, metadata: { name: ${name} } }`
    const list = `# Source: app/templates/list.yaml\napiVersion: v1\nkind: List\nitems:\n${item('a')}\n${item('b')}\n`
    const typed = '---\napiVersion: v1\nkind: ConfigMapList\nitems: [ { metadata: { name: c } } ]\n'
    const found = parse(`${list}${typed}---\napiVersion: v1\nkind: List\nitems: []\n`)
    expect(found.map(({ object: { kind, metadata } }) => [kind, metadata.name, metadata.namespace])).toEqual([
      ['ConfigMap', 'a', 'prod'],
      ['ConfigMap', 'b', 'prod'],
      ['ConfigMap', 'c', 'prod'],
    ])
    expect(found.map(({ template }) => template)).toEqual(['app/templates/list.yaml', 'app/templates/list.yaml', ''])
  })

  test('goes by the head of a list: its items are hooks if it is one', () => {
    const list = (head: string, item: string): string =>
      `apiVersion: v1\nkind: List\nmetadata: { annotations: ${head} }\nitems: [ { apiVersion: v1, kind: ConfigMap, metadata: { name: a, annotations: ${item} } } ]\n`
    const hook = '{ helm.sh/hook: pre-install }'
    expect(parse(list(hook, '{}'))[0]?.hook?.events).toEqual(['pre-install'])
    expect(parse(list('{}', hook))[0]?.hook).toBeUndefined()
  })

  test.each([
    ['a list in a list', 'kind: List\nitems: [ { apiVersion: v1, kind: List, items: [] } ]', 'a list in a list'],
    ['a list without items', 'kind: List', 'it has no apiVersion, kind or metadata.name'],
    ['an item without a name', 'kind: List\nitems: [ { kind: ConfigMap } ]', 'it has no apiVersion, kind'],
    ['an endless number', 'kind: ConfigMap\nmetadata: { name: a }\nx: .inf', '.inf is not a number'],
    ['a key of null', 'kind: ConfigMap\nmetadata: { name: a }\nx: { ~: 1 }', 'a key is null'],
    [
      'a few lines that stand for millions',
      `kind: ConfigMap\nmetadata: { name: a }\na: &a [x,x,x,x,x,x,x,x,x,x]\n${Array.from('bcdefgh')
        .map((name, at) => `${name}: &${name} [${`*${'abcdefgh'[at] ?? ''},`.repeat(10)}]\n`)
        .join('')}`,
      'excessive aliasing',
    ],
  ])('that helm does not take is refused: %s', (_, document, reason) => {
    expect(() => parse(`apiVersion: v1\n${document}\n`)).toThrow(reason)
  })

  test('is taken apart at lines of dashes alone, and what is empty or a comment is nothing', () => {
    const text = `\uFEFF${configMap('{ a: "--- b" }')}--- # next\n# nothing\n---\t\n\n---\r\n${configMap('{ b: c }')}`
    expect(parse(text).map(({ object }) => object['data'])).toEqual([{ a: '--- b' }, { b: 'c' }])
  })

  test('takes fields of null for such that are not there, where they are no entries', () => {
    const text = `apiVersion: v1
kind: Pod
metadata: { name: a, namespace: null, labels: null, annotations: { a: null } }
spec: { volumes: null, nodeSelector: { a: null }, containers: [ { name: a, env: null } ] }
`
    expect(parse(text)[0]?.object).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', namespace: 'prod' },
      spec: { nodeSelector: { a: null }, containers: [{ name: 'a' }] },
    })
  })

  test.each([
    ['data: [', /^app\/templates\/config\.yaml renders no Kubernetes object: .+/u],
    ['a: { b: "c }', /renders no Kubernetes object: .*unexpected end/iu],
  ])('that is no YAML is refused with the template and the reason: %s', (more, message) => {
    expect(() => parse(`${configMap('{}')}${more}\n`)).toThrow(message)
  })

  test('that is no object is refused', () => {
    expect(() => parse('# Source: app/templates/list.yaml\n- a\n')).toThrow(
      'app/templates/list.yaml renders no Kubernetes object: it has no apiVersion, kind or metadata.name',
    )
  })
})

test('an object that two manifests state alike is one, and one in each namespace', () => {
  const web = '---\n# Source: c/templates/web.yaml\napiVersion: v1\nkind: Service\nmetadata: { name: web }\n'
  const other = '---\n# Source: c/templates/other.yaml\napiVersion: v1\nkind: Service\nmetadata: { name: other }\n'
  const [before, now] = [parse(web), parse(`${other}${web}`)]
  expect(now[1]?.object).toBe(before[0]?.object)
  const [elsewhere] = parseManifest(web, 'test', () => true)
  expect(elsewhere?.object.metadata.namespace).toBe('test')
  expect(before[0]?.object.metadata.namespace).toBe('prod')
})
