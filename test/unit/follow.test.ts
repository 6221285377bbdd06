import { describe, expect, jest, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { createJudge } from '../../src/domain/readiness/judge.ts'
import { createObjectCache } from '../../src/domain/readiness/object-cache.ts'
import { detailText } from '../../src/screen/detail.ts'
import { Follower } from '../../src/flows/follow.ts'
import { expectationsOf } from '../../src/flows/prove/expectations.ts'
import { FakeApi } from '../support/fake-api.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { deployment, NAMESPACE, pod, replicaSet, waiting } from './readiness-objects.ts'

const MINUTE = 60_000
// Nothing here waits for real time.
jest.setTimeout(5000)

/** Two stages, `first` waits for Deployment/one and `second` for Deployment/two. */
class Scene {
  readonly api = new FakeApi()
  readonly clock = new FakeClock()
  readonly seen: string[] = []
  readonly follower: Follower

  constructor(before: readonly KubeObject[] = []) {
    for (const object of before) this.api.put(object)
    const cache = createObjectCache()
    const judge = createJudge({ cache, namespace: NAMESPACE, options: {} })
    const stages = ['one', 'two'].map((name, at) => ({
      name: at === 0 ? 'first' : 'second',
      timeoutMs: (at + 1) * MINUTE,
      targets: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, namespace: NAMESPACE }],
    }))
    this.follower = new Follower(
      { cluster: this.api, clock: this.clock, judge, cache },
      stages,
      NAMESPACE,
      new AbortController().signal,
    )
  }

  /** What the stages end with, in the order in which they do. */
  async ends(): Promise<string[]> {
    const ends: string[] = []
    const follow = async (name: string): Promise<void> => {
      const end = await this.follower.stage(name, (stage) => this.seen.push(`${name}: ${detailText({ stage })}`))
      ends.push(`${name} ${end.state}${end.state === 'failed' ? ` ${end.failed.failure.code}` : ''}`)
    }
    await Promise.all([follow('first'), follow('second')])
    await this.follower.close()
    return ends
  }

  helmExits(): void {
    this.follower.released(
      expectationsOf(
        ['one', 'two'].flatMap(
          (name) => this.api.see({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: NAMESPACE, name }) ?? [],
        ),
      ),
    )
  }
}

const placed = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, namespace: NAMESPACE },
})
const ready = (name: string, generation = 1): KubeObject[] => [
  placed(deployment({ name, generation })),
  placed(replicaSet(1, { owner: name })),
  placed(pod({ name: `${name}-r1-x`, owner: ['ReplicaSet', `${name}-r1`] })),
]
const rolling = (name: string): KubeObject =>
  placed(deployment({ name, generation: 2, status: { updatedReplicas: 0, availableReplicas: 0 } }))
const unpullable = (name: string): KubeObject[] => [
  placed(replicaSet(1, { owner: name })),
  placed(
    pod({
      name: `${name}-r1-x`,
      owner: ['ReplicaSet', `${name}-r1`],
      ready: false,
      phase: 'Pending',
      containers: [waiting('ImagePullBackOff', 'Back-off pulling image "r.invalid/x": not found')],
    }),
  ),
]

