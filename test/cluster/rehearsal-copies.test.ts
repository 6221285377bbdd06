import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { systemClock as clock } from '../../src/adapters/clock.ts'
import { connectCluster, type Connection } from '../../src/adapters/kubernetes/connect.ts'
import { keyOf, nameOf, refOf, type KindRef, type KubeObject, type ManagedFields } from '../../src/domain/kube.ts'
import { forCreation } from '../../src/domain/rehearsal/copies.ts'
import { inRanks, isLeftOut } from '../../src/domain/rehearsal/kinds.ts'
import { statusLike, withManagers } from '../../src/domain/rehearsal/managers.ts'
import { classLike, definitionLike, namespaceLike, nodeLike, volumeFor } from '../../src/domain/rehearsal/places.ts'
import * as foreign from '../support/copied-foreign.ts'
import { SHOP } from '../support/copied-shop.ts'
import { freshNamespace } from '../support/cluster.ts'
import { document, forge } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { configMap } from '../support/manifests.ts'
import { deployment } from '../support/pods.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { testSandbox } from '../support/sandbox.ts'
import { smallFiles, type Manifest } from '../support/small.ts'

const { signal } = new AbortController()
const NAMESPACE = freshNamespace('copied')
const FOREIGN = freshNamespace('foreign')

/** What helm made, and what controllers made beside it that is in no manifest. */
const KINDS: readonly KindRef[] = [
  ...['ServiceAccount', 'ConfigMap', 'Secret', 'PersistentVolumeClaim', 'Service', 'LimitRange', 'ResourceQuota'].map(
    (kind) => ({ apiVersion: 'v1', kind }),
  ),
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ControllerRevision'].map((kind) => ({
    apiVersion: 'apps/v1',
    kind,
  })),
  ...['Job', 'CronJob'].map((kind) => ({ apiVersion: 'batch/v1', kind })),
  ...['Ingress', 'NetworkPolicy'].map((kind) => ({ apiVersion: 'networking.k8s.io/v1', kind })),
  ...['Role', 'RoleBinding'].map((kind) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind })),
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
]

interface Side {
  readonly kubeconfig: string
  readonly cluster: Connection
}

let prod: Side
let copy: Side
let home: string
let chart: TestProject

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'forge-copies-'))
  const up = await forge(['sandbox', 'up', '--name', 'f1', '--nodes', '1', '--json'], { env: { XDG_STATE_HOME: home } })
  const { sandbox } = document<{ sandbox: { kubeconfig: string } }>(up)
  const { kubeconfig } = await testSandbox()
  prod = { kubeconfig, cluster: await connectCluster({ kubeconfig, clock }) }
  copy = { kubeconfig: sandbox.kubeconfig, cluster: await connectCluster({ kubeconfig: sandbox.kubeconfig, clock }) }
  chart = await projectOf(smallFiles({ cluster: 'sandbox', namespace: NAMESPACE }, []))
})

afterAll(async () => {
  await prod.cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: NAMESPACE }, {}, signal)
  await Promise.all([prod.cluster.close(), copy.cluster.close()])
  await forge(['sandbox', 'down', '--name', 'f1'], { env: { XDG_STATE_HOME: home } })
  await rm(home, { recursive: true })
})

async function helm({ kubeconfig }: Side, release: string, objects: readonly Manifest[]) {
  await chart.write('values.yaml', JSON.stringify({ objects }))
  const place = ['--namespace', NAMESPACE, '--create-namespace', '--kubeconfig', kubeconfig]
  return await execa(
    await helmOf(4),
    ['upgrade', '--install', release, join(chart.dir, 'chart'), ...place, '--values', join(chart.dir, 'values.yaml')],
    {
      reject: false,
      stdin: 'ignore',
    },
  )
}

async function kubectl({ kubeconfig }: Side, ...args: readonly string[]): Promise<string> {
  return (await execa('kubectl', ['--kubeconfig', kubeconfig, '--namespace', NAMESPACE, ...args], { stdin: 'ignore' }))
    .stdout
}

