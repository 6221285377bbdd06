import { afterEach, describe, expect, test } from '@jest/globals'
import { holderOf } from '../../src/domain/lease/lease.ts'
import { settled } from '../support/fake-clock.ts'
import { alice, failure, LeaseScene, ops, ref, never } from '../support/lease-scene.ts'
import { again } from '../../src/hint.ts'

let scene = new LeaseScene()
afterEach(async () => {
  await Promise.all(scene.held.map(async (lease) => await lease.release()))
  scene = new LeaseScene()
})

describe('a free lock', () => {
  test('that never was: one read and one create', async () => {
    await scene.acquire()
    expect(scene.api.requests).toEqual(['get forge-api-forge', 'create forge-api-forge'])
    expect(scene.lease).toMatchObject({
      apiVersion: 'coordination.k8s.io/v1',
      metadata: { labels: { 'forge.api-forge.io/project': 'api-forge' } },
      spec: {
        holderIdentity: 'ops@ci',
        leaseDurationSeconds: 15,
        leaseTransitions: 1,
        renewTime: '2026-11-03T12:00:00.000000Z',
      },
    })
  })

  test('that was released: one read and one write, and the deploy number is still known', async () => {
    const first = await scene.acquire()
    await first.deploy(41)
    await first.release()
    expect(holderOf(scene.lease)).toBeUndefined()
    scene.api.requests.length = 0
    const second = await scene.acquire(alice)
    expect(scene.api.requests).toEqual(['get forge-api-forge', 'replace forge-api-forge'])
    expect(second.lastDeploy).toBe(41)
    expect(holderOf(scene.lease)?.deploy).toBeUndefined()
    expect(scene.lease?.spec?.leaseTransitions).toBe(2)
  })

  test('release is one write, ends the renewals and leaves no timer', async () => {
    const lease = await scene.acquire()
    scene.api.requests.length = 0
    await lease.release()
    await lease.release()
    await scene.clock.advance(60_000)
    expect(scene.api.requests).toEqual(['replace forge-api-forge'])
    expect(scene.clock.pending).toBe(0)
    expect(lease.signal.aborted).toBe(false)
  })

  test('two at once: one gets it, the other is refused', async () => {
    const results = await Promise.allSettled([scene.acquire(ops), scene.acquire(alice)])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await settled()
    expect(scene.api.watchers).toBe(0)
  })
})