describe('stages', () => {
  test('become ready in order, and not before helm has exited', async () => {
    const scene = new Scene()
    await scene.follower.open
    const ends = scene.ends()
    for (const object of [...ready('one'), ...ready('two')]) scene.api.put(object)
    await scene.clock.advance(1000)
    expect(scene.seen.filter((line) => line.includes('1/1'))).toEqual([])

    scene.helmExits()

    expect(await ends).toEqual(['first ready', 'second ready'])
  })

  test('time in which nobody can see the cluster ends no stage; afterwards the rest of its time is left', async () => {
    const scene = new Scene([...ready('one'), ...ready('two')])
    await scene.follower.open
    const ends = scene.ends()
    scene.api.put(rolling('one'))
    scene.helmExits()
    await scene.clock.advance(MINUTE - 1_000)

    scene.api.blind(true)
    await scene.clock.advance(20_000)
    expect(scene.clock.pending).toBe(0)
    expect(scene.seen.at(-1)).toContain('the API server does not answer')
    scene.api.blind(false)
    await scene.clock.advance(900)
    expect(scene.seen.at(-1)).not.toContain('the API server does not answer')
    await scene.clock.advance(200)

    expect(await ends).toEqual(['first failed E_STAGE_TIMEOUT', 'second left'])
  })

  test('a failure in the second ends the deploy while the first still waits', async () => {
    const scene = new Scene()
    await scene.follower.open
    const ends = scene.ends()
    scene.api.put(rolling('one'))
    scene.api.put(rolling('two'))
    scene.helmExits()

    for (const object of unpullable('two')) scene.api.put(object)

    expect(await ends).toEqual(['first left', 'second failed E_IMAGE_PULL'])
  })

  test('what is ready when another stage fails is told as ready', async () => {
    const scene = new Scene()
    await scene.follower.open
    for (const object of [...ready('one'), rolling('two')]) scene.api.put(object)
    for (const object of unpullable('two')) scene.api.put(object)
    const failed = await scene.follower.failed
    expect(failed.failure.code).toBe('E_IMAGE_PULL')

    scene.helmExits()

    expect(await scene.ends()).toEqual(['first ready', 'second failed E_IMAGE_PULL'])
  })

  test('have time from the moment when the stages before them are ready', async () => {
    const scene = new Scene()
    await scene.follower.open
    const ends = scene.ends()
    scene.api.put(rolling('one'))
    scene.api.put(rolling('two'))
    scene.helmExits()
    await scene.clock.advance(MINUTE - 1000)
    for (const object of ready('one', 2)) scene.api.put(object)
    await scene.clock.advance(2 * MINUTE - 1000)
    expect(scene.seen.at(-1)).toMatch(/^second: /u)

    await scene.clock.advance(2000)

    expect(await ends).toEqual(['first ready', 'second failed E_STAGE_TIMEOUT'])
  })

  test('leave no timer and no watch behind', async () => {
    const scene = new Scene()
    await scene.follower.open
    const ends = scene.ends()
    for (const object of [...ready('one'), ...ready('two')]) scene.api.put(object)
    scene.helmExits()
    await ends
    expect({ timers: scene.clock.pending, watches: scene.api.watchers }).toEqual({ timers: 0, watches: 0 })
  })
})

describe('what is followed beside the stages', () => {
  const HOOK = { apiVersion: 'v1', kind: 'Pod', name: 'smoke', namespace: NAMESPACE }
  const beside = { name: 'upgrade', timeoutMs: Number.POSITIVE_INFINITY, targets: [HOOK] }
  const broken = {
    phase: 'Failed',
    ready: false,
    containers: [{ name: 'app', state: { terminated: { exitCode: 1 } } }],
  }
  const hook = (metadata: object): KubeObject => placed(pod({ ...broken, name: 'smoke', metadata: { ...metadata } }))

  test('is told when it is left: no stage would tell that it failed', async () => {
    const scene = new Scene()
    await scene.follower.open
    const { leave } = scene.follower.alongside(beside)
    scene.api.put(hook({}))
    expect((await scene.follower.failed).failure.code).toBe('E_JOB_FAILED')
    expect(leave()?.failure.code).toBe('E_JOB_FAILED')
    await scene.follower.close()
  })

  test('does not fail for what was there before and is taken away', async () => {
    const scene = new Scene([hook({ generation: 1 })])
    await scene.follower.open
    const { leave } = scene.follower.alongside(beside)
    scene.api.put(hook({ generation: 2, deletionTimestamp: '2026-01-01T00:00:00Z' }))
    await scene.clock.advance(100)
    expect(leave()).toBeUndefined()
    await scene.follower.close()
  })
})

test('whoever follows logs is asked at once, and then only about what a change touches', async () => {
  const scene = new Scene(ready('two'))
  await scene.follower.open
  const looked: string[] = []
  const targets = ['one', 'two'].map((name) => ({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
    ...{ name, namespace: NAMESPACE },
  }))
  scene.follower.onTouch(targets, ({ name }) => looked.push(name))
  expect(looked.splice(0)).toEqual(['one', 'two'])

  for (const object of ready('one')) scene.api.put(object)
  await scene.clock.advance(100)

  expect(new Set(looked)).toEqual(new Set(['one']))
  await scene.follower.close()
})

test('between events one timer is all that runs, and no request is sent', async () => {
  const scene = new Scene()
  await scene.follower.open
  const ends = scene.ends()
  scene.api.put(rolling('one'))
  scene.api.put(rolling('two'))
  scene.helmExits()
  const requests = scene.api.requests.length
  await scene.clock.advance(MINUTE / 2)
  expect({ timers: scene.clock.pending, requests: scene.api.requests.length - requests }).toEqual({
    timers: 1,
    requests: 0,
  })
  await scene.clock.advance(MINUTE)
  expect(await ends).toEqual(['first failed E_STAGE_TIMEOUT', 'second left'])
})
