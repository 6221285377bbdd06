import { expect, test } from '@jest/globals'
import { keyOf, type KubeObject } from '../../src/domain/kube.ts'
import { faultsIn } from '../../src/domain/migrate/values-faults.ts'
import { textsOf, valuesText } from '../../src/domain/migrate/values-file.ts'
import { solve } from '../../src/domain/migrate/values-solve.ts'
import { targetsOf } from '../../src/domain/migrate/values-target.ts'
import { patchOf, withValue } from '../../src/domain/migrate/values-tree.ts'
import type { Json, JsonMap } from '../../src/domain/values/model.ts'
import { searchValues, type Search } from '../../src/flows/migrate/value-search.ts'

const IMAGE = new Map([
  ['R', 'nginx'],
  ['T', '1.25'],
])

test.each([
  ['only the tag', 'R:T', 'nginx:1.26', { T: '1.26' }],
  ['only the repository', 'R:T', 'shop:1.25', { R: 'shop' }],
  ['both', 'R:T', 'localhost:5000/shop:2', { R: 'localhost:5000/shop', T: '2' }],
  ['with what the template adds', 'docker.io/R:T-alpine', 'docker.io/nginx:2-alpine', { T: '2' }],
  ['a token that comes twice', 'R/R', 'shop/shop', { R: 'shop' }],
  ['a dash and a dot stand for themselves', 'a-b.R', 'a-b.web', { R: 'web' }],
  ['not made by any', 'R:T', 'shop@sha256', undefined],
])('what is behind a text: %s', (_, text, live, found) => {
  const solved = solve(text, IMAGE, live)
  expect(solved === undefined ? undefined : Object.fromEntries(solved)).toEqual(found)
})

test.each<[string, JsonMap, (string | number)[], Json, JsonMap]>([
  ['a new map', {}, ['app', 'replicas'], 2, { app: { replicas: 2 } }],
  ['beside another', { app: { image: 'a' } }, ['app', 'replicas'], 2, { app: { image: 'a', replicas: 2 } }],
  ['an item of a list, which is written whole', {}, ['env', 1, 'value'], 'x', { env: [{ name: 'A' }, { value: 'x' }] }],
  ['a key that is taken away', {}, ['resources', 'limits'], null, { resources: { limits: null } }],
])('%s', (_, tree, path, value, found) => {
  expect(withValue(tree, { env: [{ name: 'A' }, { value: 'y' }], resources: { limits: {} } }, path, value)).toEqual(
    found,
  )
})

test.each<[string, JsonMap, JsonMap, JsonMap]>([
  ['added', {}, { a: 1 }, { a: 1 }],
  ['taken away', { a: 1, b: 2 }, { b: 2 }, { a: null }],
  ['within', { a: { b: 1, c: 1 } }, { a: { b: 2 } }, { a: { b: 2, c: null } }],
  ['the same', { a: [1] }, { a: [1] }, {}],
])('what makes one map of another: %s', (_, from, to, patch) => {
  expect(patchOf(from, to)).toEqual(patch)
})

const pod = (spec: object): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec })

test.each([
  ['nothing', { containers: [{ name: 'a', env: [{ name: 'A' }, { name: 'B' }] }] }, 0],
  ['a name twice', { containers: [{ name: 'a', env: [{ name: 'A' }, { name: 'A' }] }] }, 1],
  ['a mount of no volume', { containers: [{ name: 'a', volumeMounts: [{ name: 'v', mountPath: '/v' }] }] }, 1],
  [
    'a mount of a volume',
    { containers: [{ name: 'a', volumeMounts: [{ name: 'v', mountPath: '/v' }] }], volumes: [{ name: 'v' }] },
    0,
  ],
])('what an API server would not take: %s', (_, spec, count) => {
  expect(faultsIn([pod(spec)])).toBe(count)
})

test('a variable is called by its name', () => {
  expect(textsOf([{ name: 'PASSWORD', value: 'x' }, { key: 'dedicated' }], '')).toEqual([
    { name: 'name', text: 'PASSWORD' },
    { name: 'PASSWORD', text: 'x' },
    { name: 'key', text: 'dedicated' },
  ])
})

test('each value has its origin above it, and what none says is at the end', () => {
  const text = valuesText({
    tree: { app: { replicas: 2, env: [{ name: 'A' }] }, 'odd key': 'yes' },
    written: [
      { path: 'app.replicas', object: 'Deployment/app', field: 'spec.replicas', by: 'kubectl' },
      { path: 'app.env[0].name', object: 'Deployment/app', field: 'env' },
    ],
    left: [{ object: 'Job/old', field: '', because: 'the chart does not render it' }],
    of: 'prod, namespace shop',
  })
  expect(text)
    .toBe(`# What runs in prod, namespace shop, as values of its chart: from forge migrate-to-helm --write-values
app:
  # Deployment/app spec.replicas, live (kubectl)
  replicas: 2
  # Deployment/app env, live
  env:
    - name: A
"odd key": "yes"

# No value of the chart says this:
#   Job/old: the chart does not render it
`)
})

