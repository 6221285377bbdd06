import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeAll, expect, test } from '@jest/globals'
import { parse, parseAllDocuments } from 'yaml'
import type { ExportReport } from '../../src/flows/export/export.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { kubectl } from '../support/cluster.ts'
import { document, forge, type Ran } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { createVault, type Vault } from '../support/sops.ts'

const FORGE_YAML = `version: 1
project: shop
environments:
  prod:
    cluster: { context: prod }
    namespace: shop
    drift: { preserve: [ 'Deployment/web:spec.replicas' ] }
releases:
  web:
    chart: ./charts/web
    values: [ values.yaml ]
    set: { port: 8080 }
    needs: [ db ]
    namespace: edge
    createNamespace: { labels: { team: edge } }
  db: { chart: oci://registry.invalid/charts/db, version: 1.2.3 }
images: { web: { ref: 'registry.invalid/web:1', to: 'web:image' } }
secrets: { keys: { each: 'keys/{key}', keys: [ token ] } }
stages: { all: { optional: [ Deployment/web ], timeout: 8m } }
`

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [ { name: web, image: {{ .Values.image | quote }}, ports: [ { containerPort: {{ .Values.port }} } ] } ] }
`

const TOKEN = 'a-token-that-nobody-may-see'

let vault: Vault
beforeAll(async () => void (vault = await createVault()))

interface Scene {
  readonly project: TestProject
  readonly run: (...args: string[]) => Promise<Ran>
  readonly report: (...args: string[]) => Promise<ExportReport & { readonly status: number | undefined }>
  readonly read: (file: string) => Promise<string>
  readonly object: (file: string) => Promise<KubeObject & { readonly spec: Readonly<Record<string, unknown>> }>
}

async function scene(change: (text: string) => string = (text) => text): Promise<Scene> {
  const project = await projectOf({
    'forge.yaml': change(FORGE_YAML),
    'values.yaml': 'text: "1.10"\nmany: 2\n',
    'keys/token': TOKEN,
    'charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
    'charts/web/templates/web.yaml': DEPLOYMENT,
  })
  await execa('git', ['-C', project.dir, 'init', '--quiet'])
  await execa('git', ['-C', project.dir, 'remote', 'add', 'origin', 'https://me:hunter2@git.invalid/shop.git'])
  const env = { ...vault.env, FORGE_HELM: await helmOf(4) }
  const run = async (...args: string[]): Promise<Ran> =>
    await forge(['export', '--env', 'prod', '-C', project.dir, '--out', join(project.dir, 'out'), ...args], { env })
  const read = async (file: string): Promise<string> => await readFile(join(project.dir, 'out', file), 'utf8')
  return {
    project,
    run,
    read,
    report: async (...args) => {
      const ran = await run(...args, '--json')
      return { ...document<ExportReport>(ran), status: ran.status }
    },
    object: async (file) => parse(await read(file)) as Awaited<ReturnType<Scene['object']>>,
  }
}

async function textsIn(dir: string): Promise<string> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return (await Promise.all(files.map(async (file) => await readFile(file, 'utf8')))).join('\n')
}

test('for Flux: sources, releases with their values, namespaces; the same again where nothing changed', async () => {
  const { project, report, object, read } = await scene()
  const flux = ['--to', 'flux', '--secrets', 'none']
  const first = await report(...flux, '--source', 'apps.infra')
  const files = ['db-source', 'db', 'kustomization', 'namespace-edge', 'namespace-shop', 'web'].map(
    (one) => `${one}.yaml`,
  )
  expect(first).toMatchObject({ status: 0, files: files.toSorted(), removed: [], warnings: [] })
  expect(await object('web.yaml')).toMatchObject({
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      timeout: '480s',
      targetNamespace: 'edge',
      storageNamespace: 'edge',
      dependsOn: [{ name: 'db' }],
      chart: {
        spec: { chart: './charts/web', sourceRef: { kind: 'GitRepository', name: 'apps', namespace: 'infra' } },
      },
      driftDetection: { ignore: [{ paths: ['/spec/replicas'], target: { kind: 'Deployment', name: 'web' } }] },
      values: { text: '1.10', many: 2, port: 8080, image: 'registry.invalid/web:1' },
    },
  })
  expect((await object('db-source.yaml')).spec).toMatchObject({
    url: 'oci://registry.invalid/charts/db',
    ref: { tag: '1.2.3' },
  })
  expect((await object('db.yaml')).spec).toMatchObject({ chartRef: { kind: 'OCIRepository', name: 'db' } })
  expect((await object('namespace-edge.yaml')).metadata.labels).toEqual({ team: 'edge' })
  expect(parse(await read('kustomization.yaml'))).toMatchObject({
    resources: files.filter((one) => one !== 'kustomization.yaml').toSorted(),
  })

  await writeFile(join(project.dir, 'out', 'notes.yaml'), 'of: somebody else\n')
  const same = [...flux, '--source', 'apps.infra', '--check']
  expect(await report(...same)).toMatchObject({ status: 0, changed: [], removed: [] })
  await project.edit('values.yaml', 'many: 2', 'many: 3')
  expect(await report(...same)).toMatchObject({ status: 10, changed: ['web.yaml'] })
  expect((await object('web.yaml')).spec['values']).toMatchObject({ many: 2 })
  // What is not exported any more goes; what is not of an export stays.
  await project.edit('forge.yaml', '    needs: [ db ]\n', '')
  await project.edit('forge.yaml', '  db: { chart: oci://registry.invalid/charts/db, version: 1.2.3 }\n', '')
  expect(await report(...flux)).toMatchObject({ status: 0, removed: ['db-source.yaml', 'db.yaml'] })
  expect((await readdir(join(project.dir, 'out'))).toSorted()).toEqual([
    'kustomization.yaml',
    'namespace-edge.yaml',
    'namespace-shop.yaml',
    'notes.yaml',
    'web.yaml',
  ])
})

test('plain objects of a release stand beside the releases that a controller makes', async () => {
  const { project, report, object } = await scene((text) =>
    text.replace('needs: [ db ]', 'needs: [ base ]').replace(/ {2}db: .*\n/u, '  base: { manifests: base }\n'),
  )
  await project.write(
    'base/map.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: base }\ndata: { A: "{{ x }}" }\n',
  )
  expect(await report('--to', 'flux', '--secrets', 'none')).toMatchObject({
    status: 0,
    files: expect.arrayContaining(['base/configmap-base.yaml', 'base/kustomization.yaml', 'web.yaml']),
    warnings: ['release web needs base, which is plain objects: nothing waits for those there'],
  })
  expect((await object('base/configmap-base.yaml'))['data']).toEqual({ A: '{{ x }}' })
  expect((await object('web.yaml')).spec).not.toHaveProperty('dependsOn')
})

test('Secrets are sealed by sops, never in the clear, and stay as they are until they change', async () => {
  const { project, report, read } = await scene()
  const { stdout: recipient } = await execa('sh', [
    '-c',
    `grep -o 'age1[a-z0-9]*' ${vault.env['SOPS_AGE_KEY_FILE'] ?? ''}`,
  ])
  const sops = ['--to', 'flux', '--secrets', `sops:${recipient}`]
  expect(await report(...sops)).toMatchObject({ status: 0 })
  const sealed = await read('secret-keys.sops.yaml')
  expect(sealed).toMatch(/token: ENC\[/u)
  const all = await textsIn(join(project.dir, 'out'))
  for (const one of [TOKEN, Buffer.from(TOKEN).toString('base64')]) expect(all).not.toContain(one)
  const { stdout: opened } = await execa('sops', ['--decrypt', join(project.dir, 'out/secret-keys.sops.yaml')], {
    env: vault.env,
  })
  expect(parse(opened)).toMatchObject({
    kind: 'Secret',
    metadata: { namespace: 'shop' },
    data: { token: Buffer.from(TOKEN).toString('base64') },
  })
  expect(await report(...sops)).toMatchObject({ changed: [] })
  await project.write('keys/token', `${TOKEN}-2`)
  expect(await report(...sops)).toMatchObject({ changed: ['secret-keys.sops.yaml'] })
  // Whoever cannot look says so, and does not call it the same.
  const blind = await forge(
    ['export', '--env', 'prod', '-C', project.dir, '--out', join(project.dir, 'out'), ...sops, '--json'],
    { env: { ...vault.withoutKey, FORGE_HELM: await helmOf(4) } },
  )
  expect(document<ExportReport>(blind)).toMatchObject({
    changed: ['secret-keys.sops.yaml'],
    warnings: [expect.stringContaining('no key to compare it with')],
  })
})

test('Secrets from a store: names of keys alone', async () => {
  const { project, report, object } = await scene()
  await rm(join(project.dir, 'keys'), { recursive: true })
  expect(await report('--to', 'flux', '--secrets', 'external:ClusterSecretStore/vault')).toMatchObject({ status: 0 })
  expect(await object('secret-keys.yaml')).toMatchObject({
    kind: 'ExternalSecret',
    spec: {
      secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' },
      data: [{ secretKey: 'token', remoteRef: { key: 'shop/prod/keys', property: 'token' } }],
    },
  })
})

test('for Argo CD: Applications in the order of their needs, the address without its login', async () => {
  const { report, object } = await scene()
  expect(await report('--to', 'argocd', '--secrets', 'none', '--revision', 'main')).toMatchObject({ status: 0 })
  const [db, web] = [await object('db.yaml'), await object('web.yaml')]
  expect([db, web].map(({ metadata }) => metadata.annotations)).toEqual(
    ['0', '1'].map((wave) => ({ 'argocd.argoproj.io/sync-wave': wave })),
  )
  expect(db.spec).toMatchObject({
    source: { repoURL: 'registry.invalid/charts', chart: 'db', targetRevision: '1.2.3' },
  })
  expect(web.spec).toMatchObject({
    source: {
      repoURL: 'https://git.invalid/shop.git',
      path: 'charts/web',
      targetRevision: 'main',
      helm: { valuesObject: { port: 8080 } },
    },
    destination: { namespace: 'edge' },
    ignoreDifferences: [{ group: 'apps', kind: 'Deployment', name: 'web', jsonPointers: ['/spec/replicas'] }],
  })
})

test('for Kustomize: what kubectl builds of it is what helm renders, in its namespace', async () => {
  const { project, report } = await scene((text) =>
    text.replace('    needs: [ db ]\n', '').replace(/ {2}db: .*\n/u, ''),
  )
  expect(await report('--to', 'kustomize', '--secrets', 'none')).toMatchObject({ status: 0 })
  const built = await kubectl(['kustomize', join(project.dir, 'out')])
  const objects = parseAllDocuments(built).map((one) => one.toJS() as KubeObject)
  expect(
    objects.map(({ kind, metadata }) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`).toSorted(),
  ).toEqual(['Deployment/edge/web', 'Namespace//edge', 'Namespace//shop'])
})

