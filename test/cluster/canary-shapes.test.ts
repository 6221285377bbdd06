import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { search } from '../support/canaries.ts'
import { freshNamespace, kubectl } from '../support/cluster.ts'
import { nestOf, searchNamespace } from '../support/nest.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { testSandbox } from '../support/sandbox.ts'
import { secretShapes } from '../support/secret-shapes.ts'
import { createVault, type Vault } from '../support/sops.ts'
import { webTemplate } from '../support/web-template.ts'

const shapes = secretShapes()
const ALL = Object.values(shapes).flatMap(({ parts }) => parts)
const HELD = [shapes.dotenv, shapes.dsn, shapes.pem, shapes.short].flatMap(({ parts }) => parts.slice(0, 1))

/** Files of the project that hold a secret by right. */
const SOURCES = ['app.env', 'account.json', 'key.pem', 'large.txt', '.env', 'dsn.yaml']

const WEB = webTemplate({
  container: ['envFrom: [ { secretRef: { name: shapes } }, { configMapRef: { name: settings } } ]'],
})
const TEMPLATE = `${WEB}---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: {{ toJson .Values.configMaps.settings }}
`

async function shapesProject(namespace: string, vault: Vault): Promise<TestProject> {
  const files = {
    dotenv: 'app.env',
    account: { command: ['cat', 'account.json'] },
    yaml: { sops: 'secret.enc.yaml' },
    url: { env: 'SHAPES_URL' },
    dsn: { yaml: 'dsn.yaml', path: 'database.dsn' },
    pem: 'key.pem',
    large: 'large.txt',
    short: { dotenv: '.env', name: 'PIN' },
    // Nobody could read a screen without the name of the ConfigMap.
    word: { literal: 'settings' },
  }
  return await projectOf({
    'forge.yaml': stringify({
      version: 1,
      project: 'shapes',
      environments: { test: { cluster: 'sandbox', namespace } },
      releases: { shapes: { chart: './chart', configMaps: { settings: { set: { COLOUR: 'blue' } } } } },
      secrets: { shapes: { files } },
      stages: { web: { wait: ['Deployment/web'], timeout: '60s' } },
    }),
    'app.env': shapes.dotenv.value,
    'account.json': shapes.account.value,
    'secret.enc.yaml': await vault.encrypt('secret.enc.yaml', shapes.yaml.value),
    'dsn.yaml': stringify({ database: { dsn: shapes.dsn.value } }),
    'key.pem': shapes.pem.value,
    'large.txt': shapes.large.value,
    '.env': `PIN=${shapes.short.value}\n`,
    'chart/Chart.yaml': 'apiVersion: v2\nname: shapes\nversion: 1.0.0\n',
    'chart/values.yaml': 'image: web:1\nconfigMaps: {}\n',
    'chart/templates/all.yaml': TEMPLATE,
  })
}

/** What a program might say that has them all. */
function chatter(): string {
  const { large, ...others } = shapes
  const parts = Object.values(others).flatMap((one) => one.parts)
  const said = parts.flatMap(({ value }) => [value, JSON.stringify({ value }), Buffer.from(value).toString('base64')])
  return ['ready, COLOUR is blue', ...said, JSON.stringify(shapes.account.value), large.value.slice(0, 51_200)].join(
    '\n',
  )
}

async function saying(project: TestProject, marks: Readonly<Record<string, string>>): Promise<void> {
  const annotations = Object.entries(marks).map(([name, text]) => [`sandbox.forge.api-forge.io/${name}`, text])
  const labels = { app: 'web', 'app.kubernetes.io/name': 'web' }
  const metadata = { labels, annotations: Object.fromEntries(annotations) as Record<string, string> }
  const text = TEMPLATE.replace(/metadata: \{ labels: \{ app: .*/u, () => `metadata: ${JSON.stringify(metadata)}`)
  await project.write('chart/templates/all.yaml', text)
}

test('of a secret of any shape, neither the whole nor a part is seen, and the screens stay readable', async () => {
  const namespace = freshNamespace('shapes')
  const vault = await createVault()
  const project = await shapesProject(namespace, vault)
  const env = { ...vault.env, SHAPES_URL: shapes.url.value }
  const nest = await nestOf({ project, canaries: ALL, env, sources: ['cat account.json', 'sops '] })
  const { run, everywhere } = nest
  const at = ['--env', 'test', '--kubeconfig', (await testSandbox()).kubeconfig]
  const plan = join(project.dir, 'p.json')
  await kubectl(['create', 'namespace', namespace])

  await run(['validate', '--env', 'test'], 0)
  const planned = await run(['plan', ...at, '--out', plan], 0)
  expect(planned.stdout).toContain('ConfigMap/settings')
  await run(['plan', ...at, '--full', '--json'], 0)
  const deployed = await run(['deploy', ...at, '--plan', plan], 0)
  expect(deployed.stderr).toContain('web 1/1')
  await project.write('key.pem', secretShapes().pem.value)
  await run(['secrets', 'diff', ...at], 0)
  await run(['secrets', 'list', ...at], 0)
  await run(['render', '--env', 'test', '--out', join(project.dir, 'rendered')], 0)
  const status = await run(['status', ...at], 0)
  expect(status.stdout).toContain('web')
  expect(await searchNamespace(namespace, { holders: ['shapes'], held: HELD, canaries: ALL })).toEqual([])

  // A pod that has them all, and says so: while it is well, and as the cause of a failure.
  await saying(project, { log: chatter() })
  await run(['deploy', ...at], 0)
  const logs = await run(['logs', 'web', ...at, '--tail', '500'], 0)
  expect(logs.stdout).toContain('ready, COLOUR is blue')
  await saying(project, { log: chatter(), fail: 'crash-loop' })
  const failed = await run(['deploy', ...at], 4)
  expect(failed.stderr).toContain('Deployment/web')
  await run(['deploy', ...at, '--json', '--no-rollback'], 5)
  const broken = await run(['status', ...at], 8)
  expect(broken.stdout).toContain('Deployment/web')
  await run(['logs', 'web', ...at, '--previous', '--json'], 0)
  await run(['rollback', '1', ...at], 0)

  expect(await everywhere([...SOURCES, 'chart/templates/all.yaml'])).toEqual([])
  const journal = await kubectl(['get', 'secrets', '-n', namespace, '-l', 'forge.api-forge.io/deploy', '-o', 'json'])
  const others = await kubectl(['get', 'leases,events', '-n', namespace, '-o', 'json'])
  expect([...search('the journal', journal, ALL), ...search('others', others, ALL)]).toEqual([])
}, 150_000)
