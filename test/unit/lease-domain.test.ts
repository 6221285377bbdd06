import { describe, expect, test } from '@jest/globals'
import { changeOf, claimed, released, renewed } from '../../src/domain/lease/lease.ts'
import type { Lease } from '../../src/domain/lease/model.ts'
import { describeHolder } from '../../src/domain/lease/refusal.ts'

const scope = { project: 'api-forge', namespace: 'prod' }
const alice = { identity: 'alice@laptop', pid: 4711, command: 'forge deploy --env prod' }
const ops = { identity: 'ops@ci', pid: 12, command: 'forge deploy --env prod --yes' }

describe('what an observer learns', () => {
  const base: Lease = {
    ...claimed(undefined, scope, alice, 0),
    metadata: { ...claimed(undefined, scope, alice, 0).metadata, uid: 'u', resourceVersion: '10' },
  }
  const at = (lease: Lease, resourceVersion: string): Lease => ({
    ...lease,
    metadata: { ...lease.metadata, resourceVersion },
  })
  test.each([
    ['the same version', base, base, 'same'],
    ['an older one, from a cache', base, at(renewed(base, 5), '9'), 'same'],
    ['a renewal', base, at(renewed(base, 5), '11'), 'alive'],
    ['an edit', base, at(base, '11'), 'touched'],
    ['another holder', base, at(claimed(base, scope, ops, 5), '11'), 'alive'],
    ['the same user again', base, at(claimed(base, scope, alice, 5), '11'), 'alive'],
    ['a release', base, at(released(base, 5), '11'), 'free'],
    ['one where there was none', undefined, base, 'alive'],
  ] as const)('%s', (_, before, after, change) => expect(changeOf(before, after)).toBe(change))
})

test.each([
  ['of today', '2026-11-03T11:00:00.000000Z', 'x@y since 11:00:00 UTC (60 min ago)'],
  ['of yesterday', '2026-11-02T11:00:00.000000Z', 'x@y since 2026-11-02 11:00:00 UTC (25 h ago)'],
  ['of a clock that is ahead', '2026-11-03T12:00:05.000000Z', 'x@y since 12:00:05 UTC'],
  ['unknown', undefined, 'x@y'],
])('a holder with a start %s', (_, since, text) => {
  const holder = { identity: 'x@y', pid: undefined, command: undefined, since, renewed: undefined, deploy: undefined }
  expect(describeHolder(holder, Date.parse('2026-11-03T12:00:00Z'))).toBe(text)
})
