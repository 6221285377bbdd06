import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { Connection } from '../../src/adapters/kubernetes/connect.ts'
import { ApiServer, json, ok, reset, status } from './kubernetes-server.ts'

const { signal } = new AbortController()

let server: ApiServer
let cluster: Connection

beforeEach(async () => {
  server = new ApiServer()
  cluster = await server.connect()
})

afterEach(async () => {
  await cluster.close()
  await server.close()
})

describe("helm's releases", () => {
  const secret = (revision: number, state: string, release: unknown): unknown => {
    const packed = Buffer.from(gzipSync(JSON.stringify(release)).toString('base64')).toString('base64')
    return {
      metadata: {
        name: `sh.helm.release.v1.app.v${revision}`,
        labels: { name: 'app', owner: 'helm', version: String(revision), status: state },
      },
      data: { release: packed },
    }
  }
  const release = {
    info: { description: 'Upgrade complete' },
    chart: { metadata: { name: 'api-forge', version: '1.2.3' } },
    config: { app: { replicas: 2 } },
    manifest: 'kind: ConfigMap',
    hooks: [{ name: 'migrate', kind: 'Job', manifest: 'kind: Job', events: ['pre-upgrade'], path: 'x' }],
  }

  test('newest first, unpacked when somebody looks', async () => {
    server.answer(
      ok({
        items: [
          secret(9, 'superseded', release),
          secret(10, 'deployed', { ...release, apply_method: 'ssa' }),
          { metadata: { labels: { name: 'app', version: '8', status: 'failed' } }, data: { release: 'bm90IGd6aXA=' } },
        ],
      }),
    )
    const history = await cluster.history('app', 'api', signal)
    expect(history.map(({ revision, status: state }) => [revision, state])).toEqual([
      [10, 'deployed'],
      [9, 'superseded'],
      [8, 'failed'],
    ])
    expect(history[0]).toMatchObject({
      name: 'app',
      applyMethod: 'apply',
      manifest: 'kind: ConfigMap',
      config: { app: { replicas: 2 } },
      chart: { name: 'api-forge', version: '1.2.3' },
      description: 'Upgrade complete',
    })
    expect(history[0]?.hooks).toEqual([
      { name: 'migrate', kind: 'Job', manifest: 'kind: Job', events: ['pre-upgrade'] },
    ])
    expect(history[1]?.applyMethod).toBe('patch')
    expect(history[1]?.bytes).toBe(gzipSync(JSON.stringify(release)).toString('base64').length)
    expect(
      server.asked.map(({ path, query }) => [path, query.get('labelSelector'), query.get('fieldSelector')]),
    ).toEqual([['/api/v1/namespaces/api/secrets', 'owner=helm,name=app', 'type=helm.sh/release.v1']])
  })

  test('never installed', async () => {
    server.answer(ok({ items: [] }))
    expect(await cluster.history('app', 'api', signal)).toEqual([])
  })
})

describe('logs', () => {
  const POD = { namespace: 'api', name: 'app-x', container: 'app' }
  const follow = async (): Promise<string[]> => {
    const lines: string[] = []
    const run = async (): Promise<void> => {
      for await (const line of cluster.follow(POD, signal)) lines.push(line)
    }
    const state = { ended: false }
    const running = run().finally(() => (state.ended = true))
    running.catch(() => undefined)
    for (let round = 0; round < 300; round += 1) {
      if (state.ended) break
      await new Promise((resolve) => setTimeout(resolve, 2))
      if (server.clock.pending > 0) await server.clock.advance(200)
    }
    await running
    return lines
  }

  test('the last lines, also of the run before', async () => {
    server.answer((_, response) => void response.end('one\n\ntwo\n'))
    expect(await cluster.tail(POD, { lines: 20, previous: true }, signal)).toEqual(['one', '', 'two'])
    expect(Object.fromEntries(server.asked[0]?.query ?? [])).toEqual({
      container: 'app',
      tailLines: '20',
      previous: 'true',
      limitBytes: '1048576',
    })
  })

  test('of lines that are too long for one answer the newest are asked for', async () => {
    const long = 'x'.repeat(300_000)
    const last = (count: number): string => `${Array.from({ length: count }, () => long).join('\n')}\n`
    server.answers(
      (_, response) => void response.end(last(4).slice(0, 1_048_576)),
      (_, response) => void response.end(last(2)),
    )
    expect(await cluster.tail(POD, { lines: 8 }, signal)).toEqual([
      '(lines before these are left out: they are too long)',
      long,
      long,
    ])
    expect(server.asked.map(({ query }) => query.get('tailLines'))).toEqual(['8', '2'])
  })

  test('a server that sends more than it was asked for, in one line', async () => {
    server.answer((_, response) => void response.end('x'.repeat(3_000_000)))
    expect(await cluster.tail(POD, { lines: 1 }, signal)).toEqual(['(a line of more than 1 MiB is left out)'])
  })

  test.each([
    ['not started', 400, undefined],
    ['gone', 404, undefined],
  ])('a container that is %s has none', async (_, code, lines) => {
    server.answer(status(code, 'BadRequest'))
    expect(await cluster.tail(POD, { lines: 5 }, signal)).toBe(lines)
    expect(await follow()).toEqual([])
  })

  test('an empty log', async () => {
    server.answer((_, response) => void response.end())
    expect(await cluster.tail(POD, { lines: 5 }, signal)).toEqual([])
  })

  test('followed over a broken connection, no line is lost or repeated', async () => {
    const stamp = (second: number, text: string): string => `2026-01-01T00:00:0${second}.000000000Z ${text}\n`
    server.answers(
      (_, response) =>
        void response.write(stamp(1, 'one') + stamp(2, 'two'), () => setTimeout(() => response.destroy(), 5)),
      reset,
      (_, response) => void response.end(stamp(2, 'two') + stamp(3, 'three  with  spaces')),
    )
    expect(await follow()).toEqual(['one', 'two', 'three  with  spaces'])
    expect(server.asked.at(-1)?.query.get('sinceTime')).toBe('2026-01-01T00:00:02.000000000Z')
  })

  test('followed past the limit of one answer: what was cut off comes with the next, whole', async () => {
    const MOST = 64 * 1024 * 1024
    const line = (second: number): string =>
      `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000000Z ${'x'.repeat(999_970)}`
    const all = Array.from({ length: 80 }, (_, second) => line(second))
    const cut = (text: string) => (_: unknown, response: ServerResponse) => void response.end(text.slice(0, MOST))
    server.answers(cut(all.join('\n')), cut(all.slice(66).join('\n')))
    const read = await follow()
    expect(read).toEqual(all.map((one) => one.slice(one.indexOf(' ') + 1)))
    expect(server.asked.map(({ query }) => query.get('limitBytes'))).toEqual([String(MOST), String(MOST)])
  })
})

