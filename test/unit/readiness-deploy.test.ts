import { describe, expect, test } from '@jest/globals'
import type { Expectation, Target } from '../../src/domain/readiness/model.ts'
import { APP, NAMESPACE, crashed, deployment, event, gone, pod, replicaSet, set, waiting } from './readiness-objects.ts'
import { Deploy, installed } from './readiness-scene.ts'

const expects = (target: Target, generation: number, uid = `${target.kind}/${target.name}`): Expectation => ({
  ref: { ...target, namespace: NAMESPACE },
  uid,
  generation,
})

const oldStack = set(deployment(), replicaSet(), pod())

describe('before helm has exited', () => {
  test('nothing is ready, however ready it looks', () => {
    const deploy = new Deploy([APP]).see(oldStack).begin()
    expect(deploy.says(APP)).toBe('progressing helm is still running')
    expect(deploy.helmExits([expects(APP, 1)]).says(APP)).toBe('ready 1/1')
  })

  test('an old failure of an object that helm has not written yet does not count', () => {
    const broken = pod({ ready: false, containers: [waiting('ErrImagePull', 'manifest unknown')] })
    const deploy = new Deploy([APP]).see(set(deployment({ status: { availableReplicas: 0 } }), replicaSet())).begin()
    expect(deploy.see(set(broken)).says(APP)).toMatch(/^progressing/u)
  })

  test('a failure of what helm has written counts at once, while helm runs', () => {
    const broken = pod({
      name: 'app-r2-x',
      owner: ['ReplicaSet', 'app-r2'],
      ready: false,
      containers: [waiting('ErrImagePull', 'manifest unknown')],
    })
    const deploy = new Deploy([APP]).see(oldStack).begin()
    deploy.see(
      set(
        deployment({ generation: 2, revision: 2, status: { updatedReplicas: 1, replicas: 2 } }),
        replicaSet(2),
        broken,
      ),
    )
    expect(deploy.says(APP)).toBe('failed E_IMAGE_PULL')
  })

  test('a created object counts at once', () => {
    const broken = pod({ ready: false, containers: [waiting('InvalidImageName')] })
    expect(
      new Deploy([APP])
        .begin()
        .see(set(deployment({ status: { availableReplicas: 0 } }), replicaSet(), broken))
        .says(APP),
    ).toBe('failed E_IMAGE_PULL')
  })

  test('without a baseline nothing counts', () => {
    const broken = pod({ ready: false, containers: [waiting('InvalidImageName')] })
    expect(new Deploy([APP]).see(set(deployment(), replicaSet(), broken)).says(APP)).toMatch(/^progressing/u)
  })

  test('what does not exist is not created yet', () =>
    expect(new Deploy([APP]).begin().says(APP)).toBe('progressing not created yet'))
})

describe('after helm has exited', () => {
  const helmWrote = (expectation: Expectation): Deploy =>
    new Deploy([APP]).see(oldStack).begin().helmExits([expectation])

  test('the old object looks ready until the watch has caught up', () => {
    const deploy = helmWrote(expects(APP, 2))
    expect(deploy.says(APP)).toBe('progressing what helm wrote is not seen yet')
    deploy.see(set(deployment({ generation: 2, observed: 1 })))
    expect(deploy.says(APP)).toBe('progressing spec not observed yet')
    expect(deploy.see(set(deployment({ generation: 2 }))).says(APP)).toBe('ready 1/1')
  })

  test('another object of the same name is not it', () => {
    const deploy = helmWrote(expects(APP, 1, 'new-uid'))
    expect(deploy.says(APP)).toBe('progressing not the object that helm wrote')
    expect(deploy.see(set(deployment({ uid: 'new-uid', replicas: 0 }))).says(APP)).toBe('ready scaled to 0')
  })

  test('a Deployment that is ahead of its pods waits for them', () => {
    const deploy = new Deploy([APP])
      .begin()
      .see(set(deployment({ replicas: 2 }), replicaSet(), pod()))
      .helmExits()
    expect(deploy.says(APP)).toBe('progressing 1/2 pods seen ready')
    expect(deploy.see(set(pod({ name: 'app-r1-y' }))).says(APP)).toBe('ready 2/2')
  })

  test('a later release adds its own expectations', () => {
    const other = { ...APP, name: 'web' }
    const deploy = new Deploy([APP, other])
      .see(oldStack)
      .begin()
      .helmExits([expects(APP, 1)])
    deploy.helmExits([expects(other, 3)]).see(set(deployment({ name: 'web', generation: 2 })))
    expect([deploy.says(APP), deploy.says(other)]).toEqual(['ready 1/1', 'progressing what helm wrote is not seen yet'])
  })

  test('an object that is gone does not exist', () =>
    expect(helmWrote(expects(APP, 1)).see(gone(deployment())).says(APP)).toBe('progressing does not exist'))
})

