import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { systemClock as clock } from '../../src/adapters/clock.ts'
import { connectCluster, type Connection } from '../../src/adapters/kubernetes/connect.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { createJudge } from '../../src/domain/readiness/judge.ts'
import { watchedKinds } from '../../src/domain/readiness/kinds.ts'
import type { Failure, Target, Verdict } from '../../src/domain/readiness/model.ts'
import { createObjectCache } from '../../src/domain/readiness/object-cache.ts'
import { freshNamespace, kubectl } from '../support/cluster.ts'
import { testSandbox } from '../support/sandbox.ts'
import { Wire } from './adapter-wire.ts'

const { signal } = new AbortController()

let wire: Wire
let kubeconfig: string
let cluster: Connection
let namespace: string

beforeAll(async () => {
  const { kubeconfig: original } = await testSandbox()
  const text = readFileSync(original, 'utf8')
  const server = /server:\s*"?(https:[^\s"]+)/u.exec(text)?.[1] ?? ''
  wire = new Wire(new URL(server))
  const port = await wire.open()
  kubeconfig = path.join(mkdtempSync(path.join(tmpdir(), 'forge-wire-')), 'kubeconfig')
  writeFileSync(kubeconfig, text.replace(server, `https://127.0.0.1:${port}`), { mode: 0o600 })
})

afterAll(async () => wire.close())

beforeEach(async () => {
  cluster = await connectCluster({ kubeconfig, clock, watch: { silenceMs: 2_000 } })
  namespace = freshNamespace('adapter')
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, signal)
})

afterEach(async () => {
  await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, {}, signal)
  await cluster.close()
})

function deployment(
  name: string,
  annotations: Record<string, string> = {},
  container: Record<string, unknown> = {},
): KubeObject {
  const labels = { app: name }
  const template = {
    metadata: { labels, annotations },
    spec: {
      containers: [{ name: 'main', image: 'acme/app:1', readinessProbe: { tcpSocket: { port: 80 } }, ...container }],
    },
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { replicas: 1, selector: { matchLabels: labels }, template },
  }
}

const configMap = (name: string, data: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
})

/** Writes what a deploy would, and follows it until the verdict is not "progressing" any more. */
async function verdictOf(object: KubeObject): Promise<Verdict> {
  const target: Target = { apiVersion: object.apiVersion, kind: object.kind, name: object.metadata.name }
  const cache = createObjectCache()
  const judge = createJudge({ cache, namespace, options: { unschedulableGraceMs: 500 } })
  judge.watch([target])
  const ended = new AbortController()
  const decided = Promise.withResolvers<Verdict>()
  const evaluate = (): void => {
    const at = clock.monotonic()
    const verdict = judge.verdict(target, at)
    if (verdict.state !== 'progressing') decided.resolve(verdict)
    const next = judge.nextDeadline(at)
    if (next !== undefined) clock.after(next - at, ended.signal).then(evaluate, () => undefined)
  }
  const follow = async (): Promise<void> => {
    for await (const { initial, events } of cluster.watch(watchedKinds([target]), namespace, ended.signal)) {
      cache.apply(events, clock.monotonic())
      if (initial) {
        judge.takeBaseline()
        const { metadata } = await cluster.apply(object, signal)
        judge.written([
          { ref: { ...target, namespace }, uid: metadata.uid ?? '', generation: metadata.generation ?? 0 },
        ])
      }
      evaluate()
    }
  }
  follow().catch(decided.reject)
  return await decided.promise.finally(() => ended.abort())
}

describe('one connection', () => {
  test('carries everything: requests, watches and logs', async () => {
    const before = wire.connections
    const mine = await connectCluster({ kubeconfig, clock })
    await Promise.all([mine.version(signal), mine.resources(signal), mine.rules(namespace, signal)])
    const ended = new AbortController()
    for await (const { initial } of mine.watch(watchedKinds([]), namespace, ended.signal)) if (initial) break
    for (let count = 0; count < 10; count += 1)
      await mine.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace }, signal)
    expect(wire.connections - before).toBe(1)
    await mine.close()
  })

  test.each<[string, () => Promise<void> | void]>([
    ['cut', () => wire.cutAll()],
    ['silent before the watch has begun', () => wire.holdAll()],
    ['silent while it is watched', async () => clock.after(500, signal).then(() => wire.holdAll())],
  ])('that is %s: the watch goes on where it was, nothing is missed or told twice', async (_, harm) => {
    const seen: string[] = []
    for await (const { initial, events } of cluster.watch(
      [{ apiVersion: 'v1', kind: 'ConfigMap' }],
      namespace,
      signal,
    )) {
      seen.push(...events.map(({ object }) => object.metadata.name).filter((name) => name !== 'kube-root-ca.crt'))
      if (initial) {
        await harm()
        await kubectl(['create', 'configmap', 'meanwhile', '-n', namespace])
        await kubectl(['create', 'configmap', 'later', '-n', namespace])
      }
      if (seen.includes('later')) break
    }
    expect(seen).toEqual(['meanwhile', 'later'])
  })

  test('reads survive a cut', async () => {
    wire.cutAll()
    expect((await cluster.version(signal)).major).toBe(1)
  })
})

