import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parseDocument } from 'yaml'
import { document } from '../support/forge.ts'
import { forgeHere, freshNamespace, kubectl, objects } from '../support/cluster.ts'
import { exampleProject, type TestProject } from '../support/project.ts'
import { testSandbox } from '../support/sandbox.ts'

interface Refusal {
  readonly outcome: string
  readonly verdict: {
    readonly code: string
    readonly message: string
    readonly where: string | null
    readonly hint: string
  }
}

let namespace: string
let project: TestProject

beforeAll(async () => {
  namespace = freshNamespace('bad')
  project = await exampleProject(namespace)
})

async function refused(
  target: TestProject,
  ...more: string[]
): Promise<Refusal['verdict'] & { status: number | undefined }> {
  const ran = await forgeHere(['deploy', '--env', 'sandbox', '-C', target.dir, '--json', ...more])
  const { outcome, verdict } = document<Refusal>(ran)
  expect({ outcome, code: verdict.code }).toEqual({ outcome: 'refused', code: verdict.code })
  return { ...verdict, status: ran.status }
}

/** Nothing is written: the namespace was not even made. */
afterAll(async () => {
  const found = await kubectl(['get', 'namespace', namespace, '--ignore-not-found', '-o', 'name'])
  expect(found).toBe('')
})

/** A copy of the project, so that one wrong thing does not meet the next. */
async function broken(change: (copy: TestProject) => Promise<void>): Promise<TestProject> {
  const copy = await exampleProject(namespace)
  await change(copy)
  return copy
}

test('no forge.yaml', async () => {
  const copy = await broken(async ({ remove }) => await remove('forge.yaml'))
  expect(await refused(copy)).toMatchObject({
    status: 2,
    code: 'E_CONFIG_MISSING',
    message: expect.stringContaining(copy.dir),
  })
})

test('a forge.yaml that is no YAML', async () => {
  const copy = await broken(async ({ write }) => await write('forge.yaml', 'version: 1\nproject: [api\n'))
  expect(await refused(copy)).toMatchObject({
    status: 2,
    code: 'E_CONFIG_SYNTAX',
    where: expect.stringMatching(/^forge\.yaml:\d+:\d+/u),
  })
})

test('an unknown key names line, column and the nearest known key', async () => {
  const copy = await broken(
    async ({ edit }) =>
      await edit('forge.yaml', '    values: [ deploy/values.yaml ]', '    valeus: [ deploy/values.yaml ]'),
  )
  const text = await copy.read('forge.yaml')
  const line = text.split('\n').findIndex((one) => one.includes('valeus')) + 1
  expect(await refused(copy)).toMatchObject({
    status: 2,
    code: 'E_CONFIG_INVALID',
    where: `forge.yaml:${line}:5`,
    message: expect.stringMatching(/valeus.*did you mean "values"/u),
  })
})

test('an unknown environment', async () => {
  const ran = await forgeHere(['deploy', '--env', 'sandbx', '-C', project.dir, '--json'])
  const { verdict } = document<Refusal>(ran)
  expect({ status: ran.status, ...verdict }).toMatchObject({
    status: 2,
    code: 'E_ENVIRONMENT_UNKNOWN',
    message: expect.stringContaining('sandbox'),
  })
})

test('a context that does not exist', async () => {
  const { kubeconfig, name } = await testSandbox()
  const found = await refused(project, '--kubeconfig', kubeconfig, '--context', 'nowhere')
  expect(found).toMatchObject({ status: 2, code: 'E_CONTEXT_UNKNOWN', message: expect.stringContaining('nowhere') })
  expect(`${found.message} ${found.hint}`).toContain(`forge-sandbox-${name}`)
})

async function kubeconfigWith(change: (file: ReturnType<typeof parseDocument>) => void): Promise<string> {
  const { kubeconfig } = await testSandbox()
  const changed = parseDocument(await readFile(kubeconfig, 'utf8'))
  change(changed)
  const file = join(project.dir, `kubeconfig-${Math.random().toString(36).slice(2)}`)
  await writeFile(file, changed.toString())
  return file
}

test('a cluster that cannot be reached', async () => {
  const file = await kubeconfigWith((config) =>
    config.setIn(['clusters', 0, 'cluster', 'server'], 'https://127.0.0.1:1'),
  )
  expect(await refused(project, '--kubeconfig', file)).toMatchObject({
    status: 7,
    code: 'E_CLUSTER_UNREACHABLE',
    message: expect.stringContaining('127.0.0.1:1'),
  })
})

