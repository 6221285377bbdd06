import { describe, expect, test } from '@jest/globals'
import { parseConfig, resolveProject } from '../../src/domain/config/config.ts'
import { readDocument } from '../../src/domain/config/document.ts'
import { parseDuration } from '../../src/domain/config/duration.ts'
import { absolutePath, parentOf, relativeTo } from '../../src/domain/config/file-path.ts'
import type { Project } from '../../src/domain/config/model.ts'
import { orderByNeeds } from '../../src/domain/config/order.ts'
import { parseValuePath, showValuePath } from '../../src/domain/config/value-path.ts'
import { sample } from '../support/sample-config.ts'

const seen = (text: string, environment: string): Project =>
  resolveProject(parseConfig(text), environment, { file: '/p/forge.yaml', dir: '/p' })

const lines = (project: Project): Record<string, number> =>
  Object.fromEntries(project.stages.map(({ name, at }) => [name, at.line]))

describe('the sample of docs/design.md', () => {
  test('staging: the environment gives cluster and namespace', () => {
    const { environment, stages, releases, images, verify, requirements } = seen(sample, 'staging')
    expect(environment).toMatchObject({
      cluster: { sandbox: false, context: 'staging-eu' },
      namespace: 'api-forge',
      protected: false,
    })
    expect(environment.drift).toEqual({ policy: 'report', preserve: [] })
    expect(stages.map(({ name, timeoutMs }) => [name, timeoutMs])).toEqual([
      ['databases', 180_000],
      ['schema', 300_000],
      ['temporal', 180_000],
      ['app', 180_000],
    ])
    expect(releases[0]).toMatchObject({
      chart: { chart: '/p/k8s/charts/api-forge', local: true },
      values: [{ file: 'deploy/values.yaml' }],
      schema: { version: 12, oldestReader: 11 },
      set: [
        { path: ['redis', 'enabled'], source: { kind: 'yaml', file: 'config.yaml', path: 'config.redis.enabled' } },
      ],
    })
    expect(images[0]).toMatchObject({
      from: { kind: 'build', context: '.', dockerfile: 'Dockerfile' },
      repository: 'ghcr.io/acme/api-forge-app',
    })
    expect(images[0]?.to.map(({ release, path }) => `${release}:${path.join('.')}`)).toEqual([
      'api-forge:app.image',
      'api-forge:worker.image',
    ])
    expect(verify).toMatchObject([
      { kind: 'http', service: 'app', port: 8000, path: '/health', status: 200, timeoutMs: 30_000 },
    ])
    expect(requirements.storageClass).toMatchObject({ name: 'any' })
  })

  test("sandbox: the namespace is the project's name", () => {
    expect(seen(sample, 'sandbox').environment).toMatchObject({ cluster: { sandbox: true }, namespace: 'api-forge' })
  })

  test("prod: its values come after the release's, its stage keeps its place, and what it changed stands on its lines", () => {
    const { releases, stages, environment } = seen(sample, 'prod')
    expect(environment.drift.preserve).toMatchObject([{ kind: 'Deployment', name: 'worker', field: 'spec.replicas' }])
    const [first, second] = releases[0]?.values ?? []
    expect([first?.file, second?.file]).toEqual(['deploy/values.yaml', 'deploy/values.prod.yaml'])
    expect(second?.at).toEqual({ file: 'forge.yaml', line: 13, column: 39 })
    expect(stages.map(({ name, timeoutMs }) => [name, timeoutMs])[0]).toEqual(['databases', 360_000])
    expect(stages[0]?.wait).toEqual(['Deployment/postgres'])
  })

  test('secrets: {key} is filled in, TLS has its two keys', () => {
    const [passwords, tls] = seen(sample, 'prod').secrets
    expect(passwords).toMatchObject({ type: 'Opaque', keep: true, generate: { kind: 'password', length: 32 } })
    expect(passwords?.keys[0]).toMatchObject({
      key: 'postgres_password',
      source: { kind: 'file', file: 'infra/secrets/keys/postgres_password.txt' },
      optional: false,
      rollback: 'restore',
    })
    expect(tls).toMatchObject({ type: 'kubernetes.io/tls', keys: [{ key: 'tls.crt' }, { key: 'tls.key' }] })
  })
})

const project = (environment: string, sections: string): Project =>
  seen(`version: 1\nproject: demo\nenvironments:\n  dev: ${environment}\n${sections}`, 'dev')

