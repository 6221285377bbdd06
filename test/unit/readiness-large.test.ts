import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import type { ObjectEvent, Target } from '../../src/domain/readiness/model.ts'
import { createObjectCache } from '../../src/domain/readiness/object-cache.ts'
import { APP, deployment, event, gone, pod, replicaSet, set } from './readiness-objects.ts'
import { Deploy } from './readiness-scene.ts'

const WORKLOADS = 300
const PODS_EACH = 3

const nameOf = (index: number): string => `w${index}`
const targets: Target[] = Array.from({ length: WORKLOADS }, (_, index) => ({ ...APP, name: nameOf(index) }))

const workload = (index: number): KubeObject =>
  deployment({ name: nameOf(index), replicas: PODS_EACH, status: { availableReplicas: 0, readyReplicas: 0 } })
const podOf = (index: number, number: number, ready: boolean): KubeObject =>
  pod({ name: `${nameOf(index)}-${number}`, owner: ['ReplicaSet', `${nameOf(index)}-r1`], ready })

const everything = (): ObjectEvent[] =>
  targets.flatMap((_, index) => [
    ...set(workload(index), replicaSet(1, { owner: nameOf(index), replicas: PODS_EACH })),
    ...Array.from({ length: PODS_EACH }, (__, number) => set(podOf(index, number, false))).flat(),
  ])

describe('300 workloads, 900 pods', () => {
  test('an event costs one judgement, of the workload that it is about', () => {
    const deploy = new Deploy(targets).begin().see(everything()).helmExits()
    for (const target of deploy.judge.dirty(0)) deploy.verdict(target)
    expect(deploy.judge.judged).toBe(WORKLOADS)
    let states = 0
    for (let at = 1; at <= 5_000; at += 1) {
      deploy.see(set(podOf(at % WORKLOADS, at % PODS_EACH, at % 2 === 0)), at)
      const dirty = deploy.judge.dirty(at)
      expect(dirty).toEqual([targets[at % WORKLOADS]])
      for (const target of dirty) deploy.verdict(target, at)
      // What a flow asks for all of them after each event comes from memory.
      states += targets.filter((target) => deploy.judge.verdict(target, at).state === 'progressing').length
    }
    expect(states).toBe(5_000 * WORKLOADS)
    expect(deploy.judge.judged).toBe(WORKLOADS + 5_000)
  })

  test('Events and the baseline judge what they concern', () => {
    const deploy = new Deploy(targets).begin().see(everything()).helmExits()
    for (const target of deploy.judge.dirty(0)) deploy.verdict(target)
    deploy.see(set(event(podOf(7, 0, false), 'Unhealthy', 'Readiness probe failed: no')))
    expect(deploy.judge.dirty(0)).toEqual([targets[7]])
    deploy.see(
      set(event(podOf(7, 0, false), 'Pulled', 'Successfully pulled image'), {
        ...event(workload(1), 'ScalingReplicaSet', 'Scaled up'),
      }),
    )
    expect(deploy.judge.dirty(0)).toEqual([])
    deploy.helmExits()
    expect(deploy.judge.dirty(0)).toHaveLength(WORKLOADS)
  })
})

describe('the object cache', () => {
  test('is the same whatever order the watches deliver in', () => {
    const deploy = new Deploy([APP])
      .begin()
      .see(set(pod(), replicaSet(), deployment()))
      .helmExits()
    expect(deploy.says(APP)).toBe('ready 1/1')
  })

  test('forgets what is gone, and what an object of the same name was', () => {
    const cache = createObjectCache()
    cache.apply(set(deployment(), replicaSet(), pod()), 0)
    cache.apply(gone(pod()), 1)
    expect(cache.size).toBe(2)
    expect(cache.get({ apiVersion: 'v1', kind: 'Pod', namespace: 'prod', name: 'app-r1-x' })).toBeUndefined()
    cache.apply(set(deployment({ uid: 'second' })), 2)
    expect(cache.ownedBy('second', 'ReplicaSet')).toEqual([])
    cache.apply(gone(pod()), 3)
    expect(cache.size).toBe(2)
  })

  test('keeps no Events of objects that are gone', () => {
    const cache = createObjectCache()
    const warning = event(pod(), 'Unhealthy', 'no')
    cache.apply([...set(pod(), warning), ...gone(warning)], 0)
    expect(cache.notesOn('Pod/app-r1-x')).toEqual([])
    cache.apply([...set(event(pod(), 'Unhealthy', 'no')), ...gone(pod())], 1)
    expect(cache.notesOn('Pod/app-r1-x')).toEqual([])
  })
})
