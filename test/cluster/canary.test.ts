import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { parse, stringify } from 'yaml'
import { canary, search, searchFolder, type Canary } from '../support/canaries.ts'
import { freshNamespace, kubectl } from '../support/cluster.ts'
import { ROOT } from '../support/forge.ts'
import { applySecret, nestOf, searchNamespace, type Nest } from '../support/nest.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { testSandbox } from '../support/sandbox.ts'
import { createVault, type Vault } from '../support/sops.ts'
import { webTemplate } from '../support/web-template.ts'

/** One for each place that a secret can come from. */
const birds = {
  file: canary('file'),
  lines: canary('lines'),
  yaml: canary('yaml'),
  env: canary('env'),
  dotenv: canary('dotenv'),
  omitted: canary('omitted'),
  command: canary('command'),
  sops: canary('sops'),
  literal: canary('literal'),
  kept: canary('kept'),
  foreign: canary('foreign'),
  replaced: canary('replaced'),
} satisfies Record<string, Canary>
const ALL = Object.values(birds)
/** Those that stand in a Secret after a deploy: all but what is left out of it, or was not yet put into it. */
const HELD = ALL.filter((one) => one !== birds.omitted && one !== birds.replaced)

/** Files of the project that hold a canary by right: the sources themselves. */
const SOURCES = ['forge.yaml', '.env', 'secret.txt', 'lines.txt', 'secret.yaml', 'said.txt', 'leak.yaml']

const WEB = webTemplate({
  container: [
    'env: [ { name: NOTE, value: {{ .Values.note | quote }} } ]',
    'envFrom: [ { secretRef: { name: login } }, { secretRef: { name: foreign } }, { configMapRef: { name: settings } } ]',
  ],
})
const TEMPLATE = `${WEB}---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: {{ toJson .Values.configMaps.settings }}
`

const single = (text: string): string => `'${text.replaceAll("'", "''")}'`

async function canaryProject(namespace: string, vault: Vault): Promise<TestProject> {
  const files = {
    file: 'secret.txt',
    lines: 'lines.txt',
    yaml: { yaml: 'secret.yaml', path: 'deep.token' },
    env: { env: 'CANARY_IN_ENVIRONMENT' },
    dotenv: { dotenv: '.env', name: 'LOGIN' },
    command: { command: ['cat', 'said.txt'] },
    sops: { sops: 'secret.enc.yaml', path: 'deep.token' },
    literal: { literal: birds.literal.value },
  }
  return await projectOf({
    'forge.yaml': stringify({
      version: 1,
      project: 'canary',
      environments: { test: { cluster: 'sandbox', namespace } },
      releases: {
        canary: {
          chart: './chart',
          values: ['values.yaml'],
          configMaps: { settings: { dotenv: '.env', set: { LEVEL: 'info' }, omit: ['LOGIN', 'OMITTED'] } },
        },
      },
      secrets: { login: { files }, old: { files: { token: 'not-here.txt' }, keep: true } },
      stages: { web: { wait: ['Deployment/web'], timeout: '60s' } },
    }),
    '.env': `LOGIN=${single(birds.dotenv.value)}\nOMITTED=${single(birds.omitted.value)}\nCOLOUR=blue\n`,
    'secret.txt': birds.file.value,
    'lines.txt': `first line of many\n${birds.lines.value}\nlast line of many\n`,
    'secret.yaml': stringify({ deep: { token: birds.yaml.value } }),
    'said.txt': birds.command.value,
    'secret.enc.yaml': await vault.encrypt('secret.enc.yaml', stringify({ deep: { token: birds.sops.value } })),
    'chart/Chart.yaml': 'apiVersion: v2\nname: canary\nversion: 1.0.0\n',
    'chart/values.yaml': 'image: web:1\nnote: none\nconfigMaps: {}\n',
    'chart/templates/all.yaml': TEMPLATE,
    'values.yaml': '{}\n',
  })
}

interface Manifest {
  readonly commands: Readonly<
    Record<
      string,
      { readonly id: string; readonly flags: Readonly<Record<string, unknown>>; readonly hidden?: boolean }
    >
  >
}

/** What is not run as it stands: it would end the sandbox, or writes secrets into files because that is its work. */
const APART = /^(?:sandbox:|internal:|secrets:pull$)/u

interface CanaryNest extends Nest {
  readonly namespace: string
}

async function nest(): Promise<CanaryNest> {
  const namespace = freshNamespace('canary')
  const vault = await createVault()
  const project = await canaryProject(namespace, vault)
  const env = { ...vault.env, CANARY_IN_ENVIRONMENT: birds.env.value }
  return { ...(await nestOf({ project, canaries: ALL, env, sources: ['cat said.txt', 'sops '] })), namespace }
}