const deployment = (name: string, replicas: unknown, level: unknown, more: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: { replicas, template: { spec: { containers: [{ name, env: [{ name: 'LEVEL', value: level }], ...more }] } } },
})

/** A chart of two Deployments that share a level; a replica count must be below 10, as its schema says. */
function chart(values: JsonMap): ReturnType<Search['render']> {
  const { replicas, level, web } = values as { replicas: number; level: string; web: { replicas: number; args: Json } }
  if (replicas > 10) return Promise.resolve({ refused: ['replicas'] })
  const args = Array.isArray(web.args) && web.args.length > 0 ? { args: web.args } : {}
  return Promise.resolve({
    objects: [deployment('app', replicas, level), deployment('web', web.replicas, level, args)],
  })
}

const VALUES = { replicas: 1, level: 'info', web: { replicas: 1, args: [] } }

async function found(live: readonly KubeObject[], isAllowed: Search['isAllowed'] = () => true) {
  const source = new Map(live.map((object) => [`${object.kind}/${object.metadata.name}`, { object }]))
  const states = live.map((object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(object) },
    },
  }))
  const render: Search['render'] = async (more) => {
    return await chart({ ...VALUES, ...more, web: { ...VALUES.web, ...(more['web'] as JsonMap | undefined) } })
  }
  return await searchValues({
    targets: targetsOf(states, source),
    effective: VALUES,
    render,
    isAllowed,
    tell: () => undefined,
  })
}

test.each<[string, readonly KubeObject[], JsonMap]>([
  ['nothing differs', [deployment('app', 1, 'info'), deployment('web', 1, 'info')], {}],
  ['one count', [deployment('app', 1, 'info'), deployment('web', 3, 'info')], { web: { replicas: 3 } }],
  ['one whose schema refuses a probe', [deployment('app', 4, 'info'), deployment('web', 1, 'info')], { replicas: 4 }],
  ['a level that both have', [deployment('app', 1, 'warn'), deployment('web', 1, 'warn')], { level: 'warn' }],
  ['a level that only one has: no value says it', [deployment('app', 1, 'warn'), deployment('web', 1, 'info')], {}],
  [
    'a list that was empty',
    [deployment('app', 1, 'info'), deployment('web', 1, 'info', { args: ['-v'] })],
    { web: { args: ['-v'] } },
  ],
  [
    'what the chart does not render',
    [deployment('app', 1, 'info'), deployment('web', 1, 'info'), deployment('old', 1, 'x')],
    {},
  ],
])('the values of what runs: %s', async (_, live, tree) => {
  expect((await found(live)).tree).toEqual(tree)
})

test('what may not be written is left out, and known as such', async () => {
  const live = [deployment('app', 1, 'warn'), deployment('web', 1, 'warn')]
  const { tree, withheld } = await found(live, () => false)
  expect(tree).toEqual({})
  expect(withheld.size).toBe(2)
})

test('a map that the chart leaves empty, and an object that it makes when told to, are found', async () => {
  const web = (limits: unknown): KubeObject => {
    const resources = { requests: { cpu: '10m' }, ...(limits === null || limits === undefined ? {} : { limits }) }
    return deployment('web', 1, 'info', { resources })
  }
  const scaler = (most: unknown): KubeObject => {
    const spec = { scaleTargetRef: { kind: 'Deployment', name: 'web' }, maxReplicas: most }
    return { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web' }, spec }
  }
  const live = [web({ memory: '64Mi' }), scaler(4)]
  const values = { limits: null, hpa: { enabled: false, most: 10 } }
  const render: Search['render'] = (more) => {
    const { limits = null, hpa } = more as { limits?: Json; hpa?: { enabled?: boolean; most?: number } }
    const { enabled, most } = { ...values.hpa, ...hpa }
    return Promise.resolve({ objects: [web(limits), ...(enabled ? [scaler(most)] : [])] })
  }
  const targets = targetsOf(live, new Map(live.map((object) => [keyOf(object), { object }])))
  const { tree, differences } = await searchValues({
    ...{ targets, effective: values, render },
    ...{ isAllowed: () => true, tell: () => undefined },
  })
  expect(differences).toEqual([])
  expect(tree).toEqual({ limits: { memory: '64Mi' }, hpa: { enabled: true, most: 4 } })
})
