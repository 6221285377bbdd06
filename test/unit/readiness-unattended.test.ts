import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { operatorOf } from '../../src/domain/operators/known.ts'
import { lackingActor, type OperatorLack } from '../../src/domain/operators/lack.ts'
import type { Target } from '../../src/domain/readiness/model.ts'
import { Actors } from '../../src/flows/observe/actors.ts'
import { ForgeError } from '../../src/errors.ts'
import { kubectl } from '../../src/hint.ts'
import { custom, set } from './readiness-objects.ts'
import { Deploy, installed } from './readiness-scene.ts'

const DB: Target = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: 'db' }
const cluster = (status: unknown, generation = 1): KubeObject => ({
  ...custom({ spec: { instances: 1 }, status }, generation),
  apiVersion: DB.apiVersion,
})
const HEALTHY = { phase: 'Cluster in healthy state', readyInstances: 1, instances: 1 }

interface Workload {
  name?: string
  labels?: Record<string, string>
  image?: string
  available?: number
  replicas?: number
}

const workload = ({ name = 'x', labels = {}, image = 'x:1', available = 1, replicas = 1 }: Workload): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'cnpg-system', labels },
  spec: { replicas, template: { spec: { containers: [{ name: 'manager', image }] } } },
  status: { availableReplicas: available },
})

const ABSENT = 'no CloudNativePG operator runs here (Deployment cnpg-controller-manager not found)'

describe('whether the operator of a resource runs', () => {
  test.each<[string, KubeObject[], string | undefined]>([
    ['nothing', [], ABSENT],
    ['others only', [workload({ name: 'web' }), workload({ name: 'cnpg-demo', image: 'acme/demo:1' })], ABSENT],
    ['by the name of its manifest', [workload({ name: 'cnpg-controller-manager' })], undefined],
    ['by the name that its chart gives it', [workload({ name: 'pg-cloudnative-pg' })], undefined],
    ['by a label', [workload({ labels: { 'app.kubernetes.io/name': 'cloudnative-pg' } })], undefined],
    ['by its image', [workload({ image: 'mirror.test:5000/cloudnative-pg/cloudnative-pg:1.27@sha256:ab' })], undefined],
    [
      'scaled to 0',
      [workload({ name: 'cnpg-controller-manager', available: 0, replicas: 0 })],
      'the CloudNativePG operator does not run (Deployment/cnpg-controller-manager in namespace cnpg-system is scaled to 0)',
    ],
    [
      'without a pod',
      [workload({ name: 'cnpg-controller-manager', available: 0 })],
      'the CloudNativePG operator does not run (Deployment/cnpg-controller-manager in namespace cnpg-system has no available pod)',
    ],
  ])('%s', (_, workloads, text) => {
    const operator = operatorOf(DB)
    expect(operator === undefined ? 'unknown' : lackingActor(operator, workloads)?.text).toBe(text)
  })

  test("a webhook beside it is not it, nor is another vendor's operator of a name that ends alike", () => {
    const lack = (apiVersion: string, name: string): unknown => {
      const operator = operatorOf({ apiVersion, kind: 'X' })
      return operator === undefined ? undefined : lackingActor(operator, [workload({ name })])?.state
    }
    expect([
      lack('cert-manager.io/v1', 'cert-manager-webhook'),
      lack('rabbitmq.com/v1beta1', 'strimzi-cluster-operator'),
    ]).toEqual(['absent', 'absent'])
  })
})

