import { describe, expect, test } from '@jest/globals'
import { keyOf, nameOf, refOf, type KubeObject } from '../../src/domain/kube.ts'
import type { FieldChange } from '../../src/domain/plan/model.ts'
import { outlookOn, type Doing } from '../../src/domain/rehearsal/outlook.ts'
import { isTrue } from '../../src/domain/readiness/conditions.ts'
import { statusOf } from '../../src/domain/readiness/shapes.ts'

type Fields = Record<string, unknown>

const CERT = 'cert-manager.io/v1'
const CNPG = 'postgresql.cnpg.io/v1'

const object = (apiVersion: string, kind: string, name: string, spec: Fields, status?: Fields): KubeObject => ({
  ...{ apiVersion, kind, spec },
  metadata: { name, namespace: 'shop', uid: name, generation: 2, creationTimestamp: '2026-11-01T00:00:00Z' },
  ...(status === undefined ? {} : { status }),
})
const says = (status: 'True' | 'False'): Fields => ({
  conditions: [{ type: 'Ready', status, reason: 'x', message: 'x', lastTransitionTime: '2026-11-01T00:00:00Z' }],
})
const certificate = (status: 'True' | 'False'): KubeObject =>
  object(CERT, 'Certificate', 'web', { secretName: 'web-tls', issuerRef: { name: 'ca' } }, says(status))
const issuer = (status: 'True' | 'False'): KubeObject =>
  object(CERT, 'Issuer', 'ca', { ca: { secretName: 'ca-key' } }, says(status))
const database = object(CNPG, 'Cluster', 'db', { instances: 1 }, { phase: 'Not enough disk space', readyInstances: 0 })
const pooler = object(CNPG, 'Pooler', 'pool', { instances: 2, cluster: { name: 'db' } }, { instances: 2 })
const poolerPod = (name: string, ready: 'True' | 'False'): KubeObject => ({
  ...object('v1', 'Pod', name, {}, { conditions: [{ type: 'Ready', status: ready }] }),
  metadata: { name, namespace: 'shop', labels: { 'cnpg.io/poolerName': 'pool' } },
})

const change = (path: string): FieldChange => ({ path, before: 1, after: 2 })
const plan = (one: KubeObject, ...paths: readonly string[]): Doing['plans'][number] => ({
  ref: refOf(one),
  action: 'change',
  changes: paths.map(change),
})

const NOTHING: Doing = { plans: [], secrets: [], pods: [], now: 0, isIdle: () => false }

interface Case {
  readonly objects: readonly KubeObject[]
  readonly doing?: Partial<Doing>
  readonly open?: readonly string[]
  readonly stuck?: readonly string[]
}

describe('what is not ready in the environment', () => {
  test.each<[string, Case]>([
    [
      'and is changed, is left open',
      {
        objects: [certificate('False')],
        doing: { plans: [plan(certificate('False'), 'spec.dnsNames')] },
        open: ['Certificate/web'],
      },
    ],
    [
      'and is made anew',
      {
        objects: [certificate('False')],
        doing: { plans: [{ ref: refOf(certificate('False')), action: 'replace', changes: [] }] },
        open: ['Certificate/web'],
      },
    ],
    ['and stays as it is, stays so', { objects: [certificate('False')], stuck: ['Certificate/web'] }],
    [
      'and gets another label, stays so',
      {
        objects: [certificate('False')],
        doing: { plans: [plan(certificate('False'), "metadata.labels.'helm.sh/chart'")] },
        stuck: ['Certificate/web'],
      },
    ],
    [
      'where what it names is changed, is left open',
      {
        objects: [certificate('False'), issuer('True')],
        doing: { plans: [plan(issuer('True'), 'spec.ca.secretName')] },
        open: ['Certificate/web'],
      },
    ],
    [
      'where a Secret of forge may mend what it names',
      {
        objects: [certificate('False'), issuer('False')],
        doing: { secrets: [{ name: 'ca-key', action: 'update' }] },
        open: ['Certificate/web', 'Issuer/ca'],
      },
    ],
    [
      'where that Secret stays',
      {
        objects: [issuer('False')],
        doing: { secrets: [{ name: 'ca-key', action: 'unchanged' }] },
        stuck: ['Issuer/ca'],
      },
    ],
    [
      'and nobody acts on it, is neither',
      {
        objects: [certificate('False')],
        doing: { plans: [plan(certificate('False'), 'spec.dnsNames')], isIdle: () => true },
      },
    ],
    [
      'is no matter where it is ready',
      { objects: [certificate('True')], doing: { plans: [plan(certificate('True'), 'spec.dnsNames')] } },
    ],
    ['is no matter of what says nothing', { objects: [object('example.test/v1', 'Cup', 'cup', {})] }],
    [
      'a database',
      { objects: [database], doing: { plans: [plan(database, 'spec.storage.size')] }, open: ['Cluster/db'] },
    ],
    [
      'a Pooler by its pods',
      { objects: [pooler], doing: { pods: [poolerPod('a', 'True'), poolerPod('b', 'False')] }, stuck: ['Pooler/pool'] },
    ],
    [
      'a Pooler whose pods are ready',
      { objects: [pooler], doing: { pods: [poolerPod('a', 'True'), poolerPod('b', 'True')] } },
    ],
    ['a Pooler whose pods nobody may see', { objects: [pooler] }],
    [
      'a Pooler of a database that is left open',
      {
        objects: [database, pooler],
        doing: { pods: [poolerPod('a', 'False')], plans: [plan(database, 'spec.storage.size')] },
        open: ['Cluster/db', 'Pooler/pool'],
      },
    ],
  ])('%s', (_, { objects, doing = {}, open = [], stuck = [] }) => {
    const found = outlookOn(objects, { ...NOTHING, ...doing })
    expect(found.open.map(nameOf).toSorted()).toEqual(open)
    expect(objects.filter((one) => found.stuck.has(keyOf(one))).map(nameOf)).toEqual(stuck)
    expect(found.objects).toHaveLength(objects.length)
  })

  test('what is left open is as if it were ready, and nothing else is another', () => {
    const { objects } = outlookOn([certificate('False'), database], {
      ...NOTHING,
      plans: [plan(certificate('False'), 'spec')],
    })
    const [first, second] = objects
    expect(first === undefined ? undefined : isTrue(statusOf(first).conditions, 'Ready')).toBe(true)
    expect(second).toBe(database)
  })
})