test('credentials that the API server refuses', async () => {
  const file = await kubeconfigWith((config) => config.setIn(['users', 0, 'user'], { token: 'no-such-token-at-all' }))
  const found = await refused(project, '--kubeconfig', file)
  expect(found).toMatchObject({ status: 7, code: 'E_CLUSTER_CREDENTIALS' })
  expect(JSON.stringify(found)).not.toContain('no-such-token-at-all')
})

let silent: Server | undefined

afterAll(() => void silent?.close())

test('an address where something else than Kubernetes answers', async () => {
  silent = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>router</html>'),
  )
  await new Promise<void>((listening) => silent?.listen(0, '127.0.0.1', listening))
  const { port } = silent.address() as AddressInfo
  const file = await kubeconfigWith((config) =>
    config.setIn(['clusters', 0, 'cluster'], { server: `http://127.0.0.1:${port}` }),
  )
  const found = await refused(project, '--kubeconfig', file)
  expect({ status: found.status, code: found.code }).toEqual({ status: 7, code: 'E_CLUSTER_UNREACHABLE' })
})

test('a namespace that is being deleted', async () => {
  const dying = freshNamespace('dying')
  await kubectl(['create', 'namespace', dying])
  // A finalizer of a pod keeps the namespace in Terminating for as long as the test needs.
  await kubectl(
    ['apply', '-f', '-'],
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'held', namespace: dying, finalizers: ['forge.api-forge.io/test'] },
    }),
  )
  await kubectl(['delete', 'namespace', dying, '--wait=false'])
  try {
    const copy = await exampleProject(dying)
    expect(await refused(copy)).toMatchObject({
      status: 3,
      code: 'E_NAMESPACE_TERMINATING',
      message: expect.stringContaining(dying),
    })
    expect(await objects('secrets', dying)).toEqual([])
  } finally {
    await kubectl(['patch', 'configmap', 'held', '-n', dying, '--type=merge', '-p', '{"metadata":{"finalizers":null}}'])
  }
})

test('values that break the schema are shown where their owner wrote them', async () => {
  const copy = await broken(
    async ({ write }) => await write('deploy/values.yaml', '# ours\nworker:\n  replicas: many\n'),
  )
  const text = await copy.read('deploy/values.yaml')
  const line = text.split('\n').indexOf('  replicas: many') + 1
  expect(await refused(copy)).toMatchObject({
    status: 3,
    code: 'E_VALUES_SCHEMA',
    where: expect.stringMatching(new RegExp(`^deploy/values\\.yaml:${line}`, 'u')),
    message: expect.stringContaining('worker.replicas'),
  })
})

test('--set that breaks the schema is shown as the option', async () => {
  expect(await refused(project, '--set', 'app.replicaz=2')).toMatchObject({
    status: 3,
    code: 'E_VALUES_SCHEMA',
    where: expect.stringContaining('--set'),
  })
})

test('a secret file that is missing, and no Secret to keep it from', async () => {
  const copy = await broken(async ({ remove }) => await remove('infra/secrets/keys/redis_password.txt'))
  expect(await refused(copy)).toMatchObject({
    status: 3,
    code: 'E_SECRET_MISSING',
    message: expect.stringMatching(/redis_password/u),
    hint: expect.stringContaining('forge secrets generate'),
  })
})

test('a key file that is empty', async () => {
  const copy = await broken(async ({ write }) => await write('infra/secrets/keys/redis_password.txt', '\n'))
  expect(await refused(copy)).toMatchObject({
    status: 3,
    code: 'E_SECRET_EMPTY',
    message: expect.stringMatching(/redis_password\.txt is empty/u),
  })
})

test('a configuration file that is missing', async () => {
  const copy = await broken(async ({ remove }) => await remove('infra/docker/prod/postgres/postgresql.conf'))
  const text = await copy.read('forge.yaml')
  const line = text.split('\n').findIndex((one) => one.includes('postgresql.conf:')) + 1
  expect(await refused(copy)).toMatchObject({
    status: 3,
    code: 'E_SOURCE_MISSING',
    where: expect.stringMatching(new RegExp(`^forge\\.yaml:${line}:`, 'u')),
  })
})

test('-n is refused, with the reason', async () => {
  expect(await refused(project, '-n', 'other')).toMatchObject({
    status: 2,
    code: 'E_USAGE',
    message: expect.stringContaining('namespace'),
  })
})