describe('a resource on which nothing acts', () => {
  const absent: OperatorLack = { text: ABSENT, state: 'absent' }
  const actorOf = (): OperatorLack => absent
  const said = `progressing nothing acts on it: ${ABSENT}`

  test('has its operator named, and fails after a while', () => {
    const deploy = installed([DB], set(cluster(undefined)), { actorOf })
    expect(deploy.says(DB)).toBe(said)
    expect(deploy.verdict(DB, 30_000)).toMatchObject({
      code: 'E_NO_OPERATOR',
      message: `db is not ready: nothing acts on it: ${ABSENT}`,
    })
  })

  test('is never ready by the status of the spec before', () => {
    const deploy = new Deploy([DB], { actorOf }).see(set(cluster(HEALTHY)), 0).begin()
    deploy.see(set(cluster(HEALTHY, 2)), 1_000).helmExits()
    expect(deploy.says(DB)).toBe(said)
    expect(deploy.says(DB, 31_000)).toBe('failed E_NO_OPERATOR')
  })

  test('counts as absent only by a look from after its time: until that is answered it may have come', () => {
    let now: OperatorLack | undefined = absent
    const since: number[] = []
    const deploy = installed([DB], set(cluster(undefined)), {
      actorOf: (_, from) => {
        since.push(from)
        return now
      },
    })
    deploy.says(DB)
    now = { ...absent, isOld: true }
    expect(deploy.says(DB, 30_000)).toBe(said)
    expect(since.at(-1)).toBe(30_000)
    now = undefined
    deploy.judge.reconsider()
    expect(deploy.says(DB, 30_100)).not.toMatch(/nothing acts|failed/u)
    now = absent
    deploy.judge.reconsider()
    expect(deploy.says(DB, 30_200)).toBe('failed E_NO_OPERATOR')
  })

  test('is named as soon as that is known, though nothing happens', () => {
    const known: { lack?: OperatorLack } = {}
    const deploy = new Deploy([DB], { actorOf: () => known.lack }).see(set(cluster(HEALTHY)), 0).begin()
    deploy.see(set(cluster(HEALTHY, 2)), 1_000).helmExits()
    expect(deploy.says(DB)).not.toBe(said)
    known.lack = absent
    deploy.judge.reconsider()
    expect(deploy.says(DB, 1_500)).toBe(said)
  })

  test('is as it is where somebody has answered for this spec', () => {
    expect(installed([DB], set(cluster(HEALTHY)), { actorOf }).says(DB)).toBe('ready 1/1')
  })

  test('an operator of another name that has answered is one', () => {
    const deploy = new Deploy([DB], { actorOf }).see(set(cluster(HEALTHY)), 0).begin()
    deploy.see(set(cluster(HEALTHY, 2)), 1_000).helmExits()
    deploy.see(set(cluster({ ...HEALTHY, phase: 'Upgrading cluster' }, 2)), 2_000)
    expect(deploy.see(set(cluster(HEALTHY, 2)), 40_000).says(DB)).toMatch(/^progressing healthy again/u)
    expect(deploy.says(DB, 43_000)).toBe('ready 1/1')
  })

  test('an operator that is only between two pods may come', () => {
    const deploy = installed([DB], set(cluster(undefined)), { actorOf: () => ({ text: 'down', state: 'down' }) })
    expect(deploy.says(DB, 300_000)).toBe('progressing nothing acts on it: down')
    expect(deploy.judge.timedOut({ name: 'data', targets: [DB], timeoutMs: 1_000 }, 300_000).code).toBe('E_NO_OPERATOR')
  })

  test('where nobody may look, that is said and nothing else is', () => {
    const unchecked: OperatorLack = { text: 'whether it runs is not checked', state: 'unchecked' }
    const deploy = new Deploy([DB], { actorOf: () => unchecked }).see(set(cluster(HEALTHY)), 0).begin()
    deploy.see(set(cluster(HEALTHY, 2)), 1_000).helmExits()
    expect(deploy.says(DB)).toMatch(/^progressing its controller has .* \(whether it runs is not checked\)$/u)
    expect(deploy.verdict(DB, 32_000)).toMatchObject({
      state: 'ready',
      remark: 'its controller has written no status since its spec changed; whether it runs is not checked',
    })
  })
})

describe('looking for operators', () => {
  const signal = new AbortController().signal
  const scene = (
    answer: () => KubeObject[],
    rendered: readonly KubeObject[] = [],
    onSeen?: () => void,
  ): { actors: Actors; asked: () => number; at: (ms: number) => void } => {
    let [count, now] = [0, 0]
    const cluster = {
      list: (): Promise<KubeObject[]> => {
        count += 1
        return new Promise((resolve) => {
          resolve(answer())
        })
      },
    }
    const actors = new Actors(
      { cluster, clock: { monotonic: () => now }, ...(onSeen === undefined ? {} : { onSeen }) },
      rendered,
      signal,
    )
    return { actors, asked: () => count, at: (ms) => (now = ms) }
  }
  const mute = cluster(undefined)

  test('costs nothing where no resource has an operator that forge knows', async () => {
    const { actors, asked } = scene(() => [])
    expect(actors.of(custom({}))).toBeUndefined()
    await actors.known([custom({}), cluster(HEALTHY)])
    expect(asked()).toBe(0)
  })

  test('is one look for all of them, until it is old', async () => {
    const { actors, asked, at } = scene(() => [])
    await actors.known([mute])
    expect([actors.of(mute)?.text, actors.of(mute)?.text, asked()]).toEqual([ABSENT, ABSENT, 3])
    at(10_000)
    actors.of(mute)
    expect(asked()).toBe(6)
  })

  test('what is older than it may be is told as old, and looked at anew, which is told', async () => {
    let seen = 0
    const { actors, asked, at } = scene(
      () => [],
      [],
      () => (seen += 1),
    )
    await actors.known([mute])
    at(5_000)
    expect([actors.of(mute, 4_000)?.isOld, asked(), seen]).toEqual([true, 6, 1])
    await actors.known([mute])
    expect([actors.of(mute, 4_000)?.isOld, asked(), seen]).toEqual([undefined, 6, 2])
  })

  test('one that the project itself brings is on its way', async () => {
    const { actors } = scene(() => [], [workload({ name: 'cnpg-controller-manager' })])
    await actors.known([mute])
    expect(actors.of(mute)).toBeUndefined()
  })

  test('without the right to look nothing is claimed', async () => {
    const { actors } = scene(() => {
      throw new ForgeError('E_FORBIDDEN', 'you may not list deployments', { hint: kubectl(['auth', 'whoami']) })
    })
    await actors.known([mute])
    expect(actors.of(mute)).toEqual({
      state: 'unchecked',
      text: 'whether the CloudNativePG operator runs is not checked: you may not list workloads in all namespaces',
    })
  })
})
