import { cp, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { systemClock as clock } from '../../src/adapters/clock.ts'
import { openFiles } from '../../src/adapters/files/files.ts'
import { openLegacy } from '../../src/adapters/files/legacy.ts'
import { connectCluster, type Connection } from '../../src/adapters/kubernetes/connect.ts'
import type { SourceObject } from '../../src/domain/migrate/source.ts'
import { readLiveSource, readSource } from '../../src/flows/migrate/source.ts'
import { freshNamespace, kubectl, type LiveObject } from '../support/cluster.ts'
import { ROOT } from '../support/forge.ts'
import { FOREIGN } from '../support/legacy-foreign.ts'
import { BY_HAND, identities, legacyStack } from '../support/legacy-stack.ts'
import { smallLegacy } from '../support/small-legacy.ts'
import { testSandbox } from '../support/sandbox.ts'
import { failure } from '../support/project-ports.ts'

// What the old stack was applied from, by a real kustomize and a real API server.
const { signal } = new AbortController()
const redactor = { add: () => undefined }

let cluster: Connection
let namespace: string
let dir: string
const made: string[] = []

beforeAll(async () => {
  const { kubeconfig } = await testSandbox()
  cluster = await connectCluster({ kubeconfig, clock })
  namespace = freshNamespace('source')
  dir = await mkdtemp(join(tmpdir(), 'forge-legacy-'))
  await cp(join(ROOT, 'examples', 'api-forge', 'legacy'), join(dir, 'base'), { recursive: true })
  await writeFile(join(dir, 'kustomization.yaml'), `namespace: ${namespace}\nresources: [base]\n`)
})

afterAll(async () => {
  await kubectl(['delete', 'namespace', ...made, '--wait=false'])
  await cluster.close()
})

const read = async (): Promise<readonly SourceObject[]> =>
  await readSource('.', 'default', { legacy: openLegacy(openFiles(dir)), cluster, redactor, signal })

test('a kustomization has the objects that kubectl applies, each where kubectl puts it', async () => {
  const found = await read()
  const rendered = parseAllDocuments(await kubectl(['kustomize', dir])).map((document) => document.toJS() as LiveObject)
  expect(found.map(({ object }) => object)).toEqual(rendered)
  expect(found.filter(({ object }) => object.metadata.namespace === undefined)).toMatchObject([
    { object: { kind: 'Namespace', metadata: { name: namespace } }, at: { file: 'kustomization.yaml' } },
  ])
})

test('what kubectl cannot render is said in its own words', async () => {
  const broken = await mkdtemp(join(tmpdir(), 'forge-legacy-'))
  await writeFile(join(broken, 'kustomization.yaml'), 'resources: [gone.yaml]\n')
  const legacy = openLegacy(openFiles(broken))
  expect(await failure(readSource('.', 'default', { legacy, cluster, redactor, signal }))).toMatchObject({
    code: 'E_LEGACY_RENDER',
    message: expect.stringContaining('gone.yaml'),
  })
})

test('from the cluster come the objects with the labels, as they are by now, and nothing that a controller keeps', async () => {
  const { namespace, own, foreign } = await legacyStack('source')
  made.push(namespace)
  expect([own.size, [...foreign.keys()].sort()]).toEqual([36, FOREIGN.items.map(calledOf).sort()])
  const notChecked: string[] = []
  const ports = { cluster, redactor, signal }
  const live = await readLiveSource('app.kubernetes.io/name in (app, worker)', namespace, ports, notChecked)
  expect(live.map(({ object }) => calledOf(object)).sort()).toEqual([
    'Deployment/app',
    'Deployment/worker',
    'PersistentVolumeClaim/app-uploads',
    'Service/app',
  ])
  const workers = live.find(({ object }) => calledOf(object) === 'Deployment/worker')
  expect(workers?.object).toMatchObject({ spec: { replicas: BY_HAND.replicas.count } })
  expect(notChecked).toEqual([])
  const error = await failure(readLiveSource('a in (', namespace, ports, notChecked))
  expect(error).toMatchObject({ code: 'E_LEGACY_SELECTOR' })
})

test('a folder of manifests has what was applied', async () => {
  const { namespace, project, from } = await smallLegacy()
  made.push(namespace)
  const legacy = openLegacy(openFiles(project.dir))
  const found = await readSource(from, namespace, { legacy, cluster, redactor, signal })
  const applied = [...(await identities(namespace)).keys()].sort()
  expect(found.map(({ object }) => calledOf(object)).sort()).toEqual(applied)
})

function calledOf({ kind, metadata }: { readonly kind: string; readonly metadata: { readonly name: string } }): string {
  return `${kind}/${metadata.name}`
}
