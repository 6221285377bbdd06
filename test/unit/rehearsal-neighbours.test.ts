import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { neighbourLike, neighboursAmong, ownedBy } from '../../src/domain/rehearsal/neighbours.ts'

type Fields = Readonly<Record<string, unknown>>

const pod = (spec: Fields = {}, labels: Readonly<Record<string, string>> = {}, status: Fields = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'agent-1', namespace: 'shop', labels, uid: 'u', annotations: { token: 'x' } },
  spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'private.example.test/agent' }], ...spec },
  status,
})

const web = (spec: Fields = {}, kind = 'Deployment'): KubeObject => {
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main' }], ...spec } }
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web', namespace: 'shop' },
    spec: kind === 'CronJob' ? { jobTemplate: { spec: { template } } } : { template },
  }
}

const claim = (mode: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'shop' },
  spec: { accessModes: [mode] },
})

const port = (hostPort?: number, container: Fields = {}): Fields => ({
  containers: [
    { name: 'main', ports: [{ containerPort: 80, ...(hostPort === undefined ? {} : { hostPort }) }], ...container },
  ],
})
const affinity = (kind: string, labelSelector: unknown, when = 'required'): Fields => ({
  affinity: { [kind]: { [`${when}DuringSchedulingIgnoredDuringExecution`]: [{ labelSelector, topologyKey: 'zone' }] } },
})
const spread = (whenUnsatisfiable: string): Fields => ({
  topologySpreadConstraints: [{ whenUnsatisfiable, labelSelector: { matchLabels: { tier: 'a' } } }],
})
const mounts = {
  volumes: [
    { name: 'v', persistentVolumeClaim: { claimName: 'data' } },
    { name: 'w', emptyDir: {} },
  ],
}
const A = { tier: 'a' }
const toA = { matchLabels: A }

describe('a pod of others decides where pods may stand', () => {
  test.each<[string, KubeObject, readonly KubeObject[], boolean]>([
    ['never, if nothing looks at it', pod({}, A), [web()], false],
    ['if pods are to be near it', pod({}, A), [web(affinity('podAffinity', toA))], true],
    ['if pods are to be away from it', pod({}, A), [web(affinity('podAntiAffinity', toA))], true],
    ['also those of a CronJob', pod({}, A), [web(affinity('podAntiAffinity', toA), 'CronJob')], true],
    ['not if they only would rather', pod({}, A), [web(affinity('podAffinity', toA, 'preferred'))], false],
    ['not if another is meant', pod({}, { tier: 'b' }), [web(affinity('podAffinity', toA))], false],
    ['not without a selector', pod({}, A), [web(affinity('podAffinity', undefined))], false],
    ['if any is meant', pod({}, A), [web(affinity('podAffinity', {}))], true],
    ['if it is counted among those that are spread', pod({}, A), [web(spread('DoNotSchedule'))], true],
    ['not if they are spread as well as can be', pod({}, A), [web(spread('ScheduleAnyway'))], false],
    ['if it keeps them away', pod(affinity('podAntiAffinity', { matchLabels: { app: 'web' } })), [web()], true],
    ['not if it keeps others away', pod(affinity('podAntiAffinity', { matchLabels: { app: 'db' } })), [web()], false],
    ['if both want ports of their node', pod(port(8080)), [web(port(9090))], true],
    ['and so of one with its network', pod(port(8080)), [web({ hostNetwork: true })], true],
    ['not if only it does', pod(port(8080)), [web(port())], false],
    [
      'if a sidecar has the port',
      pod({ initContainers: port(8080, { restartPolicy: 'Always' })['containers'] }),
      [web(port(1))],
      true,
    ],
    ['not if an init container has', pod({ initContainers: port(8080)['containers'] }), [web(port(1))], false],
    ['if it has a claim for itself', pod(mounts), [web(mounts), claim('ReadWriteOncePod')], true],
    ['not if it shares one', pod(mounts), [web(mounts), claim('ReadWriteOnce')], false],
    ['if it makes room for whoever comes', pod({ priority: -10 }), [web()], true],
    ['not if it is merely less', pod({ priority: 1 }), [web()], false],
    ['not once it has ended', pod({}, A, { phase: 'Succeeded' }), [web(affinity('podAffinity', toA))], false],
    ['not before it has a node', pod({ nodeName: undefined }, A), [web(affinity('podAffinity', toA))], false],
  ])('%s', (_when, one, own, isOne) => {
    expect(neighboursAmong([one], own)).toEqual(isOne ? [one] : [])
  })
})

test('in its place stands what a scheduler looks at, owned by its node, and nothing else of it', () => {
  const apart = affinity('podAntiAffinity', toA)
  const like = neighbourLike(pod({ ...port(8080), ...apart, ...mounts, priorityClassName: 'high', env: [] }, A))
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1', uid: 'n' } }
  const { metadata, spec } = ownedBy(like, node)
  expect(metadata).toEqual({
    name: 'agent-1',
    namespace: 'shop',
    labels: A,
    ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: 'n', controller: true }],
  })
  expect(spec).toMatchObject({
    ...apart,
    nodeName: 'node-1',
    priorityClassName: 'high',
    volumes: [{ persistentVolumeClaim: { claimName: 'data' } }],
    containers: [{ image: 'neighbour', ports: [{ containerPort: 80, hostPort: 8080 }] }],
  })
  expect(JSON.stringify([metadata, spec])).not.toContain('private.example.test')
})

test.each<[string, Fields, Fields]>([
  ['nothing', { containers: [{ name: 'a' }] }, { requests: {}, limits: {} }],
  [
    'its containers together, and a limit that is no less',
    {
      containers: [
        { name: 'a', resources: { requests: { cpu: '500m' } } },
        { name: 'b', resources: { limits: { cpu: '100m', 'example.test/gpu': '1' } } },
      ],
    },
    { requests: { cpu: '600m', 'example.test/gpu': '1' }, limits: { cpu: '600m', 'example.test/gpu': '1' } },
  ],
])('it asks for %s', (_what, spec, resources) => {
  expect(neighbourLike(pod(spec))['spec']).toMatchObject({ containers: [{ resources }] })
})