describe('an environment over the project', () => {
  test('lists are replaced, maps merged, stages keep the order of the project', () => {
    const sections = 'stages:\n  one: { wait: [Deployment/a], timeout: 1m }\n  two: { wait: [Deployment/b] }\n'
    const { stages } = project(
      '{ stages: { three: {}, two: { wait: [Deployment/c] }, one: { timeout: 2m } } }',
      sections,
    )
    expect(stages.map(({ name, wait, timeoutMs }) => [name, wait, timeoutMs])).toEqual([
      ['one', ['Deployment/a'], 120_000],
      ['two', ['Deployment/c'], 300_000],
      ['three', [], 300_000],
    ])
    expect(lines(project('{ stages: { three: {} } }', sections))).toEqual({ one: 6, two: 7, three: 4 })
  })

  test('null takes an entry away, but is a value in set', () => {
    const { stages, releases, secrets } = project(
      '{ stages: { two: null }, secrets: { s: null }, releases: { a: { set: { x: null }, configMaps: { m: null } } } }',
      'releases: { a: { chart: ./c, set: { x: 1, y: 2 }, configMaps: { m: {}, n: {} } } }\nstages: { one: {}, two: {} }\nsecrets: { s: { files: { k: f } } }\n',
    )
    expect(stages.map(({ name }) => name)).toEqual(['one'])
    expect(secrets).toEqual([])
    expect(releases[0]?.configMaps.map(({ name }) => name)).toEqual(['n'])
    expect(
      releases[0]?.set.map(({ path, source }) => [path, source.kind === 'literal' ? source.value : source.kind]),
    ).toEqual([
      [['x'], null],
      [['y'], 2],
    ])
  })

  test('another kind of source replaces the first one, and its options stay', () => {
    const { secrets, images } = project(
      '{ secrets: { s: { each: { env: "APP_{KEY}" }, files: { f: { env: F } } } }, images: { app: { ref: "app:1.2.3" } } }',
      'secrets:\n  s: { each: "k/{key}.txt", keys: [{ name: pw, rollback: keep }], files: { f: { file: x, optional: true } } }\nimages: { app: { build: { context: src } } }\n',
    )
    expect(secrets[0]?.keys).toMatchObject([
      { key: 'pw', source: { kind: 'env', name: 'APP_PW', at: { line: 4 } }, rollback: 'keep' },
      { key: 'f', source: { kind: 'env', name: 'F' }, optional: true },
    ])
    expect(images[0]?.from).toEqual({ kind: 'ref', ref: 'app:1.2.3' })
  })

  test('a ref replaces the build and where it is pushed besides; one of an environment that says so itself is refused', () => {
    const built = 'images: { app: { build: { context: src }, repository: r.example/a, also: [s.example/a], to: x } }\n'
    const release = 'releases: { a: { chart: ./c } }\n'
    const { images } = project('{ images: { app: { ref: "app:1.2.3" } } }', `${release}${built}`)
    expect(images[0]?.from).toEqual({ kind: 'ref', ref: 'app:1.2.3' })
    expect(() => project('{ images: { app: { ref: "app:1", also: [s.example/a] } } }', `${release}${built}`)).toThrow(
      /also needs "build"/u,
    )
  })

  test('releases go in the order of their needs', () => {
    const { releases } = project(
      '{ releases: { db: { needs: [] } } }',
      'releases:\n  web: { chart: ./w, needs: [db, mq] }\n  mq: { chart: oci://r.example/mq, version: 1.0.0 }\n  db: { chart: ./d, needs: [mq] }\n',
    )
    expect(releases.map(({ name }) => name)).toEqual(['db', 'mq', 'web'])
    expect(releases[1]?.chart).toMatchObject({ chart: 'oci://r.example/mq', local: false, version: '1.0.0' })
  })

  test('reserved keys are taken', () => {
    expect(() =>
      project(
        '{}',
        'releases: { a: { chart: ./c, namespace: other, takesOver: [x] } }\ncomponents: { postgres: Cluster/pg }\n',
      ),
    ).not.toThrow()
  })

  test('ConfigMap values are the text as it is written', () => {
    const { releases } = project(
      '{}',
      'releases:\n  a:\n    chart: ./c\n    configMaps:\n      m: { set: { V: 1.10, ON: on, Y: yes, T: true, O: 0o17, N: "x", B: 8080 } }\n',
    )
    const values = releases[0]?.configMaps[0]?.set.map(({ key, source }) => [
      key,
      source.kind === 'literal' ? source.value : undefined,
    ])
    expect(values).toEqual([
      ['V', '1.10'],
      ['ON', 'on'],
      ['Y', 'yes'],
      ['T', 'true'],
      ['O', '0o17'],
      ['N', 'x'],
      ['B', '8080'],
    ])
  })

  test('anchors and merge keys', () => {
    const { stages } = project(
      '{}',
      'releases: { a: { chart: ./c, stages: { x: &base { wait: [Deployment/a], timeout: 1m } } } }\nstages:\n  one: *base\n  two: { <<: *base, timeout: 2m }\n',
    )
    expect(stages.map(({ wait, timeoutMs }) => [wait, timeoutMs])).toEqual([
      [['Deployment/a'], 60_000],
      [['Deployment/a'], 120_000],
    ])
  })
})

