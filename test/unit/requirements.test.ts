import { describe, expect, test } from '@jest/globals'
import { parseConfig, resolveProject } from '../../src/domain/config/config.ts'
import type { Requirements } from '../../src/domain/config/requirements.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import {
  lackingClass,
  lackingDefinition,
  lackingKeys,
  lackingOperator,
  lackingService,
} from '../../src/domain/requirements/judge.ts'
import { lackingNodes } from '../../src/domain/requirements/nodes.ts'
import { minimal } from '../support/sample-config.ts'

const required = (text: string): Requirements =>
  resolveProject(parseConfig(`${minimal}requirements: ${text}\n`), 'dev', { file: '/p/forge.yaml', dir: '/p' })
    .requirements
const at = { file: 'forge.yaml', line: 1, column: 1 }

const object = (kind: string, name: string, more: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'ops', ...(more['metadata'] as object | undefined) },
  ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== 'metadata')),
})

describe('what forge.yaml requires is read', () => {
  test.each([
    ['temporal-frontend', { name: 'temporal-frontend' }],
    ['temporal-frontend:7233', { name: 'temporal-frontend', port: '7233' }],
    ['frontend.temporal:grpc', { name: 'frontend', namespace: 'temporal', port: 'grpc' }],
    ['frontend.temporal.svc.cluster.local:7233', { name: 'frontend', namespace: 'temporal', port: '7233' }],
    ['ingress-nginx/controller', { name: 'controller', namespace: 'ingress-nginx' }],
    ['ingress-nginx/controller:443', { name: 'controller', namespace: 'ingress-nginx', port: '443' }],
  ])('service %s', (text, service) =>
    expect(required(`{ services: ["${text}"] }`).services).toEqual([{ ...service, at: expect.anything() }]),
  )
  test('nodes, with their quantities', () =>
    expect(
      required('{ nodes: [{ selector: { pool: temporal, gen: 2 }, cpu: 8500m, memory: 8.5Gi }, {}] }').nodes,
    ).toEqual([
      { selector: { pool: 'temporal', gen: '2' }, cpu: 8.5, memory: 8.5 * 2 ** 30, at: expect.anything() },
      { selector: {}, at: expect.anything() },
    ]))
  test.each([
    [
      '{ cpu: many }',
      'forge.yaml:6:32: requirements.nodes[0].cpu must be a number of cores, such as 8.5 or 8500m, not "many"',
    ],
    ['{ cpu: 8.5Gi }', 'must be a number of cores'],
    ['{ memory: 8.5GB }', 'must be a number of bytes with its unit, such as 8.5Gi or 512M'],
    ['{ memory: 8.5 }', 'must be a number of bytes with its unit'],
    ['{ labels: { pool: x } }', 'unknown key "labels"'],
  ])('nodes %s are refused', (pool, message) => expect(() => required(`{ nodes: [${pool}] }`)).toThrow(message))
  test('operators, with their namespace or without', () =>
    expect(required('{ operators: [cnpg, cert-manager/cert-manager] }').operators).toMatchObject([
      { name: 'cnpg' },
      { name: 'cert-manager', namespace: 'cert-manager' },
    ]))
  test.each([
    ['crds', 'Certificate', 'must be plural.group'],
    ['services', 'a b', 'must be NAME, NAME:PORT'],
    ['services', 'http://x:1', 'must be NAME, NAME:PORT'],
    ['operators', 'CNPG', 'must be NAME or NAMESPACE/NAME'],
  ])('%s: %s is refused', (key, value, message) => expect(() => required(`{ ${key}: ["${value}"] }`)).toThrow(message))
})

describe('nodes of a pool', () => {
  const node = (pool: string, more: Record<string, unknown> = {}, labels = {}): KubeObject =>
    object('Node', 'n', {
      metadata: { labels: { pool, ...labels } },
      status: { allocatable: { cpu: '4', memory: '16Gi' } },
      ...more,
    })
  const wanted = { selector: { pool: 'temporal' }, cpu: 8.5, memory: 8.5 * 2 ** 30, at }
  test.each<[string, KubeObject[] | undefined, object]>([
    ['offer enough together', [node('temporal'), node('temporal'), node('temporal')], {}],
    [
      'offer too little',
      [node('temporal'), node('temporal'), node('other')],
      { lack: 'offer 8 CPU and 32Gi together (2 nodes), and 8.5 CPU and 8.5Gi are needed' },
    ],
    ['are not there', [node('temporl')], { lack: 'are not there; did you mean "pool=temporl"?' }],
    [
      'may become more',
      [node('temporal', {}, { 'eks.amazonaws.com/nodegroup': 'x' })],
      { doubt: 'more may come: they offer 4 CPU and 16Gi together (1 node), and 8.5 CPU and 8.5Gi are needed' },
    ],
    ['may come', [node('x', {}, { 'karpenter.sh/nodepool': 'x' })], { doubt: 'more may come: they are not there' }],
    [
      'are cordoned for now',
      [node('temporal'), node('temporal'), node('temporal', { spec: { unschedulable: true } })],
      {
        doubt:
          '1 of 3 takes no pods for now: the others offer 8 CPU and 32Gi together (2 nodes), and 8.5 CPU and 8.5Gi are needed',
      },
    ],
    ['may not be seen', undefined, { doubt: 'you may not list nodes' }],
  ])('%s', (_, nodes, judged) => expect(lackingNodes(wanted, nodes)).toEqual(judged))
  test('without quantities one is enough, and without a selector all count', () => {
    expect(lackingNodes({ selector: { pool: 'temporal' }, at }, [node('temporal')])).toEqual({})
    expect(lackingNodes({ selector: {}, cpu: 8, at }, [node('a'), node('b')])).toEqual({})
    expect(lackingNodes({ selector: {}, cpu: 9, at }, [node('a'), node('b')])).toMatchObject({
      lack: expect.stringMatching(/^offer 8 CPU/u) as unknown,
    })
  })
})

