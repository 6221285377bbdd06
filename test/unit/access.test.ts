import { describe, expect, test } from '@jest/globals'
import { capacityFindings, requestsOf } from '../../src/domain/access/capacity.ts'
import { missingPermissions } from '../../src/domain/access/permissions.ts'
import type { AccessRules } from '../../src/domain/access/model.ts'
import type { KubeObject } from '../../src/domain/kube.ts'

const rules = (...list: [verbs: string, groups: string, resources: string, names?: string][]): AccessRules => ({
  incomplete: false,
  rules: list.map(([verbs, groups, resources, names]) => ({
    verbs: verbs.split(','),
    apiGroups: groups.split(','),
    resources: resources.split(','),
    ...(names === undefined ? {} : { resourceNames: [names] }),
  })),
})

const create = { verb: 'create', group: 'apps', resource: 'deployments' }

describe('a permission', () => {
  test.each([
    ['named', rules(['create', 'apps', 'deployments']), true],
    ['by stars', rules(['*', '*', '*']), true],
    ['of another group', rules(['create', '', 'deployments']), false],
    ['of another verb', rules(['get,list', 'apps', 'deployments']), false],
    ['for one name only', rules(['create', 'apps', 'deployments', 'web']), false],
  ])('%s', (_, granted, has) => expect(missingPermissions([create], granted)).toEqual(has ? [] : [create]))

  test('of a subresource is granted by its own name or by the resource with a star', () => {
    const log = { verb: 'get', group: '', resource: 'pods/log' }
    expect(missingPermissions([log], rules(['get', '', 'pods']))).toEqual([log])
    expect(missingPermissions([log], rules(['get', '', 'pods/*']))).toEqual([])
  })
})

const GIB = 2 ** 30
const node = (cpu: string, memory: string, more = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n', ...more },
  status: { allocatable: { cpu, memory } },
})
const pods = (cpu: string, memory: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'big' },
  spec: { template: { spec: { containers: [{ resources: { requests: { cpu, memory } } }] } } },
})

