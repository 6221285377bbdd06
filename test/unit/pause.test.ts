import { describe, expect, test } from '@jest/globals'
import { keyOf, type KubeObject } from '../../src/domain/kube.ts'
import { notAtRest } from '../../src/domain/pause/at-rest.ts'
import { memoryText, PAUSED } from '../../src/domain/pause/memory.ts'
import { planPause, planResume, type PauseFacts, type PausePlan } from '../../src/domain/pause/plan.ts'
import { tiersOf } from '../../src/domain/pause/tiers.ts'

const memory = (replicas?: number): string =>
  memoryText({ since: '2026-11-28T22:00:00Z', by: 'ops@x', deploy: 7, ...(replicas === undefined ? {} : { replicas }) })

function object(apiVersion: string, kind: string, name: string, spec: object, paused?: string): KubeObject {
  const annotations = paused === undefined ? {} : { [PAUSED]: paused }
  return { apiVersion, kind, metadata: { name, namespace: 'shop', annotations }, spec }
}
const deployment = (name: string, replicas: number, paused?: string): KubeObject =>
  object('apps/v1', 'Deployment', name, { replicas, selector: { matchLabels: { app: name } } }, paused)
const cron = (name: string, suspend: boolean, paused?: string): KubeObject =>
  object('batch/v1', 'CronJob', name, { suspend }, paused)
const helmRelease = object('helm.toolkit.fluxcd.io/v2', 'HelmRelease', 'shop', {})
const daemon = object('apps/v1', 'DaemonSet', 'agent', {})

const at = { file: 'forge.yaml', line: 1, column: 1 }
const stage = (name: string, ...wait: string[]) => ({ name, wait, optional: [], timeoutMs: 60_000, at })
const STAGES = [stage('databases', 'Deployment/db'), stage('app', 'Deployment/web')]

function facts(objects: readonly KubeObject[], more: Partial<PauseFacts> = {}): PauseFacts {
  const releases = [{ name: 'shop', needs: [], objects }]
  return {
    tiers: tiersOf(releases, STAGES, [], undefined),
    live: new Map(objects.map((one) => [keyOf(one), one])),
    components: [],
    chosen: undefined,
    least: new Map(),
    ...more,
  }
}
const told = ({ tiers }: PausePlan): unknown[] =>
  tiers.flatMap(({ name, steps }) => steps.map((one) => [name, one.name, one.from, one.to]))

describe('the order', () => {
  test('Flux first, then what no stage names, then the stages from the last; and the other way round', () => {
    const all = [deployment('db', 1), deployment('web', 2), deployment('other', 1), cron('nightly', false), helmRelease]
    expect(told(planPause(facts(all)))).toEqual([
      ['gitops', 'shop', undefined, undefined],
      ['others', 'other', 1, 0],
      ['others', 'nightly', undefined, undefined],
      ['app', 'web', 2, 0],
      ['databases', 'db', 1, 0],
    ])
  })

  test('a release after those that it needs', () => {
    const [a, b] = [deployment('a', 1), deployment('b', 1)]
    const tiers = tiersOf(
      [
        { name: 'front', needs: ['back'], objects: [a] },
        { name: 'back', needs: [], objects: [b] },
      ],
      [],
      [],
      undefined,
    )
    expect(tiers.map(({ objects }) => objects.map(({ metadata }) => metadata.name))).toEqual([['b'], ['a']])
  })
})

