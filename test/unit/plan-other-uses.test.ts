import { expect, test } from '@jest/globals'
import { nameOf, type KubeObject, type ObjectRef } from '../../src/domain/kube.ts'
import { otherUses } from '../../src/domain/plan/other-uses.ts'

const ref = (apiVersion: string, kind: string, name: string, namespace = 'shop'): ObjectRef => ({
  apiVersion,
  kind,
  name,
  namespace,
})
const SECRET = ref('v1', 'Secret', 'keys')
const USES = { containers: [{ name: 'main', envFrom: [{ secretRef: { name: 'keys' } }] }] }

interface Sketch {
  readonly owner?: { readonly apiVersion: string; readonly kind: string; readonly name: string }
  readonly status?: unknown
  readonly namespace?: string
  readonly leaving?: boolean
  readonly spec?: object
}

function maker(
  apiVersion: string,
  kind: string,
  name: string,
  { owner, status, namespace = 'shop', leaving = false, spec = USES }: Sketch = {},
): KubeObject {
  const template = { spec }
  const own = kind === 'Pod' ? spec : kind === 'CronJob' ? { jobTemplate: { spec: { template } } } : { template }
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      ...(owner === undefined ? {} : { ownerReferences: [{ ...owner, uid: 'u', controller: true }] }),
      ...(leaving ? { deletionTimestamp: '2026-11-26T12:00:00Z' } : {}),
    },
    spec: own,
    status,
  }
}

const pod = (name: string, sketch: Sketch = {}): KubeObject => maker('v1', 'Pod', name, sketch)
const set = (name: string): Sketch => ({ owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name } })
const job = (name: string): Sketch => ({ owner: { apiVersion: 'batch/v1', kind: 'Job', name } })
const cluster = { owner: { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: 'db' } }
const OWN = [ref('apps/v1', 'Deployment', 'web'), ref('batch/v1', 'CronJob', 'nightly'), SECRET]

test.each<[string, readonly KubeObject[], readonly string[]]>([
  ['a Deployment of somebody else', [maker('apps/v1', 'Deployment', 'tool')], ['Deployment/tool']],
  ['a CronJob between two runs', [maker('batch/v1', 'CronJob', 'report')], ['CronJob/report']],
  ['a bare pod', [pod('debug')], ['Pod/debug']],
  ['a pod that is over', [pod('debug', { status: { phase: 'Succeeded' } })], []],
  ['a pod on its way out', [pod('debug', { leaving: true })], []],
  ['one in another namespace', [maker('apps/v1', 'Deployment', 'tool', { namespace: 'edge' })], []],
  ['one that uses something else', [pod('debug', { spec: { containers: [{ name: 'main' }] } })], []],
  ['the Deployment of the deploy itself', [maker('apps/v1', 'Deployment', 'web'), pod('web-5c-x', set('web-5c'))], []],
  [
    'pods of another Deployment, once',
    [maker('apps/v1', 'Deployment', 'tool'), pod('tool-5c-x', set('tool-5c'))],
    ['Deployment/tool'],
  ],
  ['a ReplicaSet made by hand', [pod('bare-x', set('bare'))], ['ReplicaSet/bare']],
  ['a Job of a CronJob of the deploy', [pod('nightly-1-x', job('nightly-1'))], []],
  ['a Job made by hand', [pod('import-x', job('import'))], ['Job/import']],
  ['pods of a custom resource', [pod('db-1', cluster), pod('db-2', cluster)], ['Cluster/db']],
])('%s', (_, objects, by) => expect(otherUses([SECRET], OWN, objects).map((use) => nameOf(use.by))).toEqual(by))

test('what a custom resource of the deploy makes is its own', () =>
  expect(otherUses([SECRET], [ref('postgresql.cnpg.io/v1', 'Cluster', 'db')], [pod('db-1', cluster)])).toEqual([]))