async function settle(side: Side): Promise<void> {
  for (const workload of ['deployment/web', 'deployment/scaled', 'statefulset/db', 'daemonset/agent'])
    await kubectl(side, 'rollout', 'status', workload, '--timeout=60s')
  await kubectl(side, 'wait', 'job/seed', '--for=condition=Complete', '--timeout=60s')
}

async function objectsOf({ cluster }: Side): Promise<KubeObject[]> {
  const lists = await Promise.all(KINDS.map(async (kind) => await cluster.list(kind, { namespace: NAMESPACE }, signal)))
  return lists.flat()
}

/** Where nodes and classes are as in the other, and nothing else is. */
async function furnish(): Promise<void> {
  const read = async ({ cluster }: Side, apiVersion: string, kind: string): Promise<readonly KubeObject[]> =>
    await cluster.list({ apiVersion, kind }, {}, signal)
  const nodes = await read(prod, 'v1', 'Node')
  for (const kind of ['Node', 'StorageClass'])
    for (const one of await read(copy, kind === 'Node' ? 'v1' : 'storage.k8s.io/v1', kind))
      await copy.cluster.delete(refOf(one), {}, signal)
  const namespace = await prod.cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: NAMESPACE }, signal)
  const made = [
    ...(await read(prod, 'storage.k8s.io/v1', 'StorageClass')).map(classLike),
    ...nodes.map((node, index) => nodeLike(node, [], index)),
    ...(namespace === undefined ? [] : [namespaceLike(namespace)]),
  ]
  for (const one of made) expect([nameOf(one), await copy.cluster.create(one, signal)]).not.toContain(undefined)
}

/** Made, and owned as the original is. A controller may have written meanwhile: then it is read again. */
async function copied(original: KubeObject): Promise<KubeObject> {
  const { cluster } = copy
  let created = await cluster.create(forCreation(original), signal)
  while (created !== undefined) {
    const owned = await cluster.replace(withManagers(created, original), signal)
    if (owned !== undefined) return owned
    created = await cluster.get(refOf(created), signal)
  }
  throw new Error(`${nameOf(original)} was not created`)
}

function managers({ metadata: { managedFields = [] } }: KubeObject): ManagedFields[] {
  return managedFields
    .filter(({ subresource }) => subresource !== 'status')
    .toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)))
}

async function pods(side: Side): Promise<Record<string, unknown>> {
  const found = await side.cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace: NAMESPACE }, signal)
  return Object.fromEntries(found.map(({ metadata: { name, uid } }) => [name, uid]))
}

function generations(objects: readonly KubeObject[]): Record<string, number | undefined> {
  return Object.fromEntries(objects.map((one) => [nameOf(one), one.metadata.generation]))
}

/** The quota of the namespace takes no other. */
const ASKING = { name: 'main', image: 'example.test/main:1', resources: { requests: { cpu: '10m' } } }

/** What somebody writes to later, each the one object of a release. */
const BY_HAND: readonly (readonly [release: string, objects: readonly Manifest[], conflict: RegExp])[] = [
  ['edited', [configMap('edited', { level: '1' })], /conflict.*"kubectl-edit"/u],
  [
    'scaled',
    [deployment({ name: 'scaled', spec: { containers: [ASKING] } }) as Manifest],
    /conflict.*"kubectl" with subresource "scale"/u,
  ],
]