describe('YAML as helm reads it', () => {
  test.each([
    ['yes and on', 'a: yes\nb: on\nc: off\nd: "yes"', { a: true, b: true, c: false, d: 'yes' }],
    ['octal', 'mode: 0400\nother: 0o17', { mode: 256, other: 15 }],
    ['y as a key, as helm has it', 'y: k', { true: 'k' }],
    ['times stay text', 'port: 22:22\nday: 2024-01-02', { port: '22:22', day: '2024-01-02' }],
    ['keys that are numbers or booleans', '8080: a\non: b', { 8080: 'a', true: 'b' }],
    [
      'a merge of two maps, own keys win',
      'x: &x { a: 1, b: 2 }\nw: &w { b: 3, c: 4 }\nz: { <<: [*x, *w], a: 9 }',
      { x: { a: 1, b: 2 }, w: { b: 3, c: 4 }, z: { a: 9, b: 2, c: 4 } },
    ],
    ['a quoted merge key is a key', 'z: { "<<": 1 }', { z: { '<<': 1 } }],
  ])('%s', (_, text, expected) => expect(readDocument(text, 'v.yaml', 'helm').value).toEqual(expected))

  test.each([
    ['helm', ': '.repeat(5000)],
    ['core', ': '.repeat(5000)],
    ['core', `${'['.repeat(1500)}${']'.repeat(1500)}`],
    ['core', '{"a":'.repeat(20_000)],
  ] as const)('as %s: what is nested too deeply is a problem of the text', (dialect, text) => {
    const { value, problems } = readDocument(text, 'v.yaml', dialect)
    expect({ value, problems: problems.slice(0, 1) }).toMatchObject({
      problems: [{ message: expect.stringMatching(/deep|nest/u), at: { file: 'v.yaml' } }],
    })
  })

  test('a key named __proto__ is a key', () => {
    const { value } = readDocument('__proto__: { polluted: true }', 'v.yaml', 'helm')
    expect(Object.keys(value as object)).toEqual(['__proto__'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

test.each([
  ['3m', 180_000],
  ['90s', 90_000],
  ['1h30m', 5_400_000],
  ['500ms', 500],
  ['1.5s', 1500],
  ['2h', 7_200_000],
  ['1m30s', 90_000],
  ['0s', undefined],
  ['', undefined],
  ['3', undefined],
  ['m', undefined],
  ['30m1h', undefined],
  ['3 m', undefined],
  ['-3m', undefined],
])('duration %s', (text, expected) => expect(parseDuration(text)).toBe(expected))

test.each([
  ['a', ['a']],
  ['a.b', ['a', 'b']],
  ['a[0].b', ['a', 0, 'b']],
  ['a\\.b.c', ['a.b', 'c']],
  ['a[0][1]', ['a', 0, 1]],
  ['annotations.example\\.com/x', ['annotations', 'example.com/x']],
  ['', undefined],
  ['a..b', undefined],
  ['.a', undefined],
  ['a.', undefined],
  ['a[x]', undefined],
  ['[0]', undefined],
  ['a[0]b', undefined],
])('value path %s', (text, expected) => {
  expect(parseValuePath(text)).toEqual(expected)
  if (expected !== undefined) expect(showValuePath(expected)).toBe(text)
})

test.each([
  ['keeps the order given', { a: [], b: [], c: [] }, { order: ['a', 'b', 'c'] }],
  ['puts what is needed first', { a: ['c'], b: [], c: ['b'] }, { order: ['b', 'c', 'a'] }],
  ['a diamond', { a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }, { order: ['d', 'b', 'c', 'a'] }],
  ['a circle', { x: [], a: ['b'], b: ['a'] }, { cycle: ['a', 'b', 'a'] }],
])('order: %s', (_, needs, expected) => expect(orderByNeeds(new Map(Object.entries(needs)))).toEqual(expected))

test.each([
  ['/p', 'a/../b/./c', '/p/b/c'],
  ['/p', '/x/y', '/x/y'],
  ['/p', '../../..', '/'],
  ['/', 'a', '/a'],
])('path %s %s', (dir, path, expected) => expect(absolutePath(dir, path)).toBe(expected))

test('paths for people', () => {
  expect([
    relativeTo('/p', '/p/a/b'),
    relativeTo('/p/q', '/p/r/s'),
    relativeTo('/p', '/x/y'),
    relativeTo('/p', '/p'),
    relativeTo('/', '/a'),
    parentOf('/a'),
    parentOf('/a/b'),
    parentOf('/'),
  ]).toEqual(['a/b', '../r/s', '/x/y', '.', 'a', '/', '/a', '/'])
})

test.each([
  ['refuse', 'report'],
  ['report', 'report'],
  ['overwrite', 'overwrite'],
  ['{ policy: refuse }', 'report'],
])('drift: %s', (written, policy) => {
  const text = `version: 1\nproject: demo\nenvironments:\n  dev: { cluster: sandbox, drift: ${written} }\n`
  expect(seen(text, 'dev').environment.drift).toEqual({ policy, preserve: [] })
})