test.each([
  ['Secrets without a word about them', (text: string) => text, [], 2, /forge\.yaml has secrets: say how/u],
  [
    'an image that is built',
    (text: string) => text.replace("ref: 'registry.invalid/web:1'", 'build: {}'),
    ['--secrets', 'none'],
    3,
    /which image web is, is not known/u,
  ],
  [
    'a value out of sops',
    (text: string) => text.replace('port: 8080', 'port: { sops: s.yaml, path: p }'),
    ['--secrets', 'none'],
    3,
    /set port of release web comes from sops/u,
  ],
  [
    'a flag of another target',
    (text: string) => text,
    ['--repo', 'https://x.invalid', '--secrets', 'none'],
    2,
    /--repo is for --to argocd/u,
  ],
  ['a recipient that is none', (text: string) => text, ['--secrets', 'sops:me'], 2, /--secrets sops:me is neither/u],
])('refused before a file is written: %s', async (_what, change, flags, status, message) => {
  const { project, run } = await scene(change)
  const ran = await run('--to', 'flux', ...flags)
  expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status, stderr: expect.stringMatching(message) })
  expect(await readdir(project.dir)).not.toContain('out')
})

test('for Kustomize a Secret that a chart renders with its values is refused', async () => {
  const { project, run } = await scene((text) => text.replace('    needs: [ db ]\n', '').replace(/ {2}db: .*\n/u, ''))
  await project.write(
    'charts/web/templates/secret.yaml',
    `apiVersion: v1\nkind: Secret\nmetadata: { name: own }\nstringData: { a: ${TOKEN} }\n`,
  )
  const ran = await run('--to', 'kustomize', '--secrets', 'none')
  expect(ran).toMatchObject({ status: 3, stderr: expect.stringContaining('renders Secret/own with its values') })
  expect(ran.stderr).not.toContain(TOKEN)
  expect(await readdir(project.dir)).not.toContain('out')
})
