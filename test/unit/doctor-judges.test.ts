import { describe, expect, test } from '@jest/globals'
import { judgeAdmission } from '../../src/domain/doctor/admission.ts'
import { judgeCredentials } from '../../src/domain/doctor/credentials.ts'
import { unservedBalancers, unservedIngresses } from '../../src/domain/doctor/entrances.ts'
import { podMakers } from '../../src/domain/doctor/pods.ts'
import { selects } from '../../src/domain/selector.ts'
import { selectsNothing } from '../../src/domain/doctor/selected.ts'
import { skewOf } from '../../src/domain/doctor/skew.ts'
import { deployment, object, said } from '../support/doctor-objects.ts'
import type { KubeObject } from '../../src/domain/kube.ts'

const NOW = Date.parse('2026-11-27T12:00:00Z')
const DAY = 86_400_000

describe('credentials', () => {
  const base = { context: 'prod', server: 'https://api', user: 'jane' }
  const judged = (more: object): string[] =>
    judgeCredentials({ ...base, ...more }, NOW)
      .slice(1)
      .map(({ state, text }) => `${state}: ${text}`)

  test.each<[string, object, string[]]>([
    ['none that ends', {}, []],
    [
      'a certificate that has ended',
      { certificateEnds: NOW - 1 },
      ['unusable: the client certificate of jane expired on 2026-11-27'],
    ],
    [
      'one that ends within 14 days',
      { certificateEnds: NOW + 13 * DAY },
      ['ends-soon: the client certificate of jane expires on 2026-12-10, in 13 days'],
    ],
    ['one that lasts', { certificateEnds: NOW + 15 * DAY }, ['well: client certificate valid until 2026-12-12']],
    ['a token that has ended', { tokenEnds: NOW - 1 }, ['unusable: the token of jane expired on 2026-11-27 11:59 UTC']],
    [
      'one that ends within a deploy',
      { tokenEnds: NOW + 60_000 },
      ['ends-soon: the token of jane expires on 2026-11-27 12:01 UTC: a deploy may take longer'],
    ],
    [
      'a plugin that is not there',
      { plugin: { command: 'aws', isThere: false, installHint: 'install awscli\nand so on' } },
      ['unusable: the credential plugin aws of jane is not there (install awscli)'],
    ],
    ['one that is', { plugin: { command: 'aws', isThere: true } }, ['well: credentials from aws']],
  ])('%s', (_, more, expected) => expect(judged(more)).toEqual(expected))
})

test.each([
  ['v1.35.2', undefined],
  ['1.36.0', undefined],
  ['1.37.0', undefined],
  ['1.34.9', 'kubectl 1.34.9 and Kubernetes 1.36 are more than one minor version apart'],
  ['who knows', undefined],
])('kubectl %s beside Kubernetes 1.36', (version, skew) => {
  expect(skewOf(version, { major: 1, minor: 36 })).toBe(skew)
})

test.each([
  ['pods "a" is forbidden: violates PodSecurity "restricted:latest": x', 'PodSecurity', true],
  ['pods "a" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi', 'limitranges', true],
  ['pods "a" is forbidden: failed quota: q: must specify cpu for: a', 'resourcequotas', true],
  ['pods "a" is forbidden: exceeded quota: q, requested: pods=1', 'resourcequotas', false],
  ['pods "a" is forbidden: no PriorityClass with name high was found', undefined, undefined],
])('what a refused dry run of a pod says: %s', (message, by, certain) => {
  const judged = judgeAdmission(message)
  expect([judged?.by, judged?.certain]).toEqual([by, certain])
})

test('a selector selects as Kubernetes does', () => {
  const labels = { app: 'web', tier: 'front' }
  const one = (operator: string, values?: string[]) => ({
    matchExpressions: [{ key: 'tier', operator, ...(values && { values }) }],
  })
  expect(selects({}, labels)).toBe(true)
  expect(selects({ matchLabels: { app: 'db' } }, labels)).toBe(false)
  const answers = [one('Exists'), one('DoesNotExist'), one('In', ['front']), one('NotIn', ['front'])]
  expect(answers.map((selector) => selects(selector, labels))).toEqual([true, false, true, false])
})

