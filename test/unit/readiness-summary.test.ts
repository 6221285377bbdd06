import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { workloadText } from '../../src/screen/stage.ts'
import { APP, crashed, deployment, pod, replicaSet, set } from './readiness-objects.ts'
import { Deploy, installed } from './readiness-scene.ts'

describe('summaries', () => {
  const fresh = (state = {}): KubeObject => pod({ name: 'app-r2-x', owner: ['ReplicaSet', 'app-r2'], ...state })
  const rolling = (broken: KubeObject): Deploy => {
    const before = set(deployment({ replicas: 2 }), replicaSet(1), pod(), pod({ name: 'app-r1-y' }))
    const after = set(
      deployment({ generation: 2, revision: 2, replicas: 2, status: { updatedReplicas: 1, replicas: 3 } }),
      replicaSet(2),
      broken,
    )
    return new Deploy([APP]).see(before).begin().see(after).helmExits()
  }

  test.each([
    [
      'old pods serve while the new one crashes',
      rolling(fresh({ ready: false, containers: [crashed(3)] })),
      'old 2/2 serving, new 0/1: 3 crashes, 2 allowed',
    ],
    ['rolling', rolling(fresh()), 'old 2/2 serving, new 1/1: 1/2 updated'],
    ['ready', installed([APP], set(deployment(), replicaSet(), pod())), 'app 1/1'],
    [
      'nothing serves',
      installed([APP], set(deployment({ status: { availableReplicas: 0 } }), replicaSet(), pod({ ready: false }))),
      'app 0/1: its readiness probe has not succeeded yet',
    ],
    [
      'its pods are there before its controller has said which they are',
      installed([APP], set(deployment({ generation: 2, status: { observedGeneration: 1 } }), replicaSet(), pod())),
      'app: spec not observed yet',
    ],
    ['scaled to 0', installed([APP], set(deployment({ replicas: 0 }))), 'app scaled to 0'],
    ['not there', new Deploy([APP]), 'app: not created yet'],
  ])('%s', (_, deploy, summary) => expect(workloadText(deploy.judge.standing(APP, 0))).toBe(summary))

  test('pods, with what this deploy made', () => {
    const deploy = rolling(fresh())
    expect(deploy.judge.podsOf(APP).map(({ name, old, created }) => [name, old, created])).toEqual([
      ['app-r2-x', false, true],
      ['app-r1-x', true, false],
      ['app-r1-y', true, false],
    ])
    expect(deploy.judge.restarted(APP)).toBe(true)
    expect(
      new Deploy([APP])
        .see(set(deployment(), replicaSet(), pod()))
        .begin()
        .helmExits()
        .judge.restarted(APP),
    ).toBe(false)
  })
})
