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
import { testSandbox } from '../support/sandbox.ts'
import { failure } from '../support/project-ports.ts'

// What the old stack was applied from, by a real kustomize and a real API server.
const { signal } = new AbortController()
const redactor = { add: () => undefined }

let cluster: Connection
let namespace: string
let dir: string

beforeAll(async () => {
  const { kubeconfig } = await testSandbox()
  cluster = await connectCluster({ kubeconfig, clock })
  namespace = freshNamespace('source')
  dir = await mkdtemp(join(tmpdir(), 'forge-legacy-'))
  await cp(join(ROOT, 'examples', 'api-forge', 'legacy'), join(dir, 'base'), { recursive: true })
  await writeFile(join(dir, 'kustomization.yaml'), `namespace: ${namespace}\nresources: [base]\n`)
})

afterAll(async () => {
  await kubectl(['delete', 'namespace', namespace, '--wait=false', '--ignore-not-found'])
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

test('from the cluster come the objects with the labels, and nothing that a controller keeps', async () => {
  await kubectl(['create', 'namespace', namespace])
  await kubectl(['apply', '--kustomize', dir])
  // Its ReplicaSet and pod have the labels too; that the pod lacks its Secrets is no matter.
  await kubectl(['-n', namespace, 'wait', 'deployment/app', '--for=condition=Progressing', '--timeout=60s'])
  const notChecked: string[] = []
  const live = await readLiveSource('app.kubernetes.io/name=app', namespace, { cluster, redactor, signal }, notChecked)
  const names = live.map(({ object }) => `${object.apiVersion} ${object.kind}/${object.metadata.name}`)
  expect(names.sort()).toEqual(['apps/v1 Deployment/app', 'v1 PersistentVolumeClaim/app-uploads', 'v1 Service/app'])
  expect(notChecked).toEqual([])
  const error = await failure(readLiveSource('a in (', namespace, { cluster, redactor, signal }, notChecked))
  expect(error).toMatchObject({ code: 'E_LEGACY_SELECTOR' })
})
