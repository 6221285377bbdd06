import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { keyOf, refOf, type KubeObject } from '../../src/domain/kube.ts'
import { keepValues } from '../../src/domain/manifest/keep-values.ts'
import { consumed } from '../../src/domain/manifest/references.ts'
import { markOf, needsMarks, restartMarks, type Contents } from '../../src/domain/manifest/restart-marks.ts'
import { planObjects } from '../../src/domain/plan/objects.ts'
import { withValues } from '../../src/domain/plan/preserved.ts'
import type { ObjectPlan } from '../../src/domain/plan/model.ts'
import { planRestarts } from '../../src/domain/plan/restarts.ts'
import { consumes, names, scene, type Change, type Scene, type Stock } from '../support/restart-scene.ts'

const workload = (spec: Record<string, unknown>, annotations?: Record<string, string>): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'n' },
  spec: { template: { metadata: annotations === undefined ? {} : { annotations }, spec } },
})

describe('what a pod consumes', () => {
  const mount = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
    containers: [{ name: 'c', volumeMounts: [{ name: 'v', mountPath: '/v', ...more }] }],
  })
  const volume = (source: Record<string, unknown>): Record<string, unknown> => ({ volumes: [{ name: 'v', ...source }] })
  const two = [
    { key: 'a', path: 'x/a' },
    { key: 'b', path: 'b' },
  ]
  test.each([
    ['a key by env', { containers: [{ env: [{ valueFrom: { configMapKeyRef: { name: 'm', key: 'a' } } }] }] }, ['a']],
    ['all keys by envFrom', { initContainers: [{ envFrom: [{ configMapRef: { name: 'm' } }] }] }, undefined],
    ['a whole volume', { ...mount(), ...volume({ configMap: { name: 'm' } }) }, undefined],
    ['items', { ...mount(), ...volume({ configMap: { name: 'm', items: two } }) }, ['a', 'b']],
    ['one file by subPath', { ...mount({ subPath: './a' }), ...volume({ configMap: { name: 'm' } }) }, ['a']],
    ['items by subPath', { ...mount({ subPath: 'x/a' }), ...volume({ configMap: { name: 'm', items: two } }) }, ['a']],
    ['a folder of items', { ...mount({ subPath: 'x/' }), ...volume({ configMap: { name: 'm', items: two } }) }, ['a']],
    [
      'a path made of variables',
      { ...mount({ subPathExpr: '$(A)' }), ...volume({ configMap: { name: 'm' } }) },
      undefined,
    ],
    [
      'projected items',
      { ...mount(), ...volume({ projected: { sources: [{ configMap: { name: 'm', items: two } }] } }) },
      ['a', 'b'],
    ],
    [
      'projected, by subPath',
      { ...mount({ subPath: 'a' }), ...volume({ projected: { sources: [{ configMap: { name: 'm' } }] } }) },
      ['a'],
    ],
  ])('%s', (_, spec, uses) => expect(consumed(workload(spec))).toEqual([{ kind: 'ConfigMap', name: 'm', uses }]))

  test('nothing of a volume that no container mounts', () => {
    expect(consumed(workload({ containers: [{ name: 'c' }], ...volume({ secret: { secretName: 's' } }) }))).toEqual([])
  })

  test('one entry for several places; one that takes all wins', () => {
    const spec = {
      containers: [
        { env: [{ valueFrom: { secretKeyRef: { name: 's', key: 'b' } } }] },
        { env: [{ valueFrom: { secretKeyRef: { name: 's', key: 'a' } } }], envFrom: [{ configMapRef: { name: 'm' } }] },
        { env: [{ valueFrom: { configMapKeyRef: { name: 'm', key: 'x' } } }] },
      ],
    }
    expect(consumed(workload(spec))).toEqual([
      { kind: 'Secret', name: 's', uses: ['a', 'b'] },
      { kind: 'ConfigMap', name: 'm', uses: undefined },
    ])
  })
})