describe('what is remembered', () => {
  test('what was at rest before is not touched, what goes on is said', () => {
    const plan = planPause(facts([deployment('web', 0), cron('nightly', true), daemon]))
    expect(told(plan)).toEqual([])
    expect(plan.left).toEqual([
      { object: 'DaemonSet/agent', because: 'a DaemonSet has no count: one pod runs on each node' },
    ])
  })

  test.each([
    ['as it was', deployment('web', 0, memory(3)), undefined, [3, undefined]],
    ['the least of its autoscaler', deployment('web', 0, memory(1)), 2, [2, undefined]],
    [
      'as somebody scaled it',
      deployment('web', 5, memory(3)),
      undefined,
      [5, 'stays at 5, as somebody scaled it; it had 3'],
    ],
    ['killed before it was scaled', deployment('web', 3, memory(3)), undefined, [3, undefined]],
    ['what is written on it is garbled', deployment('web', 0, '{'), undefined, [1, undefined]],
  ])('resumed: %s', (_, live, least, expected) => {
    const plan = planResume(facts([live], least === undefined ? {} : { least: new Map([[keyOf(live), least]]) }))
    const [step] = plan.tiers.flatMap(({ steps }) => steps)
    expect([step?.to, step?.note]).toEqual(expected)
  })

  test.each([
    ['killed before it was scaled', deployment('web', 3, memory(3)), [false, 3, undefined]],
    [
      'scaled up by somebody',
      deployment('web', 2, memory(3)),
      [false, 3, 'scaled to 2 by somebody since it was paused'],
    ],
    ['paused already', deployment('web', 0, memory(3)), [true, 3, undefined]],
  ])('paused again: %s', (_, live, expected) => {
    const [step] = planPause(facts([live])).tiers.flatMap(({ steps }) => steps)
    expect([step?.isWritten, step?.from, step?.note]).toEqual(expected)
  })
})

describe('a part', () => {
  test('what comes after it, or what it comes after, is in the way', () => {
    const [db, web] = [deployment('db', 1), deployment('web', 2)]
    expect(planPause(facts([db, web], { chosen: new Set([keyOf(db)]) })).dependents).toEqual([
      'Deployment/web comes after Deployment/db',
    ])
    expect(planPause(facts([db, web], { chosen: new Set([keyOf(web)]) })).dependents).toEqual([])
    const [low, lower] = [deployment('db', 0, memory(1)), deployment('web', 0, memory(2))]
    expect(planResume(facts([low, lower], { chosen: new Set([keyOf(lower)]) })).dependents).toEqual([
      'Deployment/web comes after Deployment/db',
    ])
  })

  test('Flux stays suspended while something that it owns rests', () => {
    const [low, lower] = [deployment('db', 0, memory(1)), deployment('web', 0, memory(2))]
    const flux = object('helm.toolkit.fluxcd.io/v2', 'HelmRelease', 'shop', { suspend: true }, memory())
    const plan = planResume(facts([low, lower, flux], { chosen: new Set([keyOf(low)]) }))
    expect(told(plan)).toEqual([['databases', 'db', 0, 1]])
    expect(told(planResume(facts([low, lower, flux]))).at(-1)).toEqual(['gitops', 'shop', undefined, undefined])
  })
})

test('a running Job is named, and what somebody deleted', () => {
  const job = { ...object('batch/v1', 'Job', 'schema', {}), status: { active: 1 } }
  expect(planPause(facts([job])).running).toEqual([job])
  const gone = planResume(facts([deployment('web', 1)], { live: new Map() }))
  expect(gone.left).toEqual([{ object: 'Deployment/web', because: 'somebody has deleted it' }])
})

describe('at rest', () => {
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-x', namespace: 'shop', labels: { app: 'web', 'cnpg.io/cluster': 'pg' } },
  }
  const cluster = (conditions: readonly object[]): KubeObject => ({
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: { name: 'pg', namespace: 'shop', annotations: { 'cnpg.io/hibernation': 'on' } },
    spec: { instances: 1 },
    status: { conditions },
  })
  const asleep = [{ type: 'cnpg.io/hibernation', status: 'True' }]
  test.each<readonly [string, KubeObject, readonly KubeObject[], string | undefined]>([
    ['its pods are there', deployment('web', 0), [pod], '1 pod left'],
    ['its pods have ended', deployment('web', 0), [{ ...pod, status: { phase: 'Succeeded' } }], undefined],
    ['not scaled', deployment('web', 1), [], 'not scaled to 0'],
    [
      'not seen yet',
      {
        ...deployment('web', 0),
        metadata: { name: 'web', namespace: 'shop', generation: 2 },
        status: { observedGeneration: 1 },
      },
      [],
      'its controller has not seen it yet',
    ],
    ['an operator that says nothing', cluster([]), [], 'its operator has not hibernated it: nothing said'],
    ['a database with a pod', cluster(asleep), [pod], '1 pod left'],
    ['a database', cluster(asleep), [], undefined],
  ])('%s', (_, live, pods, why) => expect(notAtRest(live, pods)).toBe(why))
})
