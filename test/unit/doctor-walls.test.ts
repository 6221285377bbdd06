import { describe, expect, test } from '@jest/globals'
import { podMakers } from '../../src/domain/doctor/pods.ts'
import { shutOut } from '../../src/domain/doctor/walls.ts'
import type { KubeObject } from '../../src/domain/kube.ts'

function object(apiVersion: string, kind: string, name: string, spec: object, namespace = 'shop'): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace }, spec }
}

function deployment(name: string, pod: object = {}, container: object = {}): KubeObject {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name, ...container }], ...pod } }
  return object('apps/v1', 'Deployment', name, { template })
}

const service = (name: string, ports: object[]): KubeObject =>
  object('v1', 'Service', name, { selector: { app: name }, ports })
const policy = (name: string, spec: object, namespace?: string): KubeObject =>
  object('networking.k8s.io/v1', 'NetworkPolicy', name, spec, namespace)
const to = (app: string): object => ({ podSelector: { matchLabels: { app } } })
const env = (...variables: [name: string, value: string][]): object => ({
  env: variables.map(([name, value]) => ({ name, value })),
})

const db = deployment('db', {}, { ports: [{ name: 'pg', containerPort: 5432 }] })
const dbService = service('db', [{ port: 5432, targetPort: 'pg' }])
const caller = deployment('web', {}, env(['DATABASE_URL', 'postgres://me:pw@db:5432/shop']))
const DNS_RULE = { ports: [{ protocol: 'UDP', port: 53 }] }

function said(objects: readonly KubeObject[], more: Partial<Parameters<typeof shutOut>[0]> = {}): string[] {
  const scene = { home: 'shop', objects, makers: podMakers(objects, 'shop'), others: [], namespaceLabels: () => ({}) }
  return shutOut({ ...scene, ...more }).map(({ text }) => text)
}

const inner = (ingress: object[], name = 'db'): KubeObject =>
  policy('wall', { podSelector: { matchLabels: { app: name } }, policyTypes: ['Ingress'], ingress })
const SHUT =
  'Deployment/web may not reach Service/db:5432, which it names in DATABASE_URL: NetworkPolicy/wall lets no such pod in to Deployment/db'

describe('who may come in', () => {
  test.each<[string, object[], string[]]>([
    ['nobody', [], [SHUT]],
    ['another pod', [{ from: [to('worker')] }], [SHUT]],
    ['another port', [{ from: [to('web')], ports: [{ port: 5433 }] }], [SHUT]],
    ['another protocol', [{ from: [to('web')], ports: [{ protocol: 'UDP', port: 5432 }] }], [SHUT]],
    ['pods of another namespace', [{ from: [{ namespaceSelector: { matchLabels: { team: 'a' } } }] }], [SHUT]],
    ['it', [{ from: [to('web')] }], []],
    ['it, at the port', [{ from: [to('web')], ports: [{ port: 5432 }] }], []],
    ['it, at the named port', [{ from: [to('web')], ports: [{ port: 'pg' }] }], []],
    ['it, within ports', [{ ports: [{ port: 5000, endPort: 6000 }] }], []],
    ['all pods of the namespace', [{ from: [{ podSelector: {} }] }], []],
    [
      'its namespace by name',
      [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } }] }],
      [],
    ],
    ['addresses, of which nobody knows', [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }], []],
    ['all', [{}], []],
  ])('%s', (_, ingress, expected) => expect(said([db, dbService, caller, inner(ingress)])).toEqual(expected))

  test('one policy that lets it in is enough, be it live', () => {
    const shut = [db, dbService, caller, inner([])]
    expect(said([...shut, policy('door', { podSelector: {}, ingress: [{ from: [to('web')] }] })])).toEqual([])
    expect(said(shut, { others: [policy('live', { podSelector: {}, ingress: [{}] })] })).toEqual([])
    // What is live under the name of a rendered one is replaced.
    expect(said(shut, { others: [policy('wall', { podSelector: {}, ingress: [{}] })] })).toEqual([SHUT])
    expect(said(shut, { others: [policy('live', { podSelector: {}, ingress: [{}] }, 'other')] })).toEqual([SHUT])
  })

  test('labels of a namespace that may not be read may be any', () => {
    const ingress = [{ from: [{ namespaceSelector: { matchLabels: { team: 'a' } } }] }]
    expect(said([db, dbService, caller, inner(ingress)], { namespaceLabels: () => undefined })).toEqual([])
    expect(said([db, dbService, caller, inner(ingress)], { namespaceLabels: () => ({ team: 'a' }) })).toEqual([])
  })
})

