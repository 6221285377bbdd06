import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { addressOf, chooseDoor, doorsOf, portIn } from '../../src/domain/look/ports.ts'
import { readyPods } from '../../src/domain/look/ready-pods.ts'

const pod = (name: string, ports: readonly object[] = [], labels: Readonly<Record<string, string>> = { app: 'web' }) =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name, labels },
    spec: { containers: [{ name: 'main', ports }] },
  }) as KubeObject
const service = (name: string, ports: readonly object[], selector: object | undefined = { app: 'web' }, more = {}) =>
  ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector, ports, ...more } }) as KubeObject
const shown = (services: readonly KubeObject[], pods: readonly KubeObject[]): string[] =>
  doorsOf(services, pods).map(({ number, name = '', target }) => `${name}:${number}>${target}`)

const DECLARED = [
  { containerPort: 8080, name: 'serve' },
  { containerPort: 9090, name: 'metrics' },
]

describe('which ports there are', () => {
  test.each<[string, readonly KubeObject[], readonly KubeObject[], readonly string[]]>([
    ['none declared', [], [pod('a')], []],
    ['declared by containers alone', [], [pod('a', DECLARED)], ['serve:8080>8080', 'metrics:9090>9090']],
    [
      'a Service goes first',
      [service('web', [{ port: 80, targetPort: 'serve' }])],
      [pod('a', DECLARED)],
      [':80>serve'],
    ],
    ['without a target it is the port', [service('web', [{ port: 80 }])], [pod('a')], [':80>80']],
    [
      'a headless one as any other',
      [service('web', [{ port: 5432, name: 'sql' }], { app: 'web' }, { clusterIP: 'None' })],
      [pod('a')],
      ['sql:5432>5432'],
    ],
    [
      'several Services, each port once',
      [
        service('web', [{ port: 80, targetPort: 8080, name: 'http' }]),
        service('web-headless', [{ port: 80, targetPort: 8080, name: 'http' }]),
        service('admin', [{ port: 9000 }]),
      ],
      [pod('a')],
      ['http:80>8080', ':9000>9000'],
    ],
    [
      'one of other pods is none',
      [service('db', [{ port: 5432 }], { app: 'db' })],
      [pod('a', DECLARED.slice(0, 1))],
      ['serve:8080>8080'],
    ],
    ['one that selects by hand is none', [service('web', [{ port: 80 }], {})], [pod('a')], []],
    [
      'UDP cannot be forwarded',
      [
        service('dns', [
          { port: 53, protocol: 'UDP' },
          { port: 53, protocol: 'TCP' },
        ]),
      ],
      [pod('a')],
      [':53>53'],
    ],
    ['what is no list is none', [service('web', {} as never)], [pod('a', 'x' as never)], []],
  ])('%s', (_, services, pods, doors) => {
    expect(shown(services, pods)).toEqual(doors)
  })
})

describe('which one is meant', () => {
  const doors = doorsOf(
    [
      service('web', [
        { port: 80, targetPort: 'serve', name: 'http' },
        { port: 9000, targetPort: 9090, name: 'admin' },
      ]),
    ],
    [pod('a', DECLARED)],
  )
  test.each<[string | undefined, number | undefined]>([
    [undefined, 80],
    ['admin', 9000],
    ['9000', 9000],
    ['9090', 9000],
    ['7777', 7777],
    ['0', undefined],
    ['65536', undefined],
    ['wbe', undefined],
  ])('%s', (wanted, number) => {
    expect(chooseDoor(doors, wanted)?.number).toBe(number)
  })

  test('of several none of which is http, none; the only one, whatever it is called', () => {
    const others = doors.map((door) => ({ ...door, name: `x-${door.number}` }))
    expect(chooseDoor(others, undefined)).toBeUndefined()
    expect(chooseDoor(others.slice(1), undefined)?.number).toBe(9000)
    expect(chooseDoor([], undefined)).toBeUndefined()
  })

  test('each pod gives a name its own number', () => {
    expect(portIn(pod('a', DECLARED), { target: 'serve' })).toBe(8080)
    expect(portIn(pod('b', [{ containerPort: 3000, name: 'serve' }]), { target: 'serve' })).toBe(3000)
    expect(portIn(pod('c'), { target: 'serve' })).toBeUndefined()
    expect(portIn(pod('c'), { target: 80 })).toBe(80)
  })
})

test.each([
  [{ number: 80, speaks: 'http' }, 'http://127.0.0.1:4000'],
  [{ number: 8443, speaks: undefined }, 'https://127.0.0.1:4000'],
  [{ number: 9999, speaks: 'https-admin' }, 'https://127.0.0.1:4000'],
  [{ number: 5432, speaks: undefined }, '127.0.0.1:4000'],
  [{ number: 15_432, speaks: 'tcp-postgresql' }, '127.0.0.1:4000'],
  [{ number: 50_051, speaks: 'grpc' }, '127.0.0.1:4000'],
])('the address of %j is %s', (door, address) => {
  expect(addressOf({ name: undefined, service: undefined, target: 1, ...door }, 4000)).toBe(address)
})

test('the youngest ready pod that is not going comes first', () => {
  const at = (name: string, creationTimestamp: string, isReady = true, deletionTimestamp?: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, creationTimestamp, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
  })
  const pods = [
    at('old', '2026-01-01T00:00:00Z'),
    at('going', '2026-01-04T00:00:00Z', true, '2026-01-05T00:00:00Z'),
    at('starting', '2026-01-03T00:00:00Z', false),
    at('young', '2026-01-02T00:00:00Z'),
  ]
  expect(readyPods(pods).map(({ metadata }) => metadata.name)).toEqual(['young', 'old'])
})
