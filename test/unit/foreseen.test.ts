import { describe, expect, test } from '@jest/globals'
import { openStandIn } from '../../src/adapters/helm/stand-in.ts'
import type { Look } from '../../src/adapters/kubernetes/look.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { comingOf, foundAfter, type Coming } from '../../src/domain/plan/coming.ts'
import { notByChance } from '../../src/domain/plan/foreseen.ts'
import { readFile } from 'node:fs/promises'

const secret = (name: string, more: Readonly<Record<string, unknown>> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'n' },
  ...more,
})
const rendered = (...objects: readonly KubeObject[]) =>
  objects.map((object) => ({ object, template: 'c/templates/x.yaml' }))
const coming = (object: KubeObject, previous?: KubeObject): Coming => ({ object, sent: object, previous })
const identity = { uid: 'u', resourceVersion: '7', creationTimestamp: '2026-01-01T00:00:00Z' }

describe('what a lookup will find', () => {
  test('is what the last deploy did not write like this: Secrets and ConfigMaps', () => {
    const [same, other, fresh] = [secret('same'), secret('other', { data: { a: 'MQ==' } }), secret('fresh')]
    const service = { ...secret('web'), kind: 'Service' }
    const before = new Map([
      ['/Secret/n/same', same],
      ['/Secret/n/other', secret('other', { data: { a: 'Mg==' } })],
    ])
    const found = comingOf(rendered(same, other, fresh, service), before, [], (object) => object)
    expect(found.map(({ object }) => object.metadata.name)).toEqual(['other', 'fresh'])
  })

  test.each([
    [
      'texts as the API server keeps them',
      secret('a', { stringData: { a: '1' } }),
      undefined,
      undefined,
      { a: 'MQ==' },
    ],
    ['keys of others', secret('a', { data: { a: 'MQ==' } }), undefined, { b: 'Mg==' }, { a: 'MQ==', b: 'Mg==' }],
    [
      'no key that it gave up',
      secret('a', { data: { a: 'MQ==' } }),
      { b: 'Mg==' },
      { b: 'Mg==', c: '' },
      { a: 'MQ==', c: '' },
    ],
    ['nothing', secret('a'), undefined, undefined, undefined],
  ])('has %s', (_, object, before, live, data) => {
    const previous = before === undefined ? undefined : secret('a', { data: before })
    const now = live === undefined ? undefined : secret('a', { data: live })
    expect(foundAfter(coming(object, previous), now, identity)['data']).toEqual(data)
  })

  test('is what the API server makes of it: a type, an identity, and the one that it has', () => {
    expect(foundAfter(coming(secret('a')), undefined, identity)).toMatchObject({ type: 'Opaque', metadata: identity })
    const live = secret('a', {
      metadata: { name: 'a', namespace: 'n', uid: 'live', resourceVersion: '1', labels: { x: 'y' } },
    })
    const { metadata } = foundAfter(coming(secret('a')), live, identity)
    expect(metadata).toMatchObject({ uid: 'live', resourceVersion: '7', labels: { x: 'y' } })
  })
})

describe('a render that has found what the first one makes', () => {
  const web = (annotations: Readonly<Record<string, string>>, args: readonly string[] = []): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'n' },
    spec: { template: { metadata: { annotations }, spec: { containers: [{ name: 'web', args }] } } },
  })
  const text = (word: string): KubeObject => ({
    ...secret('copy'),
    kind: 'ConfigMap',
    data: { url: `db://u:${word}@h` },
  })

  test.each([
    ['nothing else', [text('a')], [text('a')], [text('a')], true],
    ['another password where two renders differ', [text('abc')], [text('xyz')], [text('123')], true],
    ['another text around it', [text('abc')], [text('xyz')], [{ ...text('1'), data: { url: 'none' } }], false],
    ['another text where two renders agree', [text('abc')], [text('abc')], [text('xyz')], false],
    ['another checksum', [web({ sum: '1' })], [web({ sum: '1' })], [web({ sum: '2' })], true],
    ['a checksum that came', [web({})], [web({})], [web({ sum: '2' })], false],
    ['a checksum that went', [web({ sum: '1' })], [web({ sum: '1' })], [web({ sum: '' })], false],
    ['other arguments', [web({}, ['init'])], [web({}, ['init'])], [web({}, ['serve'])], false],
    ['one object less', [text('a'), secret('once')], [text('a'), secret('once')], [text('a')], false],
    ['one object more', [text('a')], [text('a')], [text('a'), secret('later')], false],
  ])('%s', (_, first, again, next, isTaken) => {
    expect(notByChance(rendered(...first), rendered(...again), rendered(...next)).length === 0).toBe(isTaken)
  })
})

describe('the API server that helm looks things up in', () => {
  const found: Readonly<Record<string, unknown>> = {
    '/api/v1/namespaces/n/secrets/here': secret('here', { data: { a: 'MQ==' } }),
    '/api/v1/namespaces/n/secrets': { kind: 'SecretList', items: [secret('a'), secret('z')] },
    '/version': { major: '1' },
  }
  const look: Look = (path) => {
    const value = found[path.replace(/\?.*$/u, '')]
    return Promise.resolve({
      status: value === undefined ? 404 : 200,
      type: 'application/json',
      text: JSON.stringify(value ?? {}),
    })
  }

  async function asked(...paths: readonly string[]) {
    const all = [coming(secret('here', { data: { b: 'Mg==' } })), coming(secret('new', { data: { c: 'Mw==' } }))]
    const stand = await openStandIn(look, all, AbortSignal.timeout(10_000))
    try {
      const config = JSON.parse(await readFile(stand.args[1] ?? '', 'utf8')) as {
        clusters: { cluster: { server: string } }[]
      }
      const server = config.clusters[0]?.cluster.server ?? ''
      const answers = await Promise.all(
        paths.map(async (path) => {
          const answer = await fetch(path.startsWith('http') ? path : `${server}${path}`)
          return [
            answer.status,
            (await answer.json().catch(() => undefined)) as KubeObject & { items: KubeObject[] },
          ] as const
        }),
      )
      const closed = await fetch(new URL('/version', server))
      const written = await fetch(`${server}/api/v1/namespaces/n/secrets`, { method: 'POST' })
      return {
        answers,
        names: stand.asked().map(({ metadata }) => metadata.name),
        refused: [closed.status, written.status],
      }
    } finally {
      await stand.close()
    }
  }

  test('shows what is coming over what is there, and passes on everything else that is read', async () => {
    const base = '/api/v1/namespaces/n/secrets'
    const { answers, names, refused } = await asked(
      `${base}/here`,
      `${base}/new`,
      `${base}/none`,
      '/version?timeout=32s',
    )
    expect(answers.map(([status, body]) => [status, body['data'] ?? body['major']])).toEqual([
      [200, { a: 'MQ==', b: 'Mg==' }],
      [200, { c: 'Mw==' }],
      [404, undefined],
      [200, '1'],
    ])
    expect([names.sort(), refused]).toEqual([
      ['here', 'new'],
      [403, 405],
    ])
  })

  test('lists them in their order', async () => {
    const { answers, names } = await asked('/api/v1/namespaces/n/secrets')
    expect(answers[0]?.[1].items.map(({ metadata }) => metadata.name)).toEqual(['a', 'here', 'new', 'z'])
    expect(names).toEqual(['here', 'new'])
  })

  test('says nothing of what nobody has looked up', async () => {
    expect((await asked('/version')).names).toEqual([])
  })
})