test('a copied namespace is upgraded by helm as the original is', async () => {
  expect(await helm(prod, 'shop', SHOP)).toMatchObject({ exitCode: 0 })
  for (const [release, objects] of BY_HAND) expect(await helm(prod, release, objects)).toMatchObject({ exitCode: 0 })
  await settle(prod)
  await kubectl(
    prod,
    'patch',
    'configmap',
    'edited',
    '--type=merge',
    '--patch={"data":{"level":"hand"}}',
    '--field-manager=kubectl-edit',
  )
  await kubectl(prod, 'scale', 'deployment/scaled', '--replicas=2')
  await kubectl(prod, 'annotate', 'statefulset/db', 'seen=yes', '--field-manager=controller')
  await furnish()

  const originals = (await objectsOf(prod)).filter((one) => !isLeftOut(one))
  const copies = new Map<string, KubeObject>()
  for (const original of inRanks(originals, (one) => one).flat()) copies.set(keyOf(original), await copied(original))
  for (const original of originals)
    expect([nameOf(original), managers(copies.get(keyOf(original)) ?? original)]).toEqual([
      nameOf(original),
      managers(original),
    ])
  await settle(copy)

  const before = { pods: await pods(copy), generations: generations(await objectsOf(copy)) }
  expect(Object.keys(before.pods)).toHaveLength(Object.keys(await pods(prod)).length)
  // The hook runs, and the record of revision 2 comes: nothing else.
  expect(await helm(copy, 'shop', SHOP)).toMatchObject({ exitCode: 0, stderr: '' })
  await settle(copy)
  expect(await pods(copy)).toMatchObject(before.pods)
  expect(generations(await objectsOf(copy))).toMatchObject(before.generations)

  for (const [release, objects, conflict] of BY_HAND) {
    const [there, here] = [await helm(prod, release, objects), await helm(copy, release, objects)]
    expect(there.stderr).toMatch(conflict)
    expect([here.exitCode, here.stderr]).toEqual([there.exitCode, there.stderr])
  }
}, 240_000)

test('what an operator, a webhook, a cloud or another node stood behind stands without', async () => {
  const { cluster } = copy
  const put = async (object: KubeObject): Promise<KubeObject> => {
    const made = await cluster.create(object, signal)
    if (made === undefined) throw new Error(`${nameOf(object)} is there already`)
    return made
  }
  await put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: FOREIGN } })
  await put(definitionLike(foreign.DEFINITION))
  await kubectl(copy, 'wait', `crd/${foreign.DEFINITION.metadata.name}`, '--for=condition=Established', '--timeout=30s')

  const kettle = foreign.kettle(FOREIGN)
  const said = statusLike(kettle, await put(forCreation(kettle)))
  await execa('kubectl', ['--kubeconfig', copy.kubeconfig, 'replace', '--subresource=status', '--filename=-'], {
    input: JSON.stringify(said),
  })
  const older = { ...refOf(kettle), apiVersion: 'copies.example.test/v1beta1' }
  expect(await cluster.get(older, signal)).toMatchObject({
    metadata: { generation: 1 },
    status: { observedGeneration: 1, conditions: [{ type: 'Ready', observedGeneration: 1 }] },
  })

  await put(forCreation(foreign.WEBHOOKS))

  const claim = foreign.staticClaim(FOREIGN)
  for (const one of [volumeFor(claim, []) ?? claim, forCreation(claim)]) await put(one)
  await kubectl(
    copy,
    'wait',
    'pvc/films',
    `--namespace=${FOREIGN}`,
    '--for=jsonpath={.status.phase}=Bound',
    '--timeout=30s',
  )

  // Of 3.9 cores 2 are somebody else's: there is room for one more of these.
  const others = [foreign.podAsking('other', 'elsewhere', '2', 'disk-1')]
  await put(nodeLike(foreign.nodeWithDisk, others, 200))
  for (const [name, condition] of [
    ['fits', 'Ready'],
    ['does-not', 'PodScheduled=False'],
  ] as const) {
    await put(forCreation(foreign.podAsking(name, FOREIGN, '1', 'disk-1')))
    await kubectl(
      copy,
      'wait',
      `pod/${name}`,
      `--namespace=${FOREIGN}`,
      `--for=condition=${condition}`,
      '--timeout=30s',
    )
  }
  // By now the API server knows of the webhook.
  await put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'not-asked', namespace: FOREIGN } })
}, 120_000)