describe('predictions', () => {
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app', namespace: 'api' },
    spec: { replicas: 2 },
  }
  const apply = { mode: 'apply', force: false } as const
  const invalid = (field: string, message: string): unknown => ({
    causes: [{ reason: 'FieldValueInvalid', field, message }],
  })

  test('server-side apply goes as helm, and stores nothing', async () => {
    server.answer(({ body }, response) => json(response, 200, JSON.parse(body)))
    expect(await cluster.predict(deployment, apply, signal)).toEqual({ kind: 'predicted', object: deployment })
    expect(Object.fromEntries(server.asked[0]?.query ?? [])).toMatchObject({
      dryRun: 'All',
      fieldManager: 'helm',
      force: 'false',
    })
    expect(server.asked[0]?.headers['content-type']).toBe('application/apply-patch+yaml')
  })

  test('a conflict names field and manager, and what force would do', async () => {
    const causes = [
      {
        reason: 'FieldManagerConflict',
        field: '.spec.replicas',
        message: 'conflict with "kubectl" with subresource "scale" using apps/v1',
      },
    ]
    server.answers(status(409, 'Conflict', 'Apply failed', { causes }), ok(deployment))
    expect(await cluster.predict(deployment, apply, signal)).toEqual({
      kind: 'conflict',
      conflicts: [{ field: '.spec.replicas', manager: 'kubectl' }],
      object: deployment,
    })
    expect(server.asked[1]?.query.get('force')).toBe('true')
  })

  test.each<[string, number, string, unknown, unknown]>([
    [
      'selector',
      422,
      'x',
      invalid('spec.selector', 'Invalid value: {"a":{"b":1}}: field is immutable'),
      { kind: 'immutable', message: 'spec.selector: field is immutable', fields: ['spec.selector'] },
    ],
    [
      'StatefulSet',
      422,
      'x',
      invalid(
        'spec',
        "Forbidden: updates to statefulset spec for fields other than 'replicas', 'template' are forbidden",
      ),
      { kind: 'immutable', fields: ['spec'] },
    ],
    [
      'a wrong value',
      422,
      'x',
      invalid('spec.replicas', 'Invalid value: -1: must be greater than or equal to 0'),
      { kind: 'invalid', message: 'spec.replicas: must be greater than or equal to 0' },
    ],
    [
      'an unknown field',
      400,
      'strict decoding error: unknown field "spec.foo"',
      {},
      { kind: 'invalid', message: 'strict decoding error: unknown field "spec.foo"' },
    ],
    [
      'no namespace yet',
      404,
      'namespaces "api" not found',
      {},
      { kind: 'not-checked', why: 'the namespace does not exist yet' },
    ],
    [
      'may not patch',
      403,
      'deployments.apps "app" is forbidden: User "ops" cannot patch resource',
      {},
      { kind: 'not-checked', why: 'the user may not patch it' },
    ],
    [
      'policy',
      403,
      'admission webhook "x" denied the request: no',
      {},
      { kind: 'invalid', message: 'admission webhook "x" denied the request: no' },
    ],
    [
      'a webhook without dry run',
      400,
      'admission webhook "x" does not support dry run',
      {},
      { kind: 'not-checked', why: 'admission webhook "x" does not support dry run' },
    ],
  ])('%s', async (_, code, message, details, expected) => {
    server.answer(status(code, 'Invalid', message, details))
    expect(await cluster.predict(deployment, apply, signal)).toMatchObject(expected as Record<string, unknown>)
  })
})
