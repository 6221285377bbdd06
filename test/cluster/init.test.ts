import { mkdtemp, readdir, readFile, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { object, objects } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import {
  deployed,
  filesIn,
  folderWith,
  removeInitNamespaces,
  run,
  type Place,
  type Report,
} from '../support/init-place.ts'
import { forgeOnTerminal } from '../support/terminal.ts'

afterAll(removeInitNamespaces)

test('an empty folder: a small example that deploys, and the command for it', async () => {
  const place = await folderWith({})
  const { next, written } = await deployed(place)
  expect(next).toBe(`forge deploy --env sandbox -C ${place.dir}`)
  expect((await filesIn(place)).toSorted()).toEqual(written.map(({ file }) => file).toSorted())
  expect(await objects('deployments', place.name)).toHaveLength(1)
})

const COMPOSE = `services:
  web:
    build: .
    ports: ['8080:80']
    env_file: web.env
    environment:
      LOG_LEVEL: info
      DATABASE_URL: postgres://app:\${DB_PASSWORD}@db:5432/app
      MAIL_PASSWORD:
      PAGE: '{{ title }} costs $$(PRICE)'
    depends_on: [db]
    volumes: ['./src:/app', 'uploads:/uploads', '/cache']
    command: ['serve', '--title', '{{ title }}']
  db:
    image: postgres:16-alpine
    environment: ['POSTGRES_USER=app', 'POSTGRES_PASSWORD=\${DB_PASSWORD}']
    volumes: ['db-data:/var/lib/postgresql/data']
    healthcheck: { test: pg_isready -U app, interval: 5s }
    secrets: [licence]
  old_cache:
    image: redis:7
    command: redis-server --requirepass \${DB_PASSWORD}
volumes: { db-data: {}, uploads: {} }
secrets: { licence: { file: ./licence.txt } }
`

const COMPOSED = {
  'compose.yaml': COMPOSE,
  Dockerfile: 'FROM nginx\n',
  '.env': 'DB_PASSWORD=known-to-compose-1\n',
  'web.env': 'COLOUR=blue\nSESSION_SECRET=known-to-compose-2\n',
  'licence.txt': 'known-to-compose-3\n',
}

test('a compose file: services, claims and settings; secrets stand in no file that is committed', async () => {
  const place = await folderWith(COMPOSED)
  const { written, warnings } = await deployed(place)
  const texts = await Promise.all(written.map(async ({ file }) => [file, await place.read(file)] as const))
  const holders = texts.filter(([, text]) => text.includes('known-to-compose')).map(([file]) => file)
  expect(holders).toEqual(['secrets.env'])
  expect((await stat(join(place.dir, 'secrets.env'))).mode & 0o777).toBe(0o600)
  expect(await place.read('.gitignore')).toBe('secrets.env\n')
  expect(warnings.join('\n')).toMatch(/compose\.yaml:2:3: service web: volume \.\/src on \/app is of this machine/u)
  expect(warnings.join('\n')).toMatch(/service old_cache: command holds what looks like a secret and is left out/u)

  const { data: web = {} } = (await object('secret', 'web-secrets', place.name)) ?? {}
  const plain = Object.fromEntries(
    Object.entries(web).map(([key, one]) => [key, Buffer.from(one, 'base64').toString()]),
  )
  expect(plain).toEqual({
    DATABASE_URL: 'postgres://app:known-to-compose-1@db:5432/app',
    MAIL_PASSWORD: 'not-in-any-file',
    SESSION_SECRET: 'known-to-compose-2',
  })
  expect((await object('configmap', 'web-env', place.name))?.data).toEqual({ COLOUR: 'blue' })
  expect((await objects('pvc', place.name)).map(({ metadata }) => metadata.name)).toEqual(['db-data', 'uploads'])
  expect((await objects('services', place.name)).map(({ metadata }) => metadata.name)).toEqual([
    'db',
    'old-cache',
    'web',
  ])
  const [container] = await containersOf('web', place)
  expect(container).toMatchObject({ args: ['serve', '--title', '{{ title }}'] })
  expect(container?.env).toContainEqual({ name: 'PAGE', value: '{{ title }} costs $$(PRICE)' })
})

interface Container {
  readonly env?: readonly unknown[]
}

async function containersOf(name: string, place: Place): Promise<readonly Container[]> {
  const found = await object('deployment', name, place.name)
  return (found?.spec as { template: { spec: { containers: Container[] } } }).template.spec.containers
}

const CHART = {
  'deploy/shop/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
  'deploy/shop/values.yaml': '{}\n',
  'deploy/shop/templates/settings.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { a: b }\n',
}

test('a Helm chart: a release of it, and nothing else is written', async () => {
  const place = await folderWith({ ...CHART, 'compose.yaml': COMPOSE })
  const ran = await run(place, 'init', '--yes')
  expect(ran.stdout).toContain('compose.yaml is there too, and is not used')
  await place.remove('forge.yaml')
  const { written } = await deployed(place)
  expect(written.map(({ file }) => file)).toEqual(['forge.yaml'])
  expect((await object('configmap', 'settings', place.name))?.data).toEqual({ a: 'b' })
})

test('a kustomization: what kustomize makes of it as a chart, and how what runs is taken over', async () => {
  const base = {
    'k8s/base/kustomization.yaml': 'resources: [settings.yaml, keys.yaml]\nnamePrefix: my-\nnamespace: elsewhere\n',
    'k8s/base/settings.yaml':
      "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { page: '{{ title }}' }\n",
    'k8s/base/keys.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: { name: keys }\nstringData: { key: known-secret }\n',
  }
  const place = await folderWith(base)
  const { warnings, from } = await deployed(place)
  expect(from).toEqual({ kind: 'kustomization', name: 'k8s/base' })
  expect(warnings).toEqual([expect.stringContaining('Secret/my-keys is left out')])
  expect((await object('configmap', 'my-settings', place.name))?.data).toEqual({ page: '{{ title }}' })
  expect(await place.read('forge.yaml')).toContain('forge migrate-to-helm --env ENV --from k8s/base')
})

test('a Dockerfile: its ports, its user, and `.env` beside it', async () => {
  const place = await folderWith({
    Dockerfile: 'FROM node:24\nEXPOSE 3000 9000/udp\nUSER 1234\n',
    '.env': 'COLOUR=blue\nAPI_TOKEN=known-secret\n',
  })
  await deployed(place)
  const found = await object('deployment', place.name, place.name)
  expect(found?.spec).toMatchObject({ template: { spec: { securityContext: { runAsUser: 1234 } } } })
  const service = await object('service', place.name, place.name)
  expect(service?.spec).toMatchObject({
    ports: [
      { port: 3000, protocol: 'TCP' },
      { port: 9000, protocol: 'UDP' },
    ],
  })
  const { data = {} } = (await object('secret', `${place.name}-secrets`, place.name)) ?? {}
  expect(Object.keys(data)).toEqual(['API_TOKEN'])
})

test('an image', async () => {
  const place = await folderWith({})
  await deployed(place, '--image-ref', 'ghcr.io/acme/shop:1.4.2', '--port', '8000')
  expect(await containersOf(place.name, place)).toMatchObject([{ image: 'ghcr.io/acme/shop:1.4.2' }])
})

test.each([
  ['forge.yaml', 'version: 1\n'],
  ['chart/values.yaml', 'mine: true\n'],
])('%s that is there stays as it is, and nothing is written', async (file, text) => {
  const place = await folderWith({ [file]: text })
  const { status, stderr } = await run(place, 'init', '--yes')
  expect({ status, told: /^REFUSED .*\n +E_INIT_EXISTS$/mu.test(stderr) }).toEqual({ status: 3, told: true })
  expect(stderr).toContain(`where   ${file}`)
  expect(stderr).toContain(`next    mv ${join(place.dir, file)} ${join(place.dir, file)}.old`)
  expect(await filesIn(place)).toEqual([file])
  expect(await readFile(join(place.dir, file), 'utf8')).toBe(text)
})

test.each([
  ['no YAML', 'services:\n  web: [\n', 'compose.yaml:2'],
  ['no services', 'name: shop\n', 'compose.yaml:1'],
  ['neither image nor build', 'services:\n  web:\n    ports: [80]\n', 'compose.yaml:2'],
  ['two of one name', 'services:\n  a_b: { image: x }\n  a-b: { image: x }\n', 'compose.yaml:3'],
])('a compose file with %s: the line, and nothing is written', async (_, text, where) => {
  const place = await folderWith({ 'compose.yaml': text })
  const { status, stderr } = await run(place, 'init', '--yes')
  expect({ status, coded: stderr.includes('E_IMAGE_COMPOSE') }).toEqual({ status: 3, coded: true })
  expect(stderr).toMatch(new RegExp(`^where +${where}`, 'mu'))
  expect(await filesIn(place)).toEqual(['compose.yaml'])
})

test('a secret file that is not there yet is told, before a deploy is refused for it', async () => {
  const secrets = 'services:\n  web: { image: acme/web, secrets: [key] }\nsecrets: { key: { file: ./key.txt } }\n'
  const place = await folderWith({ 'compose.yaml': secrets })
  const { warnings } = document<Report>(await run(place, 'init', '--yes', '--json'))
  expect(warnings).toContain('key.txt is not there, and a deploy needs it: it is a secret')
  const refused = await run(place, 'deploy')
  expect({ status: refused.status, coded: /E_S[A-Z_]+/u.test(refused.stderr) }).toEqual({ status: 3, coded: true })
})

test('on a terminal it asks four questions, and takes what is typed', async () => {
  const place = await folderWith({ ...CHART, 'compose.yaml': 'services: { web: { image: nginx } }\n' })
  const terminal = await forgeOnTerminal(['init', '-C', place.dir])
  await terminal.shows(/1 {2}deploy\/shop\s+2 {2}compose\.yaml\s+Number \[1\]: /u)
  terminal.types('2\n')
  await terminal.shows(`Name of the project [${place.name}]: `)
  terminal.types('My Shop\n')
  await terminal.shows('Namespace [my-shop]: ')
  terminal.types(`${place.name}\n`)
  await terminal.shows('Context of the kubeconfig for an environment prod')
  terminal.types('prod-eu\n')
  expect(await terminal.ended()).toMatchObject({ status: 0 })
  const text = await place.read('forge.yaml')
  expect(text).toContain('project: my-shop')
  expect(text).toContain(`sandbox: { cluster: sandbox, namespace: ${place.name} }`)
  expect(text).toContain(`prod: { cluster: { context: prod-eu }, namespace: ${place.name}, protected: true }`)
  expect(await run(place, 'validate')).toMatchObject({ status: 0 })
})

test('Ctrl-C at a question writes nothing', async () => {
  const place = await folderWith({})
  const terminal = await forgeOnTerminal(['init', '-C', place.dir])
  await terminal.shows('Name of the project')
  terminal.types('\u0003')
  expect(await terminal.ended()).toMatchObject({ status: 130 })
  expect(await filesIn(place)).toEqual([])
})

test('of a stranger, nothing is written through a link out of the checkout, and nothing is rendered', async () => {
  const place = await folderWith({ 'k8s/kustomization.yaml': 'resources: []\n' })
  const kustomized = await run(place, 'init', '--yes', '--untrusted')
  expect(kustomized.stderr).toContain('E_UNTRUSTED')
  const outside = await mkdtemp(join(tmpdir(), 'forge-init-outside-'))
  await symlink(outside, join(place.dir, 'chart'))
  const linked = await run(place, 'init', '--yes', '--untrusted', '--image-ref', 'acme/shop:1')
  expect({ status: linked.status, coded: linked.stderr.includes('E_UNTRUSTED') }).toEqual({ status: 3, coded: true })
  expect(await readdir(outside)).toEqual([])
})