describe('capacity', () => {
  test('a pod that the largest node holds is no finding', () =>
    expect(capacityFindings([pods('2', '4Gi')], [node('1', '8Gi'), node('4', '4Gi')])).toEqual([]))

  test('a pod that no node holds will never run', () => {
    expect(capacityFindings([pods('8500m', '1Gi')], [node('4', '8Gi'), node('8', '16Gi')])).toEqual([
      {
        certain: true,
        where: 'Deployment/big',
        message: 'a pod of Deployment/big asks for 8.5 CPU and 1Gi; the largest of 2 nodes offers 8 CPU and 16Gi',
      },
    ])
  })

  test('an autoscaler may bring a larger node', () => {
    expect(
      capacityFindings([pods('16', '1Gi')], [node('4', '8Gi', { labels: { 'karpenter.sh/nodepool': 'x' } })]),
    ).toMatchObject([{ certain: false }])
  })

  test('a cordoned node does not count, and without nodes nothing is said', () => {
    const cordoned = { ...node('64', '64Gi'), spec: { unschedulable: true } }
    // It may come back.
    expect(capacityFindings([pods('8', '1Gi')], [cordoned, node('4', '8Gi')])).toMatchObject([{ certain: false }])
    expect(capacityFindings([pods('80', '1Gi')], [cordoned, node('4', '8Gi')])).toMatchObject([{ certain: true }])
    expect(capacityFindings([pods('8', '1Gi')], [cordoned])).toEqual([])
  })

  test('a node that does not say yet what it has may have enough', () => {
    const fresh = { ...node('4', '8Gi'), status: {} }
    expect(capacityFindings([pods('8', '1Gi')], [fresh, node('4', '8Gi')])).toMatchObject([{ certain: false }])
  })

  const sized = (cpu: string, memory: string, replicas: number, more = {}): KubeObject => {
    const { spec, ...object } = pods(cpu, memory)
    const { template } = spec as { template: { spec: object } }
    return { ...object, spec: { replicas, template: { spec: { ...template.spec, ...more } } } }
  }

  test('more pods than the nodes have places for, each node for itself, will never all run', () => {
    const nodes = [node('5', '64Gi'), node('5', '64Gi')]
    expect(capacityFindings([sized('2', '1Gi', 4)], nodes)).toEqual([])
    expect(capacityFindings([sized('2', '1Gi', 5)], nodes)).toEqual([
      {
        certain: true,
        where: 'Deployment/big',
        message: '5 pods of Deployment/big ask for 2 CPU and 1Gi each; 2 nodes have room for 4 of them, even empty',
      },
    ])
    expect(capacityFindings([sized('100m', '1Gi', 30)], [node('3', '64Gi')])).toEqual([])
    expect(capacityFindings([sized('0', '0', 1000)], nodes)).toEqual([])
  })

  test('workloads that fit one by one, and not together, will never all run', () => {
    const nodes = [node('4', '64Gi'), node('4', '64Gi')]
    expect(capacityFindings([sized('2', '1Gi', 3), sized('1', '1Gi', 3)], nodes)).toMatchObject([
      { certain: true, message: 'all pods together ask for 9 CPU and 6Gi; 2 nodes offer 8 CPU and 128Gi, even empty' },
    ])
    // A Job ends, and makes room.
    expect(capacityFindings([sized('2', '1Gi', 3), { ...sized('4', '1Gi', 1), kind: 'Job' }], nodes)).toEqual([])
  })

  test('a pod that wants labels is judged by the nodes that have them', () => {
    const nodes = [node('8', '8Gi'), node('2', '8Gi', { labels: { disk: 'ssd' } })]
    const wants = (cpu: string, disk: string): KubeObject => sized(cpu, '1Gi', 1, { nodeSelector: { disk } })
    expect(capacityFindings([wants('2', 'ssd')], nodes)).toEqual([])
    expect(capacityFindings([wants('4', 'ssd')], nodes)).toMatchObject([
      {
        message:
          'a pod of Deployment/big asks for 4 CPU and 1Gi; the largest of 1 node offers 2 CPU and 8Gi (passed over: 1 not labelled disk=ssd)',
      },
    ])
    expect(capacityFindings([wants('1', 'nvme')], nodes)).toMatchObject([
      { certain: true, message: 'a pod of Deployment/big wants a node with disk=nvme; none of 2 has that' },
    ])
  })

  const place = (labels = {}, taints: object[] = []): KubeObject => ({
    ...node('8', '8Gi', { labels }),
    spec: { taints },
  })
  const dedicated = { key: 'dedicated', value: 'db', effect: 'NoSchedule' }
  const placed = (spec: object, replicas = 1): KubeObject => sized('1', '1Gi', replicas, spec)
  const required = (matchExpressions: object[]): object => ({
    affinity: {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } },
    },
  })

  test('says why each node is passed over', () => {
    const nodes = [place({ disk: 'ssd' }, [dedicated]), place({ disk: 'hdd' }), place({}, [dedicated])]
    const [found] = capacityFindings([placed({ nodeSelector: { disk: 'ssd' } })], nodes)
    expect(found).toMatchObject({
      certain: false,
      tainted: { kind: 'Deployment' },
      message:
        'no node takes a pod of Deployment/big: of 3, 1 tainted dedicated=db:NoSchedule, 2 not labelled disk=ssd',
    })
    const tolerant = { nodeSelector: { disk: 'ssd' }, tolerations: [{ key: 'dedicated', operator: 'Exists' }] }
    expect(capacityFindings([placed(tolerant)], nodes)).toEqual([])
  })

  test('what keeps pods away for taints is sure once the API server has said what the pods become', () => {
    const object = placed({})
    const nodes = [place({}, [dedicated])]
    expect(capacityFindings([object], nodes)).toMatchObject([{ certain: false }])
    expect(capacityFindings([object], nodes, new Map([[object, {}]]))).toMatchObject([{ certain: true }])
    const admitted = new Map([[object, { tolerations: [dedicated] }]])
    expect(capacityFindings([object], nodes, admitted)).toEqual([])
  })

  test.each([
    ['not-ready', { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }],
    ['one that starts', { key: 'node.cilium.io/agent-not-ready', effect: 'NoSchedule' }],
  ])('a node that takes no pods for now (%s) may take them later', (_, taint) => {
    const nodes = [place({ disk: 'ssd' }, [taint]), place()]
    expect(capacityFindings([placed({ nodeSelector: { disk: 'ssd' } })], nodes)).toMatchObject([{ certain: false }])
    expect(capacityFindings([placed({})], nodes)).toEqual([])
  })

  test('node affinity, places to spread over, and a DaemonSet for nodes that are not there', () => {
    const nodes = [place({ zone: 'a' }), place({ zone: 'b' })]
    const message = (spec: object): unknown => capacityFindings([placed(spec)], nodes)[0]?.message
    expect(message(required([{ key: 'zone', operator: 'In', values: ['b', 'c'] }]))).toBeUndefined()
    expect(message(required([{ key: 'zone', operator: 'In', values: ['c', 'd'] }]))).toBe(
      'no node takes a pod of Deployment/big: of 2, 2 outside its node affinity (zone in (c, d))',
    )
    const spread = (whenUnsatisfiable: string, topologyKey: string): object => ({
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey, whenUnsatisfiable }],
    })
    expect([message(spread('DoNotSchedule', 'zone')), message(spread('ScheduleAnyway', 'rack'))]).toEqual([
      undefined,
      undefined,
    ])
    expect(message(spread('DoNotSchedule', 'rack'))).toMatch(/2 without the label rack to spread over$/u)
    const windows = { ...placed({ nodeSelector: { os: 'windows' } }), kind: 'DaemonSet' }
    expect(capacityFindings([windows], nodes)).toEqual([])
    expect(capacityFindings([placed({ nodeSelector: { os: 'windows' } }, 0)], nodes)).toEqual([])
  })

  test('pods that must each be alone in a place', () => {
    const nodes = [place({ host: 'a' }), place({ host: 'b' }), place({ host: 'c' })]
    const alone = (replicas: number, strategy?: object, more: object = {}): string | undefined => {
      const term = { topologyKey: 'host', labelSelector: { matchLabels: { app: 'big' } }, ...more }
      const podAntiAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [term] }
      const { spec, ...rest } = placed({ affinity: { podAntiAffinity } }, replicas)
      const { template } = spec as { template: object }
      const labelled = { ...template, metadata: { labels: { app: 'big' } } }
      return capacityFindings([{ ...rest, spec: { replicas, strategy, template: labelled } }], nodes)[0]?.message
    }
    expect(alone(4)).toBe('4 pods of Deployment/big must each have a host of their own; 3 nodes have 3')
    expect(alone(3)).toMatch(/^an update of Deployment\/big would hang: its 3 pods must each have a host of their own/u)
    expect(alone(2)).toBeUndefined()
    expect(alone(3, { rollingUpdate: { maxUnavailable: 1 } })).toBeUndefined()
    expect(alone(3, { type: 'Recreate' })).toBeUndefined()
    expect(alone(3, {}, { matchLabelKeys: ['pod-template-hash'] })).toBeUndefined()
    expect(alone(4, {}, { labelSelector: { matchLabels: { app: 'other' } } })).toBeUndefined()
  })

  test('what only a device plugin offers is a warning', () => {
    const gpu = { containers: [{ resources: { limits: { 'nvidia.com/gpu': 1 } } }] }
    expect(capacityFindings([placed(gpu)], [place()])).toMatchObject([
      {
        certain: false,
        message: 'a pod of Deployment/big asks for 1 nvidia.com/gpu; none of 1 node offers that now',
      },
    ])
    // It hides nothing else.
    expect(
      capacityFindings(
        [placed(gpu), sized('4', '1Gi', 2), { ...sized('4', '1Gi', 1), kind: 'StatefulSet' }],
        [place()],
      ),
    ).toMatchObject([
      { certain: true, where: 'nodes' },
      { certain: false, where: 'Deployment/big' },
    ])
    const offers = { ...place(), status: { allocatable: { cpu: '8', memory: '8Gi', 'nvidia.com/gpu': '2' } } }
    expect(capacityFindings([placed(gpu)], [offers])).toEqual([])
    expect(capacityFindings([placed(gpu)], [place({ 'karpenter.sh/nodepool': 'gpu' })])).toEqual([])
  })

  test('the largest init container counts, sidecars are added, limits stand in for requests', () => {
    const of = (cpu: string, more = {}): object => ({ resources: { limits: { cpu, memory: '1Gi' } }, ...more })
    expect(
      requestsOf({ containers: [of('1')], initContainers: [of('4'), of('500m', { restartPolicy: 'Always' })] }),
    ).toEqual({ cpu: 4, memory: 2 * GIB })
  })
})