describe('objects', () => {
  test('create, replace and delete keep their preconditions', async () => {
    const made = await cluster.create(configMap('x', { a: '1' }), signal)
    expect(await cluster.create(configMap('x'), signal)).toBeUndefined()
    if (made === undefined) throw new Error('not created')
    const changed = await cluster.replace({ ...made, data: { a: '2' } }, signal)
    expect(changed?.['data']).toEqual({ a: '2' })
    expect(await cluster.replace({ ...made, data: { a: '3' } }, signal)).toBeUndefined()
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', namespace }
    expect(await cluster.delete(ref, { uid: 'another' }, signal)).toBe(false)
    expect(await cluster.delete(ref, { uid: made.metadata.uid ?? '' }, signal)).toBe(true)
    expect(await cluster.get(ref, signal)).toBeUndefined()
    expect(await cluster.delete(ref, {}, signal)).toBe(false)
  })

  test('lists of metadata are lists of names, uids and generations', async () => {
    await cluster.apply(deployment('app'), signal)
    const [found] = await cluster.list(
      { apiVersion: 'apps/v1', kind: 'Deployment' },
      { namespace, metadataOnly: true },
      signal,
    )
    expect(found).toMatchObject({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'app', generation: 1, uid: expect.any(String) },
    })
    expect(found).not.toHaveProperty('spec')
  })
})

describe('predictions', () => {
  const asHelm = async (object: KubeObject): Promise<void> => {
    await kubectl(['apply', '--server-side', '--field-manager=helm', '-f', '-'], JSON.stringify(object))
  }

  test('a change by hand is a conflict that names its manager', async () => {
    await asHelm(deployment('app'))
    await kubectl(['scale', 'deployment/app', '--replicas=3', '-n', namespace])
    const prediction = await cluster.predict(deployment('app'), { mode: 'apply', force: false }, signal)
    expect(prediction).toMatchObject({
      kind: 'conflict',
      conflicts: [{ field: '.spec.replicas', manager: 'kubectl' }],
      object: { spec: { replicas: 1 } },
    })
    expect(await cluster.predict(deployment('app'), { mode: 'apply', force: true }, signal)).toMatchObject({
      kind: 'predicted',
      object: { spec: { replicas: 1 } },
    })
    expect(
      (await cluster.get({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'app', namespace }, signal))?.['spec'],
    ).toMatchObject({ replicas: 3 })
  })

  test('a selector is immutable, a namespace that is not there cannot be checked', async () => {
    await asHelm(deployment('app'))
    const other = deployment('app')
    const changed = { ...other, spec: { ...(other['spec'] as object), selector: { matchLabels: { app: 'other' } } } }
    expect(await cluster.predict(changed, { mode: 'apply', force: true }, signal)).toMatchObject({
      kind: 'immutable',
      fields: expect.arrayContaining(['spec.selector']),
    })
    const nowhere = { ...configMap('x'), metadata: { name: 'x', namespace: 'nowhere' } }
    expect(await cluster.predict(nowhere, { mode: 'apply', force: false }, signal)).toEqual({
      kind: 'not-checked',
      why: 'the namespace does not exist yet',
    })
  })

  test("helm 3's patch deletes what the chart dropped and keeps what others added", async () => {
    const previous = deployment(
      'app',
      {},
      {
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      },
    )
    await cluster.create(previous, signal)
    await kubectl(['set', 'env', 'deployment/app', 'MINE=yes', '-n', namespace])
    const live = await cluster.get({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'app', namespace }, signal)
    if (live === undefined) throw new Error('no Deployment')
    const desired = deployment('app', {}, { env: [{ name: 'A', value: '9' }] })
    const prediction = await cluster.predict(desired, { mode: 'patch', previous, live }, signal)
    if (prediction.kind !== 'predicted') throw new Error(JSON.stringify(prediction))
    const spec = prediction.object['spec'] as { template: { spec: { containers: { env: unknown }[] } } }
    expect(spec.template.spec.containers[0]?.env).toEqual([
      { name: 'A', value: '9' },
      { name: 'MINE', value: 'yes' },
    ])
  })
})

describe('verdicts', () => {
  const fail = (how: string): Record<string, string> => ({ 'sandbox.forge.api-forge.io/fail': how })
  const failure = async (object: KubeObject): Promise<Failure> => {
    const verdict = await verdictOf(object)
    if (verdict.state !== 'failed') throw new Error(JSON.stringify(verdict))
    return verdict
  }

  test('a Deployment becomes ready', async () =>
    expect(await verdictOf(deployment('app'))).toEqual({ state: 'ready', detail: '1/1' }))

  test.each([
    ['image-pull', 'E_IMAGE_PULL'],
    ['crash-loop', 'E_CRASH_LOOP'],
    ['oom', 'E_OOM_KILLED'],
    ['config-error', 'E_CONTAINER_CONFIG'],
  ])('%s is %s, down to the container', async (how, code) => {
    const { code: found, chain } = await failure(deployment('app', fail(how)))
    expect(found).toBe(code)
    expect(chain.slice(0, 4)).toEqual([
      'Deployment/app',
      expect.stringMatching(/^ReplicaSet\/app-/u),
      expect.stringMatching(/^Pod\/app-/u),
      'main',
    ])
  })

  test('a pod that fits on no node', async () => {
    const { code, message } = await failure(deployment('app', {}, { resources: { requests: { cpu: '1000' } } }))
    expect([code, message]).toEqual(['E_UNSCHEDULABLE', 'app fits on no node: no node has enough free cpu'])
  })

  test('a quota that is used up', async () => {
    await cluster.create(
      { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'none', namespace }, spec: { hard: { pods: '0' } } },
      signal,
    )
    const { code, chain } = await failure(deployment('app'))
    expect([code, chain.length]).toEqual(['E_QUOTA', 2])
  })

  test('a Job that fails tells its exit status and its pod', async () => {
    const template = {
      metadata: { annotations: fail('job') },
      spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'acme/app:1' }] },
    }
    const job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'schema', namespace },
      spec: { backoffLimit: 0, template },
    }
    const { code, message, pod } = await failure(job)
    expect([code, message, pod?.container]).toEqual([
      'E_JOB_FAILED',
      expect.stringMatching(/^schema failed: it exits with status 1/u),
      'main',
    ])
  })
})
