import { afterEach, describe, expect, test } from '@jest/globals'
import { holderOf, released } from '../../src/domain/lease/lease.ts'
import { failure, LeaseScene, never, ops, ref } from '../support/lease-scene.ts'

let scene = new LeaseScene()
afterEach(async () => {
  await Promise.all(scene.held.map(async (lease) => await lease.release()))
  scene = new LeaseScene()
})

describe('holding', () => {
  test('renews every 5 s with one write', async () => {
    await scene.acquire()
    scene.api.requests.length = 0
    await scene.clock.advance(20_000)
    expect(scene.api.requests).toEqual(Array.from({ length: 4 }, () => 'replace forge-api-forge'))
    expect(scene.lease?.spec?.renewTime).toBe('2026-11-03T12:00:20.000000Z')
  })

  test('goes on after the signal of the run: a rollback needs the lock', async () => {
    const stop = new AbortController()
    const lease = await scene.acquire(ops, stop.signal)
    stop.abort(new Error('Ctrl-C'))
    await scene.clock.advance(30_000)
    expect(lease.signal.aborted).toBe(false)
    expect(scene.lease?.spec?.renewTime).toBe('2026-11-03T12:00:30.000000Z')
  })

  test('an edit by somebody is not a loss', async () => {
    const lease = await scene.acquire()
    if (scene.lease !== undefined)
      scene.api.put({ ...scene.lease, metadata: { ...scene.lease.metadata, labels: { seen: 'yes' } } })
    await scene.clock.advance(5_000)
    expect(lease.signal.aborted).toBe(false)
    expect(scene.lease?.metadata.labels).toEqual({ seen: 'yes' })
  })

  test('an answer that got lost is not a loss', async () => {
    const lease = await scene.acquire()
    scene.api.refuse('replace', new Error('connection reset'), { after: true })
    await scene.clock.advance(6_000)
    expect(lease.signal.aborted).toBe(false)
    expect(scene.lease?.spec?.renewTime).toBe('2026-11-03T12:00:06.000000Z')
  })

  test.each([
    [
      'taken by another',
      () => void scene.lockedBy(),
      'taken over by alice@laptop since 12:00:02 UTC (3 s ago): forge deploy --env prod (pid 4711)',
    ],
    ['deleted', () => void scene.api.remove(ref), 'somebody deleted it'],
    [
      'cleared',
      () => scene.lease !== undefined && void scene.api.put(released(scene.lease, scene.clock.now())),
      'somebody cleared its holder',
    ],
  ])('%s: lost at the next renewal', async (_, change, why) => {
    const lease = await scene.acquire()
    await scene.clock.advance(2_000)
    change()
    await scene.clock.advance(3_000)
    expect(lease.signal.aborted).toBe(true)
    expect(lease.signal.reason).toMatchObject({ code: 'E_LOCK_LOST', message: `the lock of this run is lost: ${why}` })
    scene.api.requests.length = 0
    await lease.release()
    await scene.clock.advance(60_000)
    expect(scene.api.requests).toEqual([])
  })

  test('an API server that is away for 20 s is borne, one that is away for 30 s is not', async () => {
    const lease = await scene.acquire()
    for (let n = 0; n < 15; n++) scene.api.refuse('replace', new Error('no route to host'))
    await scene.clock.advance(20_000)
    expect(lease.signal.aborted).toBe(false)
    for (let n = 0; n < 100; n++) scene.api.refuse('replace', new Error('no route to host'))
    await scene.clock.advance(40_000)
    expect((lease.signal.reason as Error).message).toBe(
      'the lock of this run is lost: it could not be renewed for 30 s: no route to host',
    )
  })

  test('confirm costs nothing while the proof is fresh, else one write', async () => {
    const lease = await scene.acquire()
    scene.api.requests.length = 0
    await lease.confirm(never)
    expect(scene.api.requests).toEqual([])
    for (let n = 0; n < 6; n++) scene.api.refuse('replace', new Error('no route to host'))
    await scene.clock.advance(10_500)
    scene.api.requests.length = 0
    await lease.confirm(never)
    expect(scene.api.requests).toEqual(['replace forge-api-forge'])
  })

  test('confirm trusts no proof that is old by the wall clock: the monotonic one stands still while a machine sleeps', async () => {
    const lease = await scene.acquire()
    scene.api.requests.length = 0
    scene.clock.sleep(3_600_000)
    await lease.confirm(never)
    expect(scene.api.requests).toEqual(['replace forge-api-forge'])
  })

  test('deploy notes the number and is refused when the lock is gone', async () => {
    const lease = await scene.acquire()
    await lease.deploy(42)
    expect(holderOf(scene.lease)).toMatchObject({ deploy: 42 })
    scene.lockedBy()
    expect((await failure(lease.deploy(43))).code).toBe('E_LOCK_LOST')
    expect(holderOf(scene.lease)).toMatchObject({ identity: 'alice@laptop' })
  })

  test.each([
    ['refused', false],
    ['done, and its answer lost', true],
  ])('a release that is %s is tried again', async (_, after) => {
    const lease = await scene.acquire()
    scene.api.refuse('replace', new Error('500'), { after })
    const released = lease.release()
    await scene.clock.advance(1_000)
    await released
    expect(holderOf(scene.lease)).toBeUndefined()
    expect(lease.signal.aborted).toBe(false)
    expect(scene.clock.pending).toBe(0)
  })

  test('a release that the API server does not answer ends after 3 s', async () => {
    const lease = await scene.acquire()
    const hang = scene.api.replace.bind(scene.api)
    scene.api.replace = async () => await new Promise<never>(() => undefined)
    const released = lease.release()
    await scene.clock.advance(3_000)
    await released
    scene.api.replace = hang
    expect(scene.clock.pending).toBe(0)
  })
})