describe('who may go out', () => {
  const outer = (egress: object[]): KubeObject =>
    policy('out', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'], egress })
  test.each<[string, object[], string[]]>([
    ['to the pods and to DNS', [{ to: [to('db')] }, DNS_RULE], []],
    ['to all', [{}], []],
    ['to the port of the Service', [{ ports: [{ port: 5432 }] }, DNS_RULE], []],
    [
      'elsewhere',
      [{ to: [to('redis')] }, DNS_RULE],
      [
        'Deployment/web may not reach Service/db:5432, which it names in DATABASE_URL: NetworkPolicy/out lets it out to none of its pods at port 5432',
      ],
    ],
    [
      'and not to DNS',
      [{ to: [to('db')], ports: [{ port: 5432 }] }],
      ['Deployment/web may not ask for names: NetworkPolicy/out lets it out to port 53 (UDP) nowhere'],
    ],
  ])('%s', (_, egress, expected) => expect(said([db, dbService, caller, outer(egress)])).toEqual(expected))
})

describe('what names a Service', () => {
  const shut = (container: object, more: readonly KubeObject[] = [], pod: object = {}): string[] =>
    said([db, dbService, deployment('web', pod, container), inner([]), ...more])
  const config: KubeObject = {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'config', namespace: 'shop' } },
    data: { DB: 'db.shop.svc:5432', NAME: 'db' },
  }
  test.each<[string, object, string | undefined]>([
    ['a host', env(['DB_HOST', 'db']), 'DB_HOST'],
    ['a whole name', env(['X', 'http://db.shop.svc.cluster.local/']), 'X'],
    ['arguments', { args: ['--db', 'db:5432'] }, 'its arguments'],
    ['a ConfigMap', { envFrom: [{ configMapRef: { name: 'config' } }] }, 'DB'],
    [
      'a key of a ConfigMap',
      { env: [{ name: 'URL', valueFrom: { configMapKeyRef: { name: 'config', key: 'DB' } } }] },
      'URL',
    ],
    ['a word', env(['KIND', 'db']), undefined],
    ['another name', env(['URL', 'my-db:5432'], ['OTHER', 'db.example.com:5432']), undefined],
    ['another port', env(['URL', 'db:9999']), undefined],
    ['another namespace', env(['URL', 'db.other.svc:5432']), undefined],
  ])('%s', (_, container, at) => {
    const found = shut(container, [config])
    expect(found).toEqual(at === undefined ? [] : [expect.stringContaining(`which it names in ${at}: `)])
  })

  test('never its value', () =>
    expect(shut(env(['URL', 'postgres://me:hunter2@db:5432'])).join()).not.toContain('hunter2'))

  test('pods on the network of their node, and those that call their own Service, are passed over', () => {
    expect(shut(env(['URL', 'db:5432']), [], { hostNetwork: true })).toEqual([])
    const own = deployment('db', {}, { ports: [{ name: 'pg', containerPort: 5432 }], ...env(['PEERS', 'db:5432']) })
    expect(said([own, dbService, inner([])])).toEqual([])
  })

  test('with several ports and none named, all must be shut', () => {
    const two = service('db', [
      { name: 'a', port: 5432, targetPort: 'pg' },
      { name: 'b', port: 80, targetPort: 8080 },
    ])
    const web = deployment('web', {}, env(['DB_HOST', 'db']))
    expect(said([db, two, web, inner([{ ports: [{ port: 8080 }] }])])).toEqual([])
    expect(said([db, two, web, inner([])])).toHaveLength(1)
  })
})

describe('an Ingress', () => {
  const ingress = (port: object): KubeObject =>
    object('networking.k8s.io/v1', 'Ingress', 'web', {
      rules: [{ http: { paths: [{ backend: { service: { name: 'web', port } } }] } }],
    })
  const web = deployment('web', {}, { ports: [{ name: 'http', containerPort: 8080 }] })
  const webService = service('web', [{ name: 'http', port: 80, targetPort: 'http' }])
  test.each<[string, object, object[], unknown[]]>([
    [
      'into pods that let nobody in',
      { number: 80 },
      [],
      ['Ingress/web leads to Service/web:80, and NetworkPolicy/wall lets nobody in at port 8080'],
    ],
    [
      'by the name of the port',
      { name: 'http' },
      [{ ports: [{ port: 9090 }] }],
      [expect.stringContaining('at port 8080')],
    ],
    ['into pods that let somebody in', { number: 80 }, [{ from: [to('proxy')] }], []],
    ['into a port that is not there', { number: 81 }, [], []],
  ])('%s', (_, port, rules, expected) =>
    expect(said([web, webService, ingress(port), inner(rules, 'web')])).toEqual(expected),
  )
})