/** Everything of the namespace but the Secrets that hold the values, and their revisions. */
async function searchCluster(namespace: string): Promise<string[]> {
  return await searchNamespace(namespace, { holders: ['login', 'old', 'foreign'], held: HELD, canaries: ALL })
}

let commands: Manifest['commands']

beforeAll(async () => {
  const text = await readFile(join(ROOT, 'oclif.manifest.json'), 'utf8')
  commands = (JSON.parse(text) as Manifest).commands
})

test('no secret leaves forge but into its Secret, whatever is run and however it ends', async () => {
  const one = await nest()
  const { namespace, project, home, run, found } = one
  const { kubeconfig } = await testSandbox()
  await kubectl(['create', 'namespace', namespace])
  await applySecret(namespace, 'old', { token: birds.kept.value })
  await applySecret(namespace, 'foreign', { token: birds.foreign.value })
  const at = ['--env', 'test', '--kubeconfig', kubeconfig]

  // Everything that goes well.
  await run(['plan', ...at, '--out', join(project.dir, 'p.json')], 0)
  await run(['deploy', ...at, '--plan', join(project.dir, 'p.json')], 0)
  await run(['deploy', ...at, '--json'], 0)
  await project.write('secret.txt', birds.replaced.value)
  await run(['secrets', 'apply', ...at], 0)
  await run(['plan', ...at, '--full', '--output', 'markdown'], 0)
  await run(['render', '--env', 'test', '--out', join(project.dir, 'rendered')], 0)

  // Failures before and after the first write.
  await run(['deploy', ...at, '--set', 'image=registry.invalid/web:2'], 4)
  await run(['deploy', ...at, '--json', '--set', 'image=registry.invalid/web:3'], 4)
  await run(['deploy', ...at], 3, { CANARY_IN_ENVIRONMENT: undefined })
  await project.write('leak.yaml', stringify({ note: `x${birds.replaced.value}y` }))
  await run(['deploy', ...at, '--json', '--values', join(project.dir, 'leak.yaml')], 3)
  await project.write('leak.yaml', stringify({ note: birds.kept.value }))
  await run(['plan', ...at, '--values', join(project.dir, 'leak.yaml')], 3)
  const config = parse(await project.read('forge.yaml')) as { releases: { canary: { configMaps: unknown } } }
  const { configMaps } = config.releases.canary
  await project.configure(['releases', 'canary', 'configMaps', 'settings', 'omit'], [])
  await run(['deploy', ...at], 3)
  await project.configure(['releases', 'canary', 'configMaps'], configMaps)

  found.push(...(await searchCluster(namespace)))

  // And every command there is, as it stands and as JSON, whatever it says to that.
  for (const { id, flags } of Object.values(commands).filter(
    ({ id: name, hidden }) => hidden !== true && !APART.test(name),
  ))
    for (const json of [[], ['--json']]) {
      const where = 'kubeconfig' in flags ? at : 'env' in flags ? at.slice(0, 2) : []
      // A page that is written where forge was started is searched as well.
      const out = id === 'report' ? ['--out', join(home, 'report.html')] : []
      await run([...id.split(':'), ...where, ...json, ...out])
    }

  expect(await readFile(join(home, 'report.html'), 'utf8')).toContain('<!doctype html>')
  expect([...(await one.everywhere(SOURCES)), ...(await searchCluster(namespace))]).toEqual([])
}, 600_000)

test('what a container writes into its log is masked on the screen, in the evidence, in the journal and in its pages', async () => {
  const one = await nest()
  const { namespace, project, run, home, found } = one
  const { kubeconfig } = await testSandbox()
  await kubectl(['create', 'namespace', namespace])
  await applySecret(namespace, 'old', { token: birds.kept.value })
  await applySecret(namespace, 'foreign', { token: birds.foreign.value })
  const said = [
    birds.file.value,
    JSON.stringify({ a: birds.lines.value }),
    Buffer.from(birds.env.value).toString('base64'),
  ]
  const marks = { 'sandbox.forge.api-forge.io/fail': 'crash-loop', 'sandbox.forge.api-forge.io/log': said.join('\n') }
  await project.edit(
    'chart/templates/all.yaml',
    'labels: { app: web, app.kubernetes.io/name: web } }',
    `labels: { app: web, app.kubernetes.io/name: web }, annotations: ${JSON.stringify(marks)} }`,
  )
  const at = ['--env', 'test', '--kubeconfig', kubeconfig]
  await run(['deploy', ...at], 5)
  const pages = join(home, 'pages')
  await run(['history', ...at, '--web', '--out', pages], 0)
  expect(await readdir(pages)).toContain('index.html')
  const evidence = await searchFolder(home, ALL)
  const journal = await kubectl(['get', 'secrets', '-n', namespace, '-l', 'forge.api-forge.io/deploy', '-o', 'json'])
  expect([...found, ...evidence, ...search('the journal', journal, ALL)]).toEqual([])
})