describe('marks', () => {
  const spec = { containers: [{ envFrom: [{ secretRef: { name: 's' } }] }] }
  const valueOf = async (contents: Contents, before?: KubeObject): Promise<unknown> =>
    (await restartMarks(workload(spec), before, () => contents))[0]?.value

  test('a workload that speaks for itself is left alone', () => {
    expect(needsMarks(workload(spec))).toBe(true)
    expect(needsMarks(workload(spec, { 'checksum/config': 'x' }))).toBe(true)
    expect(needsMarks(workload(spec, { 'forge.api-forge.io/configmap-other': 'x' }))).toBe(false)
    expect(needsMarks({ ...workload(spec), kind: 'Job' })).toBe(false)
    expect(needsMarks(workload({ containers: [{}] }))).toBe(false)
  })

  test('a secret of forge.yaml counts by its revision, others by a hash that needs the key', async () => {
    expect(await valueOf({ kind: 'revisions', keys: { a: 3, b: 7 } })).toBe('7')
    const hashKey = new Uint8Array(32).fill(1)
    const one = await valueOf({ kind: 'secret', keys: { a: 'MTIzNA==' }, hashKey })
    const other = await valueOf({ kind: 'secret', keys: { a: 'MTIzNA==' }, hashKey: new Uint8Array(32).fill(2) })
    expect(one).toMatch(/^h-[0-9a-f]{16}$/u)
    expect(one).not.toBe(other)
  })

  test('what may not be read stays as it was deployed', async () => {
    const before = workload(spec, { [markOf({ kind: 'Secret', name: 's' })]: 'h-1' })
    expect(await valueOf({ kind: 'unknown' }, before)).toBe('h-1')
    expect(await valueOf({ kind: 'unknown' })).toBeUndefined()
  })

  test('a long name gets a name that Kubernetes takes, and two of them different ones', () => {
    const long = (end: string): string => markOf({ kind: 'ConfigMap', name: `${'a'.repeat(100)}${end}` })
    expect(long('x').split('/')[1]).toHaveLength(63)
    expect(long('x')).not.toBe(long('y'))
  })

  test('the post-renderer writes what was planned', async () => {
    const object = workload(spec)
    const values = await restartMarks(object, undefined, () => ({ kind: 'revisions', keys: { a: 3 } }))
    const written = keepValues(`---\n# Source: c/templates/w.yaml\n${JSON.stringify(object)}\n`, {
      namespace: 'n',
      objects: { [keyOf(object)]: values },
    })
    expect(JSON.parse(written.replace(/^---\s*# Source: .*\n/u, ''))).toEqual(withValues(object, values))
  })
})

/** A scene deployed with marks, as its objects would be stored. */
async function deployed({ workloads, stock }: Scene): Promise<KubeObject[]> {
  const contentsOf = ({ kind, name }: { kind: string; name: string }): Contents => {
    const keys = stock[`${kind}/${name}`] ?? {}
    if (kind === 'ConfigMap') return { kind: 'data', keys: textsOf(keys) }
    return name.startsWith('own')
      ? { kind: 'revisions', keys }
      : { kind: 'secret', keys: textsOf(keys), hashKey: new Uint8Array(32).fill(7) }
  }
  const marked = await Promise.all(
    workloads.map(async (object) => withValues(object, await restartMarks(object, undefined, contentsOf))),
  )
  const maps = names.ConfigMap.map((name): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'n' },
    data: textsOf(stock[`ConfigMap/${name}`] ?? {}),
  }))
  return [...marked, ...maps]
}

function textsOf(keys: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, `value ${value}`]))
}

function changedBy(stock: Stock, { object, key }: Change): Stock {
  const keys = stock[object] ?? {}
  // A revision only ever grows, and is higher than every other of its secret.
  return { ...stock, [object]: { ...keys, [key]: Math.max(0, ...Object.values(keys)) + 1 } }
}

test('exactly the workloads that see the changed key restart, whatever the chart and the change', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async ({ change, ...before }) => {
      const after = { ...before, stock: changedBy(before.stock, change) }
      const [was, is] = await Promise.all([deployed(before), deployed(after)])
      const live = new Map(was.map((object) => [keyOf(object), object]))
      const rendered = (objects: readonly KubeObject[]) => objects.map((object) => ({ object, template: 't' }))
      const plan = {
        release: 'r',
        live,
        unreadable: () => false,
        preserved: () => [],
        settled: true,
        previous: rendered(was),
      }
      const restartsOf = (objects: readonly KubeObject[]) =>
        planRestarts({
          plans: planObjects({ ...plan, rendered: rendered(objects) }),
          rendered: new Map(objects.map((object) => [keyOf(object), object])),
          live,
          secretKeys: new Map(change.object.startsWith('Secret/own') ? [[change.object.slice(7), [change.key]]] : []),
        })
      expect(restartsOf(was)).toEqual([])
      const expected = before.workloads
        .filter((object) => consumes(object, change))
        .map(({ metadata }) => metadata.name)
      expect(restartsOf(is).map(({ ref }) => ref.name)).toEqual(expected)
    }),
    { numRuns: 300 },
  )
})

test('an annotation of a pod template is a reason by its name', () => {
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop' } }
  const path = "spec.template.metadata.annotations.'checksum/config'"
  const plan: ObjectPlan = {
    ref: refOf(object),
    release: 'r',
    action: 'change',
    changes: [{ path, before: '1', after: '2' }],
    drift: [],
    conflicts: [],
    template: '',
  }
  const [restart] = planRestarts({ plans: [plan], rendered: new Map(), live: new Map(), secretKeys: new Map() })
  expect(restart?.because).toEqual(['checksum/config'])
})

test('a ConfigMap among the reasons is named as one, whatever is said of it', () => {
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop' } }
  const mark = "spec.template.metadata.annotations.'forge.api-forge.io/configmap-app-env'"
  const image = 'spec.template.spec.containers[web].image'
  const changes = [image, mark].map((path) => ({ path, before: '1', after: '2' }))
  const parts = { drift: [], conflicts: [], template: '', release: 'r', action: 'change' } as const
  const plan: ObjectPlan = { ref: refOf(object), changes, ...parts }
  const [restart] = planRestarts({ plans: [plan], rendered: new Map(), live: new Map(), secretKeys: new Map() })
  expect(restart).toMatchObject({
    because: ['image 2', 'app-env (changed outside this project)'],
    consumed: ['app-env'],
  })
})