describe('what was there before', () => {
  const rolling = (...old: ReturnType<typeof set>): Deploy =>
    new Deploy([APP])
      .see([...set(deployment(), replicaSet()), ...old])
      .begin()
      .see(set(deployment({ generation: 2, revision: 2, status: { updatedReplicas: 1, replicas: 2 } }), replicaSet(2)))
      .helmExits()

  test("an old ReplicaSet's pods may fail as they like", () => {
    const broken = pod({ ready: false, containers: [waiting('ErrImagePull', 'manifest unknown')] })
    const fresh = pod({ name: 'app-r2-x', owner: ['ReplicaSet', 'app-r2'] })
    expect(rolling().see(set(broken, fresh)).says(APP)).toBe('progressing 1 old pod still running')
  })

  test('before the new spec is observed, the newest ReplicaSet is still the old one', () => {
    const deploy = new Deploy([APP]).see(oldStack).begin().helmExits()
    deploy.see(
      set(deployment({ generation: 2, observed: 1 }), pod({ ready: false, containers: [waiting('InvalidImageName')] })),
    )
    expect(deploy.says(APP)).toBe('progressing spec not observed yet')
  })

  test('restarts of pods that this deploy did not make count from now on', () => {
    const crashing = (crashes: number): ReturnType<typeof set> =>
      set(pod({ ready: false, containers: [crashed(crashes)] }))
    const deploy = new Deploy([APP])
      .see([...set(deployment({ status: { availableReplicas: 0 } }), replicaSet()), ...crashing(40)])
      .begin()
      .helmExits()
    expect(deploy.says(APP)).toBe('progressing 0/1 available')
    expect(deploy.see(crashing(42)).says(APP)).toBe('progressing 2 crashes, 2 allowed')
    expect(deploy.see(crashing(43)).says(APP)).toBe('failed E_CRASH_LOOP')
    expect(deploy.judge.restartsOf(APP)).toBe(3)
  })

  test('an image that could not be pulled before counts when it fails again', () => {
    const pulling = (reason: string): ReturnType<typeof set> =>
      set(pod({ ready: false, phase: 'Pending', containers: [waiting(reason, 'manifest unknown')] }))
    const deploy = new Deploy([APP])
      .see([...set(deployment({ status: { availableReplicas: 0 } }), replicaSet()), ...pulling('ImagePullBackOff')])
      .begin()
      .helmExits()
    expect(deploy.says(APP)).toBe('progressing 0/1 available')
    expect(deploy.see(pulling('ErrImagePull')).says(APP)).toBe('failed E_IMAGE_PULL')
  })

  test('`forge status` judges everything as it is', () => {
    const broken = pod({ ready: false, containers: [crashed(9)] })
    const deploy = new Deploy([APP], { sinceBaseline: false }).see(
      set(deployment({ status: { availableReplicas: 0 } }), replicaSet(), broken),
    )
    expect(deploy.says(APP)).toBe('failed E_CRASH_LOOP')
    expect(
      new Deploy([APP], { sinceBaseline: false }).see(set(deployment(), replicaSet(), pod({ probe: false }))).says(APP),
    ).toBe('ready 1/1')
  })

  test.each([
    ['that has crashed often', 9, 'failed E_CRASH_LOOP'],
    ['that has crashed once', 1, 'progressing runs without a readiness probe, so it must keep running for a moment'],
  ])(
    '`forge status` calls no run ready %s and has just begun again, unless a probe says so',
    (_, restartCount, says) => {
      const again = { ...crashed(restartCount + 1), ready: true, restartCount, state: { running: {} } }
      const looked = (probe: boolean): Deploy =>
        new Deploy([APP], { sinceBaseline: false }).see(
          set(deployment(), replicaSet(), pod({ probe, containers: [again] })),
          1_000,
        )
      const bare = looked(false)
      expect([bare.says(APP, 3_999), bare.judge.nextDeadline(3_999), bare.says(APP, 4_000)]).toEqual([
        says,
        4_000,
        'ready 1/1',
      ])
      expect(looked(true).says(APP)).toBe('ready 1/1')
    },
  )
})

