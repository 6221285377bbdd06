import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { ServerResponse } from 'node:http'
import type { Connection } from '../../src/adapters/kubernetes/connect.ts'
import type { WatchedKind } from '../../src/domain/readiness/model.ts'
import type { WatchBatch } from '../../src/ports.ts'
import { ApiServer, json, reset, status, type Asked } from './kubernetes-server.ts'

const PODS: WatchedKind = { apiVersion: 'v1', kind: 'Pod' }
const EVENTS: WatchedKind = { apiVersion: 'v1', kind: 'Event', optional: true, fieldSelector: 'reason!=Pulled' }

let server: ApiServer
let cluster: Connection
let abort: AbortController

beforeEach(async () => {
  server = new ApiServer()
  abort = new AbortController()
  cluster = await server.connect()
})

afterEach(async () => {
  abort.abort()
  await cluster.close()
  await server.close()
})

const pod = (name: string, resourceVersion: string): Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'api', resourceVersion, uid: name, managedFields: [{ manager: 'x' }] },
})

const list = (response: ServerResponse, resourceVersion: string, ...items: unknown[]): void =>
  json(response, 200, { metadata: { resourceVersion }, items })

const frame = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`

const isWatch = ({ query }: Asked): boolean => query.get('watch') === 'true'

const watches = (): Asked[] => server.asked.filter(isWatch)

/** Real time for sockets, the fake clock for pauses. */
async function until(done: () => boolean, stepMs = 100): Promise<void> {
  for (let round = 0; round < 500 && !done(); round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 2))
    if (server.clock.pending > 0 && stepMs > 0) await server.clock.advance(stepMs)
  }
  if (!done()) throw new Error('it did not happen')
}

interface Told {
  readonly batches: WatchBatch[]
  readonly names: () => string[]
  readonly ended: Promise<void>
  failure: unknown
}

function watch(kinds: readonly WatchedKind[] = [PODS]): Told {
  const batches: WatchBatch[] = []
  const names = (): string[] =>
    batches.flatMap(({ events }) => events.map(({ type, object }) => `${type} ${object.metadata.name}`))
  const run = async (): Promise<void> => {
    for await (const batch of cluster.watch(kinds, 'api', abort.signal)) batches.push(batch)
  }
  const told: Told = {
    batches,
    names,
    failure: undefined,
    ended: run().catch((error: unknown) => void (told.failure = error)),
  }
  return told
}

describe('a watch', () => {
  test('lists, then goes on from there; the first batch holds all kinds; nobody sees managedFields', async () => {
    let answerEvents = (): void => undefined
    server.answer((asked, response) => {
      if (asked.path.endsWith('/events') && !isWatch(asked)) answerEvents = () => list(response, '9')
      else if (isWatch(asked)) response.writeHead(200).flushHeaders()
      else list(response, '7', pod('a', '1'))
    })
    const told = watch([PODS, EVENTS])
    await until(() => watches().length === 1)
    expect(told.batches).toEqual([])
    answerEvents()
    await until(() => watches().length === 2)
    expect(told.batches).toHaveLength(1)
    expect(told.batches[0]?.initial).toBe(true)
    expect(told.batches[0]?.events[0]?.object.metadata).toEqual({
      name: 'a',
      namespace: 'api',
      resourceVersion: '1',
      uid: 'a',
    })
    const queries = watches().map(({ query }) => [
      query.get('resourceVersion'),
      query.get('allowWatchBookmarks'),
      query.get('timeoutSeconds'),
      query.get('fieldSelector'),
    ])
    expect(queries).toEqual([
      ['7', 'true', '290', null],
      ['9', 'true', '290', 'reason!=Pulled'],
    ])
  })

  test('a spec that has not changed is kept once, however often the status does', async () => {
    const spec = (image: string) => ({ spec: { containers: [{ name: 'web', image }] } })
    const states = [
      { ...pod('a', '8'), ...spec('web:1'), status: { phase: 'Pending' } },
      { ...pod('a', '9'), ...spec('web:1'), status: { phase: 'Running' } },
      { ...pod('a', '10'), ...spec('web:2'), status: { phase: 'Running' } },
    ]
    server.answer((asked, response) => {
      if (!isWatch(asked)) return list(response, '7', { ...pod('a', '7'), ...spec('web:1'), status: {} })
      response.write(states.map((state) => frame('MODIFIED', state)).join(''))
    })
    const told = watch()
    await until(() => told.names().length === 4)
    const objects = told.batches.flatMap(({ events }) => events.map(({ object }) => object))
    expect(objects.map(({ status: now }) => now)).toEqual([{}, ...states.map(({ status: now }) => now)])
    expect(objects.map(({ spec: held }) => held)).toEqual([spec('web:1').spec, ...states.map(({ spec: sent }) => sent)])
    const [first, ...later] = objects.map(({ spec: held }) => held)
    expect(later.map((held) => held === first)).toEqual([true, true, false])
  })

  test('events that come together go out together', async () => {
    server.answer((asked, response) => {
      if (!isWatch(asked)) return list(response, '7', pod('a', '1'))
      response.write(
        Array.from({ length: 50 }, (_, index) => frame('ADDED', pod(`p${index}`, `${8 + index}`))).join(''),
      )
    })
    const told = watch()
    await until(() => told.names().length === 51)
    expect(told.batches.length).toBeLessThanOrEqual(4)
    expect(told.batches.map(({ initial }) => initial)).toEqual([true, ...told.batches.slice(1).map(() => false)])
  })

  test('a frame may be cut anywhere, also within a letter', async () => {
    const bytes = Buffer.from(frame('ADDED', pod('größe', '8')))
    server.answer((asked, response) => {
      if (!isWatch(asked)) return list(response, '7')
      for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7))
    })
    const told = watch()
    await until(() => told.names().length === 1)
    expect(told.names()).toEqual(['set größe'])
  })

  test('ended by the server, it goes on after the last bookmark, without a list', async () => {
    server.answer((asked, response) => {
      if (!isWatch(asked)) return list(response, '7', pod('a', '1'))
      if (watches().length === 1)
        response.end(
          frame('MODIFIED', pod('a', '8')) + frame('BOOKMARK', { kind: 'Pod', metadata: { resourceVersion: '20' } }),
        )
      else response.write(frame('DELETED', pod('a', '21')))
    })
    const told = watch()
    await until(() => told.names().length === 3)
    expect(told.names()).toEqual(['set a', 'set a', 'gone a'])
    expect(watches().map(({ query }) => query.get('resourceVersion'))).toEqual(['7', '20'])
    expect(server.asked).toHaveLength(3)
  })

  test.each<[string, (response: ServerResponse) => void]>([
    ['as a status', (response) => status(410, 'Expired')({} as Asked, response)],
    ['as an event', (response) => void response.end(frame('ERROR', { kind: 'Status', code: 410, reason: 'Expired' }))],
  ])('410 %s lists again: what vanished is gone, what changed is set, the rest is not repeated', async (_, expire) => {
    let lists = 0
    server.answer((asked, response) => {
      if (!isWatch(asked) && lists++ === 0) list(response, '7', pod('a', '1'), pod('b', '2'), pod('c', '3'))
      else if (!isWatch(asked)) list(response, '30', pod('a', '1'), pod('b', '29'))
      else if (watches().length === 1) expire(response)
      else response.writeHead(200).flushHeaders()
    })
    const told = watch()
    await until(() => watches().length === 2)
    expect(told.names()).toEqual(['set a', 'set b', 'set c', 'set b', 'gone c'])
    expect(watches()[1]?.query.get('resourceVersion')).toBe('30')
  })

  test.each<[string, (asked: Asked, response: ServerResponse) => void]>([
    ['reset', reset],
    ['503', status(503)],
    ['half a frame', (_, response) => void response.write('{"type":"ADD', () => response.destroy())],
  ])('%s: it comes back to where it was', async (_, fault) => {
    server.answer((asked, response) => {
      if (!isWatch(asked)) list(response, '7')
      else if (watches().length < 3) fault(asked, response)
      else response.write(frame('ADDED', pod('late', '8')))
    })
    const told = watch()
    await until(() => told.names().length === 1)
    expect(told.names()).toEqual(['set late'])
    expect(server.asked.filter((asked) => !isWatch(asked))).toHaveLength(1)
  })

  test('a silent connection is left after 90 s; Events, which get no bookmarks, do not raise the alarm', async () => {
    server.answer((asked, response) => {
      if (!isWatch(asked)) list(response, '7')
      else response.writeHead(200).flushHeaders()
    })
    const told = watch([PODS, EVENTS])
    await until(() => watches().length === 2, 0)
    await until(() => server.clock.pending === 1, 0)
    await server.clock.advance(89_000)
    expect(watches()).toHaveLength(2)
    await server.clock.advance(1_000)
    await until(() => watches().length === 4, 0)
    expect(told.failure).toBeUndefined()
  })

  test('bookmarks keep it alive', async () => {
    let open: ServerResponse | undefined
    server.answer((asked, response) => {
      if (!isWatch(asked)) return list(response, '7')
      open = response
      response.writeHead(200).flushHeaders()
    })
    watch()
    await until(() => server.clock.pending === 1, 0)
    for (let minute = 0; minute < 5; minute += 1) {
      await server.clock.advance(60_000)
      open?.write(frame('BOOKMARK', { metadata: { resourceVersion: `${minute + 8}` } }))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(watches()).toHaveLength(1)
  })

  test('what cannot be seen is told: blind once for all kinds, and no more once all are followed again', async () => {
    let isAway = false
    server.answer((asked, response) => {
      if (isAway) reset(asked, response)
      else if (isWatch(asked)) response.writeHead(200).flushHeaders()
      else list(response, '7')
    })
    const told = watch([PODS, { ...PODS, kind: 'Service' }])
    await until(() => watches().length === 2, 0)
    isAway = true
    server.dropConnections()
    await until(() => told.batches.length === 2)
    isAway = false
    await until(() => told.batches.length === 3)
    expect(told.batches.slice(1)).toEqual([
      { initial: false, events: [], blind: true },
      { initial: false, events: [], blind: false },
    ])
  })

  test('a cluster that stays away for 30 s is an error', async () => {
    server.answer((asked, response) => {
      if (!isWatch(asked)) return list(response, '7')
      reset(asked, response)
    })
    const told = watch()
    await until(() => told.failure !== undefined, 500)
    expect(told.failure).toMatchObject({ code: 'E_CLUSTER_UNREACHABLE', exitStatus: 7 })
    expect(server.clock.monotonic()).toBeGreaterThanOrEqual(31_000)
    expect(server.asked.length).toBeLessThan(60)
  })

  test('a first list that is refused is an error at once; an optional kind is left out', async () => {
    server.answer((asked, response) => {
      if (asked.path.endsWith('/events'))
        status(403, 'Forbidden', 'User "ops" cannot list resource "events"')(asked, response)
      else if (isWatch(asked)) response.writeHead(200).flushHeaders()
      else list(response, '7', pod('a', '1'))
    })
    const told = watch([PODS, EVENTS])
    await until(() => told.batches.length === 1)
    expect(told.names()).toEqual(['set a'])
    abort.abort()
    await told.ended
    abort = new AbortController()
    const strict = watch([PODS, { ...EVENTS, optional: false }])
    await strict.ended
    expect(strict.failure).toMatchObject({ code: 'E_FORBIDDEN', message: 'ops may not list events in namespace api' })
  })

  test('an abort ends it without an error, and leaves no timer and no watch behind', async () => {
    let closed = 0
    server.answer((asked, response) => {
      response.on('close', () => (closed += isWatch(asked) ? 1 : 0))
      if (!isWatch(asked)) list(response, '7')
      else response.writeHead(200).flushHeaders()
    })
    const told = watch([PODS, EVENTS])
    await until(() => watches().length === 2, 0)
    abort.abort()
    await told.ended
    expect(told.failure).toBeUndefined()
    await until(() => closed === 2 && server.clock.pending === 0, 0)
  })
})