describe('what selects pods', () => {
  const service = (selector?: object, more: object = {}) =>
    object('v1', 'Service', 'web', { spec: { selector, ...more } })
  const policy = (podSelector: object) =>
    object('networking.k8s.io/v1', 'NetworkPolicy', 'wall', { spec: { podSelector } })
  const scene = (objects: KubeObject[], pods: readonly KubeObject[] | undefined = []): string[] =>
    said(selectsNothing({ home: 'shop', objects, makers: podMakers(objects, 'shop'), pods: () => pods }))

  test.each<[string, KubeObject[], string[]]>([
    ['a Service with pods', [service({ app: 'web' }), deployment('web')], ['well: 1 Service selects pods']],
    [
      'without',
      [service({ app: 'wbe' }), deployment('web')],
      ['doubt: Service/web selects no pod (app=wbe): nothing answers behind it'],
    ],
    ['without a selector', [service(undefined)], []],
    ['of another cluster', [service({ app: 'x' }, { type: 'ExternalName' })], []],
    [
      'a policy for nobody',
      [policy({ matchLabels: { app: 'x' } }), deployment('web')],
      ['doubt: NetworkPolicy/wall selects no pod (app=x): it has no effect'],
    ],
    ['one for all', [policy({}), deployment('web')], []],
    [
      'a budget for nobody',
      [object('policy/v1', 'PodDisruptionBudget', 'web', { spec: { selector: { matchLabels: { app: 'x' } } } })],
      ['doubt: PodDisruptionBudget/web selects no pod (app=x): it protects nothing'],
    ],
    [
      'a port that no pod names',
      [service({ app: 'web' }, { ports: [{ port: 80, targetPort: 'htttp' }] }), deployment('web')],
      ['doubt: Service/web leads to port htttp, which no pod behind it names: nothing answers there'],
    ],
    [
      'ports by name and number',
      [
        service(
          { app: 'web' },
          {
            ports: [
              { port: 80, targetPort: 'http' },
              { port: 81, targetPort: 9 },
            ],
          },
        ),
        deployment('web'),
      ],
      ['well: 1 Service selects pods'],
    ],
    [
      'where an operator makes pods',
      [service({ app: 'x' }), object('postgresql.cnpg.io/v1', 'Cluster', 'db')],
      ['unknown: whether Service/web selects a pod: Cluster/db may make it'],
    ],
  ])('%s', (_, objects, expected) => expect(scene(objects)).toEqual(expected))

  test('pods that are there count, and who may not list them says nothing wrong', () => {
    const pod = object('v1', 'Pod', 'other', { metadata: { name: 'other', labels: { app: 'x' } } })
    expect(scene([service({ app: 'x' })], [pod])).toEqual(['well: 1 Service selects pods'])
    const makers = podMakers([], 'shop')
    const objects = [service({ app: 'x' })]
    expect(said(selectsNothing({ home: 'shop', objects, makers, pods: () => undefined }))).toEqual([
      'unknown: whether Service/web selects a pod: you may not list pods in shop',
    ])
  })
})

describe('entrances', () => {
  const ingress = (spec: object, annotations?: Record<string, string>) =>
    object('networking.k8s.io/v1', 'Ingress', 'web', {
      metadata: { name: 'web', ...(annotations && { annotations }) },
      spec,
    })
  const known = (name: string, isDefault = false) =>
    object('networking.k8s.io/v1', 'IngressClass', name, {
      metadata: { name, annotations: isDefault ? { 'ingressclass.kubernetes.io/is-default-class': 'true' } : {} },
    })

  test.each<[string, string[], string[]]>([
    [
      'its class',
      said(unservedIngresses([ingress({ ingressClassName: 'nginx' })], [known('nginx')])),
      ['well: each Ingress has its IngressClass'],
    ],
    [
      'another',
      said(unservedIngresses([ingress({ ingressClassName: 'ngnix' })], [known('nginx')])),
      ['doubt: Ingress/web wants IngressClass ngnix, and the cluster has nginx: nothing serves it'],
    ],
    [
      'none',
      said(unservedIngresses([ingress({})], [known('nginx')])),
      ['doubt: Ingress/web names no IngressClass, and the cluster has no default one: nothing serves it'],
    ],
    [
      'the default one',
      said(unservedIngresses([ingress({})], [known('nginx', true)])),
      ['well: each Ingress has its IngressClass'],
    ],
    [
      'the old annotation',
      said(unservedIngresses([ingress({}, { 'kubernetes.io/ingress.class': 'x' })], [])),
      ['unknown: Ingress/web names its controller by kubernetes.io/ingress.class'],
    ],
    [
      'no right',
      said(unservedIngresses([ingress({})], undefined)),
      ['unknown: IngressClasses of the Ingresses: you may not list ingressclasses'],
    ],
    [
      'a class of the charts',
      said(unservedIngresses([ingress({ ingressClassName: 'own' }), known('own')], [])),
      ['well: each Ingress has its IngressClass'],
    ],
    ['no Ingress', said(unservedIngresses([], undefined)), []],
  ])('an Ingress: %s', (_, found, expected) => expect(found).toEqual(expected))

  const balancer = (name: string, ingress_: object[] = []) =>
    object('v1', 'Service', name, { spec: { type: 'LoadBalancer' }, status: { loadBalancer: { ingress: ingress_ } } })
  test.each<[string, readonly KubeObject[] | undefined, string]>([
    [
      'one has an address',
      [balancer('other', [{ ip: '1.2.3.4' }])],
      'well: LoadBalancers get addresses (Service/other has one)',
    ],
    [
      'none has',
      [balancer('other')],
      "doubt: Service/web is a LoadBalancer, and none of the cluster's has an address: nothing seems to give any",
    ],
    [
      'there is no other',
      [],
      'unknown: whether Service/web (LoadBalancer) gets an address: the cluster has no other to tell by',
    ],
    [
      'no right',
      undefined,
      'unknown: whether Service/web (LoadBalancer) gets an address: you may not list all services',
    ],
  ])('a LoadBalancer: %s', (_, services, expected) => {
    expect(said(unservedBalancers([balancer('web')], services))).toEqual([expected])
  })
})