describe('pods without a probe', () => {
  const bare = (restartCount = 0): ReturnType<typeof pod> =>
    pod({ probe: false, containers: [{ name: 'app', ready: true, restartCount, state: { running: {} } }] })

  test('must keep running for three seconds', () => {
    const deploy = new Deploy([APP])
      .begin()
      .see(set(deployment(), replicaSet(), bare()), 1_000)
      .helmExits()
    expect(deploy.says(APP, 2_000)).toMatch(/^progressing runs without a readiness probe/u)
    expect(deploy.judge.nextDeadline(2_000)).toBe(4_000)
    expect(deploy.judge.dirty(2_000)).toEqual([APP])
    expect(deploy.judge.dirty(3_999)).toEqual([])
    expect(deploy.judge.dirty(4_000)).toEqual([APP])
    expect(deploy.says(APP, 4_000)).toBe('ready 1/1')
  })

  test('a restart between two looks starts the three seconds anew', () => {
    const deploy = new Deploy([APP])
      .begin()
      .see(set(deployment(), replicaSet(), bare()), 0)
      .helmExits()
      .see(set(bare(1)), 2_500)
    expect(deploy.says(APP, 3_000)).toMatch(/^progressing/u)
    expect(deploy.says(APP, 5_500)).toBe('ready 1/1')
  })

  const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()
  const taken = (...started: (number | undefined)[]): ReturnType<typeof pod> =>
    pod({
      probe: false,
      ready: started.length > 0,
      status: { startTime: at(10) },
      containers: started.map((second, index) => ({
        name: `c${index}`,
        restartCount: 0,
        state: { running: second === undefined ? {} : { startedAt: at(second) } },
      })),
    })

  test.each([
    ['told five seconds late', [11], 2_000 + 3_000],
    ['the last container counts', [11, 14], 5_000 + 3_000],
    ['told at once', [17], 7_000 + 3_000],
    ['the clock of its node went back', [5], 0 + 3_000],
    ['it does not say when', [undefined], 7_000 + 3_000],
  ])('the three seconds count from when the container began, by the clock of its node: %s', (_, started, ready) => {
    const deploy = new Deploy([APP])
      .begin()
      .see(set(deployment(), replicaSet(), taken()), 0)
      .helmExits()
      .see(set(taken(...started)), 7_000)
    const [early, late] = [Math.max(ready - 1, 7_000), Math.max(ready, 7_000)]
    if (early < ready) expect(deploy.says(APP, early)).toMatch(/^progressing runs without a readiness probe/u)
    expect(deploy.says(APP, late)).toBe('ready 1/1')
  })

  test('minReadySeconds replaces it', () => {
    expect(installed([APP], set(deployment({ spec: { minReadySeconds: 5 } }), replicaSet(), bare())).says(APP)).toBe(
      'ready 1/1',
    )
  })

  test('those that ran before the deploy have settled', () => {
    expect(
      new Deploy([APP])
        .see(set(deployment(), replicaSet(), bare()))
        .begin()
        .helmExits()
        .says(APP),
    ).toBe('ready 1/1')
  })

  test('those with probes do not wait', () => expect(installed([APP], oldStack).says(APP)).toBe('ready 1/1'))
})

describe('the progress deadline', () => {
  const late = deployment({
    status: { availableReplicas: 0 },
    conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
  })

  test('tells the deepest reason that is known', () => {
    const unready = pod({ ready: false })
    const deploy = installed(
      [APP],
      set(late, replicaSet(), unready, event(unready, 'Unhealthy', 'Readiness probe failed: connection refused')),
    )
    expect(deploy.verdict(APP)).toMatchObject({
      code: 'E_PROBE_FAILING',
      message: 'app runs, but never becomes ready: its readiness probe fails: connection refused',
    })
  })

  test('itself, when nothing is known', () =>
    expect(installed([APP], set(late, replicaSet())).says(APP)).toBe('failed E_PROGRESS_DEADLINE'))

  test('is not reached by an image that merely takes its time', () => {
    expect(
      installed(
        [APP],
        set(late, replicaSet(), pod({ ready: false, phase: 'Pending', containers: [waiting('ContainerCreating')] })),
      ).says(APP),
    ).toBe('progressing its progress deadline passed')
  })

  test('one that passed before this deploy says nothing', () => {
    expect(new Deploy([APP]).see(set(late, replicaSet())).begin().helmExits().says(APP)).toBe(
      'progressing 0/1 available',
    )
  })
})