describe('a definition', () => {
  const served = (apiVersion: string) => ({
    apiVersion,
    kind: 'X',
    plural: 'certificates',
    namespaced: true,
    verbs: [],
  })
  const resources = [served('cert-manager.io/v1'), served('cert-manager.io/v1beta1'), served('v1')]
  test.each([
    ['certificates.cert-manager.io', undefined],
    ['certificates.cert-manager.io/v1beta1', undefined],
    ['certificates.cert-manager.io/v2', 'is served as v1, v1beta1 only'],
    ['certificate.cert-manager.io', 'is not served by the cluster; did you mean "certificates.cert-manager.io"?'],
  ])('%s', (name, lack) => expect(lackingDefinition({ name, at }, resources)).toBe(lack))
})

describe('an operator', () => {
  const named = (name: string, status: object, labels: Record<string, string> = {}, metadata: object = {}) =>
    object('Deployment', name, { metadata: { labels, ...metadata }, spec: { replicas: 1 }, status })
  const up = { availableReplicas: 1 }
  test.each([
    ['by its name', [named('cnpg', up)], undefined],
    ['by the beginning of its name', [named('cnpg-controller-manager', up)], undefined],
    ['by a label', [named('x', up, { 'app.kubernetes.io/part-of': 'cnpg' })], undefined],
    ['as a DaemonSet', [object('DaemonSet', 'cnpg', { status: { numberAvailable: 2 } })], undefined],
    ['one of two', [named('cnpg-a', {}), named('cnpg-b', up)], undefined],
    [
      'not by a part of its name',
      [named('x-cnpg', up)],
      'is not a workload in any namespace, neither by name nor by label',
    ],
    ['without pods', [named('cnpg-x', {})], 'does not run: Deployment/cnpg-x in namespace ops has no available pod'],
    [
      'scaled to 0',
      [object('Deployment', 'cnpg', { spec: { replicas: 0 } })],
      'does not run: Deployment/cnpg in namespace ops is scaled to 0',
    ],
    [
      'on its way out',
      [named('cnpg', up, {}, { deletionTimestamp: 'now' })],
      'does not run: Deployment/cnpg in namespace ops has no available pod',
    ],
  ])('%s', (_, workloads, lack) => {
    const found = lackingOperator({ name: 'cnpg', at }, workloads)
    expect(found?.replace(/; (?:did|there).*$/u, '')).toBe(lack)
  })
  test('in the namespace that is named', () => {
    expect(lackingOperator({ name: 'cnpg', namespace: 'ops', at }, [named('cnpg', up)])).toBeUndefined()
    expect(lackingOperator({ name: 'cnpg', namespace: 'other', at }, [named('cnpg', up)])).toContain('namespace other')
  })
})

test('a Secret has all keys', () => {
  const live = object('Secret', 's', { data: { host: 'eA==', port: 'eA==' } })
  const lack = (keys: string[], secret: KubeObject | undefined = live) =>
    lackingKeys({ name: 's', keys, at }, secret, 'ops')
  expect(lack(['host'])).toBeUndefined()
  expect(lack([])).toBeUndefined()
  expect(lack(['hots', 'x'])).toBe('has no key hots, x; did you mean "host"?')
  expect(lackingKeys({ name: 's', keys: [], at }, undefined, 'ops')).toBe('is not in namespace ops')
})

describe('a Service', () => {
  const service = (spec: object) => object('Service', 's', { spec })
  const live = service({
    ports: [
      { name: 'grpc', port: 7233 },
      { name: 'http', port: 80 },
    ],
  })
  const slice = (name: string, ...ready: (boolean | undefined)[]) =>
    object('EndpointSlice', 's-1', {
      ports: [{ name, port: 1 }],
      endpoints: ready.map((one) => ({ conditions: one === undefined ? {} : { ready: one } })),
    })
  test.each([
    ['some endpoint is ready', live, '7233', [slice('grpc', false, true)], undefined],
    ['absent means ready', live, 'grpc', [slice('grpc', undefined)], undefined],
    ['any port', live, undefined, [slice('http', true)], undefined],
    ['none ready', live, '7233', [slice('grpc', false)], 'in namespace ops has no ready endpoint at port 7233'],
    [
      'ready at another port',
      live,
      '7233',
      [slice('http', true)],
      'in namespace ops has no ready endpoint at port 7233',
    ],
    ['no slices', live, undefined, [], 'in namespace ops has no ready endpoint'],
    ['another port', live, '7234', [slice('grpc', true)], 'in namespace ops has no port 7234; did you mean "7233"?'],
    ['not there', undefined, undefined, [], 'is not in namespace ops'],
    ['an external name', service({ type: 'ExternalName' }), '5432', [], undefined],
  ])('%s', (_, one, port, slices, lack) =>
    expect(lackingService(port === undefined ? {} : { port }, one, slices, 'ops')).toBe(lack),
  )
})

test('a StorageClass', () => {
  const fast = object('StorageClass', 'fast')
  const usual = object('StorageClass', 'usual', {
    metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  })
  expect(lackingClass({ name: 'any', at }, [fast, usual])).toBeUndefined()
  expect(lackingClass({ name: 'fast', at }, [fast])).toBeUndefined()
  expect(lackingClass({ name: 'any', at }, [fast])).toContain('the cluster has none')
  expect(lackingClass({ name: 'fats', at }, [fast])).toBe('does not exist; did you mean "fast"?')
})
