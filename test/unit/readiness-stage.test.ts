import { describe, expect, test } from '@jest/globals'
import { buildStages } from '../../src/domain/config/build-stages.ts'
import { Places } from '../../src/domain/config/places.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import type { StageRules } from '../../src/domain/readiness/model.ts'
import { APP, crashed, deployment, event, pod, replicaSet, set, unschedulable, waiting } from './readiness-objects.ts'
import { Deploy, notReady, rollingOut } from './readiness-scene.ts'

const staged = (rules: StageRules, ...objects: KubeObject[]): Deploy => {
  const deploy = new Deploy([])
  deploy.judge.watch([APP], rules)
  return deploy
    .begin()
    .see(set(...objects))
    .helmExits()
}

describe('minReady', () => {
  const many = (available: number): KubeObject =>
    deployment({ replicas: 10, status: { availableReplicas: available, readyReplicas: available } })
  const pods = (count: number, state: Parameters<typeof pod>[0] = {}): KubeObject[] =>
    Array.from({ length: count }, (_, at) => pod({ name: `p${state.ready === false ? 'x' : ''}${at}`, ...state }))
  const set10 = replicaSet(1, { replicas: 10 })
  const rules = { minReadyPercent: 80 }

  test.each([
    ['8 of 10 are enough', 8, 'ready 8/10, 80% are enough'],
    ['7 are not', 7, 'progressing 7/10 available'],
    ['all are all', 10, 'ready 10/10'],
  ])('%s', (_, count, says) => {
    expect(staged(rules, many(count), set10, ...pods(count)).says(APP)).toBe(says)
  })

  test('as many may be broken as may be missing', () => {
    const broken = { ready: false, containers: [crashed(3)] }
    expect(staged(rules, many(6), set10, ...pods(6), ...pods(2, broken)).says(APP)).toMatch(/^progressing/u)
    expect(staged(rules, many(7), set10, ...pods(7), ...pods(3, broken)).says(APP)).toBe('failed E_CRASH_LOOP')
    expect(staged(rules, many(8), set10, ...pods(8), ...pods(2, broken)).says(APP)).toBe('ready 8/10, 80% are enough')
  })

  test('pods that cannot be created are missing as much as broken ones', () => {
    const refused = event(
      set10,
      'FailedCreate',
      'Error creating: pods "x" is forbidden: exceeded quota: q, requested: pods=1',
    )
    const waits = { ready: false, containers: [waiting('ContainerCreating')] }
    expect(
      staged(rules, many(0), replicaSet(1, { replicas: 10, status: { replicas: 8 } }), ...pods(8, waits), refused).says(
        APP,
      ),
    ).toMatch(/^progressing/u)
    expect(
      staged(rules, many(0), replicaSet(1, { replicas: 10, status: { replicas: 7 } }), ...pods(7, waits), refused).says(
        APP,
      ),
    ).toBe('failed E_QUOTA')
  })

  test('old pods do not help', () => {
    const old = replicaSet(1, { replicas: 10 })
    const oldPods = Array.from({ length: 8 }, (_, at) => pod({ name: `o${at}` }))
    const fresh = pod({ name: 'n', owner: ['ReplicaSet', 'app-r2'] })
    const live = deployment({
      generation: 2,
      revision: 2,
      replicas: 10,
      status: { updatedReplicas: 1, availableReplicas: 9 },
    })
    expect(staged(rules, live, old, ...oldPods, replicaSet(2, { replicas: 10 }), fresh).says(APP)).toBe(
      'progressing 1/10 updated',
    )
  })

  test('enough pods without a probe have to settle', () => {
    const deploy = staged(rules, many(8), set10, ...pods(8, { probe: false }))
    expect(deploy.says(APP)).toMatch(/^progressing runs without/u)
    expect(deploy.judge.nextDeadline(0)).toBe(3_000)
    deploy.see(set(pod({ name: 'late', probe: false }), many(9)), 2_000)
    expect(deploy.says(APP, 3_000)).toBe('ready 8/10, 80% are enough'.replace('8/10', '9/10'))
  })
})

describe('a stage sets windows and budgets of its own', () => {
  const crashing = (times: number): KubeObject => pod({ ready: false, containers: [crashed(times)] })
  const oom = (times: number): KubeObject =>
    pod({ ready: false, containers: [crashed(times, { reason: 'OOMKilled', exitCode: 137 })] })
  const unpulled = pod({ ...notReady, containers: [waiting('ErrImagePull', 'dial tcp: i/o timeout')] })
  const homeless = pod({
    ...notReady,
    node: null,
    containers: [],
    conditions: [unschedulable('0/1 nodes: Insufficient cpu')],
  })
  const strange = pod({ ...notReady, containers: [waiting('CreateContainerError', 'strange')] })

  test.each<[string, StageRules, KubeObject, number, string]>([
    ['crashes', { crashesAllowed: 4 }, crashing(4), 0, 'progressing 4 crashes, 4 allowed'],
    ['crashes used up', { crashesAllowed: 4 }, crashing(5), 0, 'failed E_CRASH_LOOP'],
    ['no crash at all', { crashesAllowed: 0 }, crashing(1), 0, 'failed E_CRASH_LOOP'],
    ['kills', { oomKillsAllowed: 0 }, oom(1), 0, 'failed E_OOM_KILLED'],
    ['pull', { pullGraceMs: 5_000 }, unpulled, 5_000, 'failed E_IMAGE_PULL'],
    [
      'no node',
      { unschedulableGraceMs: 60_000 },
      homeless,
      59_000,
      'progressing no node takes its pod: no node has enough free cpu',
    ],
    ['no node, over', { unschedulableGraceMs: 60_000 }, homeless, 60_000, 'failed E_UNSCHEDULABLE'],
    ['unknown', { unknownErrorGraceMs: 1_000 }, strange, 1_000, 'failed E_CONTAINER_START'],
  ])('%s', (_, rules, broken, at, says) => {
    expect(staged(rules, rollingOut, replicaSet(), broken).says(APP, at)).toBe(says)
  })

  test('one stage does not change another', () => {
    const other = { ...APP, name: 'other' }
    const deploy = new Deploy([])
    deploy.judge.watch([APP], { crashesAllowed: 9 })
    deploy.judge.watch([other])
    const broken = pod({ name: 'o', owner: ['ReplicaSet', 'other-r1'], ready: false, containers: [crashed(3)] })
    deploy
      .begin()
      .see(set(rollingOut, replicaSet(), crashing(3)))
      .helmExits()
    deploy.see(
      set(deployment({ name: 'other', status: { availableReplicas: 0 } }), replicaSet(1, { owner: 'other' }), broken),
    )
    expect([deploy.says(APP), deploy.says(other)]).toEqual([
      'progressing 3 crashes, 2 allowed'.replace('2', '9'),
      'failed E_CRASH_LOOP',
    ])
  })
})

test('forge.yaml: what a stage does not set is absent, so that the defaults hold', () => {
  const stages = {
    plain: {},
    own: { minReady: '80%', grace: { pull: '2m', missing: '500ms' }, allow: { crashes: 0 } },
  }
  const [plain, own] = buildStages(
    stages,
    ['stages'],
    new Places({ file: 'forge.yaml', line: 1, column: 1 }, new Map()),
  )
  expect(plain).not.toHaveProperty('rules')
  expect(own?.rules).toEqual({ minReadyPercent: 80, pullGraceMs: 120_000, missingGraceMs: 500, crashesAllowed: 0 })
})