describe('a lock that is held', () => {
  test('a renewal is refused at once, with who, since when, which command and what to do', async () => {
    scene.lockedBy()
    await scene.clock.advance(240_000)
    const refused = failure(scene.acquire())
    await scene.clock.advance(3_000)
    scene.renew()
    const error = await refused
    expect(error.code).toBe('E_LOCKED')
    expect(error.exitStatus).toBe(6)
    expect(error.message).toBe(
      'alice@laptop holds the lock since 12:00:00 UTC (4 min ago) and renews it; wait for its end, then run the command again',
    )
    expect(error.details.chain).toEqual([
      'Lease/forge-api-forge',
      'alice@laptop runs forge deploy --env prod, pid 4711',
    ])
    expect(error.hint).toEqual(again())
    expect(scene.api.requests).toEqual(['get forge-api-forge', 'watch Lease'])
    await settled()
    expect(scene.api.watchers).toBe(0)
    expect(scene.clock.pending).toBe(0)
  })

  test('dead: taken over after 15 s without a change, and said so', async () => {
    scene.lockedBy()
    const acquired = scene.acquire()
    await scene.clock.advance(14_999)
    expect(scene.lease?.spec?.holderIdentity).toBe('alice@laptop')
    await scene.clock.advance(1)
    const lease = await acquired
    expect(lease.takenFrom).toMatchObject({ identity: 'alice@laptop', pid: 4711 })
    expect(scene.lease?.spec?.holderIdentity).toBe('ops@ci')
    expect(scene.notes.at(-1)).toBe(
      'took the lock over: no sign of life for 15 s from alice@laptop since 12:00:00 UTC (15 s ago): forge deploy --env prod (pid 4711)',
    )
    expect(scene.api.requests).toEqual(['get forge-api-forge', 'watch Lease', 'replace forge-api-forge'])
  })

  test('its age does not matter: the times in it are written by another clock', async () => {
    scene.lockedBy()
    await scene.clock.advance(3_600_000)
    const refused = failure(scene.acquire())
    await scene.clock.advance(14_000)
    scene.renew()
    expect((await refused).code).toBe('E_LOCKED')
  })

  test('--wait-for-lock: a holder that lives is waited for, and the lock is taken the moment it is free', async () => {
    const held = await scene.acquire(alice)
    const acquired = scene.acquire(ops, never, 300_000)
    await scene.clock.advance(60_000)
    expect(scene.notes.filter((note) => note.startsWith('waiting'))).toEqual([
      'waiting for the lock, up to 5m in all: alice@laptop since 12:00:00 UTC (5 s ago): forge deploy --env prod (pid 4711)',
    ])
    await held.release()
    await acquired
    expect(scene.clock.monotonic()).toBe(61_000)
  })

  test('--wait-for-lock: after its time a holder that lives is E_LOCKED; one that dies meanwhile is taken over', async () => {
    const held = await scene.acquire(alice)
    const refused = failure(scene.acquire(ops, never, 62_000))
    await scene.clock.advance(61_999)
    expect(scene.lease?.spec?.holderIdentity).toBe('alice@laptop')
    await scene.clock.advance(1)
    expect((await refused).code).toBe('E_LOCKED')
    await held.release()

    scene.lockedBy()
    const acquired = scene.acquire(ops, never, 300_000)
    await scene.clock.advance(3_000)
    scene.renew()
    await scene.clock.advance(15_000)
    expect((await acquired).takenFrom?.identity).toBe('alice@laptop')
  })

  test('released: taken at once', async () => {
    const held = await scene.acquire(alice)
    const acquired = scene.acquire()
    await scene.clock.advance(2_000)
    await held.release()
    const lease = await acquired
    expect(lease.takenFrom).toBeUndefined()
    expect(scene.clock.monotonic()).toBe(3_000)
  })

  test('deleted: made anew at once', async () => {
    scene.lockedBy()
    const acquired = scene.acquire()
    await scene.clock.advance(1_000)
    scene.api.remove(ref)
    await acquired
    expect(scene.lease?.spec?.holderIdentity).toBe('ops@ci')
  })

  test('an edit by somebody is no sign of life, but starts the 15 s again', async () => {
    const lease = scene.lockedBy()
    const acquired = scene.acquire()
    await scene.clock.advance(10_000)
    scene.api.put({ ...lease, metadata: { ...lease.metadata, labels: { seen: 'yes' } } })
    await scene.clock.advance(14_999)
    expect(scene.lease?.spec?.holderIdentity).toBe('alice@laptop')
    await scene.clock.advance(1)
    await acquired
    expect(scene.lease?.metadata.labels).toMatchObject({ seen: 'yes' })
  })

  test('a watch that is stuck does not kill a living holder: the write is refused, then it is looked at', async () => {
    scene.lockedBy()
    const refused = failure(scene.acquire())
    await settled()
    scene.api.watchesStuck = true
    await scene.clock.advance(10_000)
    scene.renew()
    await scene.clock.advance(5_000)
    expect((await refused).code).toBe('E_LOCKED')
    expect(scene.lease?.spec?.holderIdentity).toBe('alice@laptop')
  })

  test('another one takes it over first: that one lives', async () => {
    scene.lockedBy()
    const refused = failure(scene.acquire())
    await scene.clock.advance(14_000)
    scene.lockedBy({ ...alice, identity: 'bob@desk' })
    const error = await refused
    expect(error.message).toContain('bob@desk holds the lock')
  })

  test('Ctrl-C ends the waiting', async () => {
    scene.lockedBy()
    const stop = new AbortController()
    const waiting = scene.acquire(ops, stop.signal).catch((error: unknown) => error)
    await scene.clock.advance(1_000)
    stop.abort(new Error('stopped'))
    await expect(waiting).resolves.toEqual(new Error('stopped'))
    expect(scene.clock.pending).toBe(0)
  })
})
