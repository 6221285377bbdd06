import { describe, expect, test } from '@jest/globals'
import type { KubeObject, ManagedFields } from '../../src/domain/kube.ts'
import { createJudge } from '../../src/domain/readiness/judge.ts'
import { createObjectCache } from '../../src/domain/readiness/object-cache.ts'
import type { Target } from '../../src/domain/readiness/model.ts'
import { unansweredSince } from '../../src/domain/readiness/spec-write.ts'
import { tellAged } from '../../src/flows/observe/past.ts'
import { keyOf } from '../../src/domain/kube.ts'
import { custom, NAMESPACE } from './readiness-objects.ts'

const at = (second: number): string => `2026-11-28T10:00:${String(second).padStart(2, '0')}Z`
const spec = (second: number): ManagedFields => ({
  manager: 'kustomize-controller',
  operation: 'Apply',
  time: at(second),
})
const status = (second: number): ManagedFields => ({ ...spec(second), manager: 'manager', subresource: 'status' })
const DB: Target = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: 'db' }
const HEALTHY = { phase: 'Cluster in healthy state', readyInstances: 1, instances: 1 }

function cluster(managedFields: readonly ManagedFields[], generation = 2, said: object = HEALTHY): KubeObject {
  const made = custom({ spec: { instances: 1 }, status: said }, generation)
  const metadata = { ...made.metadata, name: 'db', creationTimestamp: at(0), managedFields }
  return { ...made, apiVersion: DB.apiVersion, kind: DB.kind, metadata }
}

describe('since when nobody has answered to a spec', () => {
  test.each<[string, KubeObject, number | undefined]>([
    ['the status is older', cluster([status(1), spec(20)]), Date.parse(at(20))],
    ['of the same second, which tells nothing', cluster([status(20), spec(20)]), Date.parse(at(20))],
    ['nobody has written a status', cluster([spec(20)]), Date.parse(at(20))],
    ['the status is younger', cluster([spec(20), status(21)]), undefined],
    ['the newest of several counts', cluster([spec(3), status(1), spec(20), status(21)]), undefined],
    ['its first spec', cluster([status(1), spec(20)], 1), undefined],
    [
      'the status says of which spec it is',
      cluster([status(1), spec(20)], 2, { ...HEALTHY, observedGeneration: 1 }),
      undefined,
    ],
    ['nobody noted who wrote', cluster([]), undefined],
  ])('%s', (_, object, since) => {
    expect(unansweredSince(object)).toBe(since)
  })
})

describe('what others have written before anybody watched', () => {
  function scene(object: KubeObject) {
    const cache = createObjectCache()
    const judge = createJudge({ cache, namespace: NAMESPACE, options: { isAllNew: true } })
    judge.watch([DB])
    const since = unansweredSince(object)
    const specs = new Map(since === undefined ? [] : [[keyOf(object), since]])
    tellAged([object], cache, { at: 1_000_000, now: Date.parse(at(22)), specs })
    judge.takeBaseline()
    judge.written([])
    return { cache, says: (ms: number) => judge.verdict(DB, 1_000_000 + ms) }
  }

  test('is not ready by the status of the spec before, until its operator has had its time', () => {
    const { says } = scene(cluster([status(1), spec(20)]))
    expect(says(0)).toMatchObject({ state: 'progressing' })
    expect(says(27_000)).toMatchObject({ state: 'progressing' })
    expect(says(28_500)).toMatchObject({
      state: 'ready',
      remark: expect.stringContaining('no status since its spec changed'),
    })
  })

  test('is ready by a status that came after it', () => {
    expect(scene(cluster([spec(20), status(21)])).says(0)).toMatchObject({ state: 'ready' })
  })
})
