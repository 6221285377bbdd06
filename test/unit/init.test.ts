import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseConfig } from '../../src/domain/config/config.ts'
import { commandWords } from '../../src/domain/init/command-words.ts'
import { composeWorkloads, type Composed } from '../../src/domain/init/compose-workloads.ts'
import { detect, originName, originsOf } from '../../src/domain/init/detect.ts'
import { kustomizedChart } from '../../src/domain/init/kustomized.ts'
import type { NewFile } from '../../src/domain/init/model.ts'
import { nameOf, valueName } from '../../src/domain/init/names.ts'
import { planOfCharts, planOfWorkloads } from '../../src/domain/init/plan.ts'
import { secretsText } from '../../src/domain/init/secrets-file.ts'
import { dockerfileWorkload } from '../../src/domain/init/single.ts'
import { loadHelmYaml } from '../../src/domain/manifest/yaml.ts'
import { readDotenv } from '../../src/domain/transforms/dotenv-file.ts'

const chart = (name: string, type = 'application'): string => `apiVersion: v2\nname: ${name}\ntype: ${type}\n`

test('what is in a folder, the likeliest first', () => {
  const texts: Record<string, string> = {
    'charts/web/Chart.yaml': chart('web'),
    'charts/web/charts/redis/Chart.yaml': chart('redis'),
    'charts/lib/Chart.yaml': chart('lib', 'library'),
    'charts/broken/Chart.yaml': 'name: [',
  }
  const paths = [
    ...Object.keys(texts),
    ...['docker-compose.prod.yml', 'docker-compose.yml', 'sub/compose.yaml', 'api/Dockerfile', '.env'],
    ...['k8s/base/kustomization.yaml', 'k8s/overlays/prod/Kustomization', 'charts/web/kustomization.yaml'],
  ]
  const found = detect(paths, (path) => texts[path])
  expect(found.charts).toEqual([{ folder: 'charts/web', name: 'web' }])
  expect(originsOf(found).map(originName)).toEqual([
    'charts/web',
    'docker-compose.yml',
    'docker-compose.prod.yml',
    'api/Dockerfile',
    'k8s/base',
    'k8s/overlays/prod',
  ])
  expect(found.hasDotenv).toBe(true)
})

test.each([
  [[], 'sample'],
  [['README.md', 'src/main.py'], 'sample'],
  [['Dockerfile', 'api/Dockerfile'], 'dockerfiles'],
])('of %j: %s', (paths, kind) => {
  expect(originsOf(detect(paths, () => undefined)).map((one) => one.kind)).toEqual([kind])
})

test.each([
  ['My Shop!', 'my-shop'],
  ['2048', 'app-2048'],
  ['on', 'app-on'],
  ['-', 'app'],
  ['a'.repeat(60), 'a'.repeat(50)],
])('%s is called %s', (text, name) => expect(nameOf(text)).toBe(name))

test('values have names that a template can say', () => {
  expect(['web', 'my-web-2', 'config-maps'].map(valueName)).toEqual(['web', 'myWeb2', 'configMapsService'])
})

test.each([
  ['a  b', ['a', 'b']],
  [`sh -c "echo \\"x y\\" && z" 'it is'`, ['sh', '-c', 'echo "x y" && z', 'it is']],
  [`a\\ b ''`, ['a b', '']],
  [`open 'quote`, undefined],
])('the words of %s', (text, words) => expect(commandWords(text)).toEqual(words))

const NOTHING = { dotenv: {}, texts: new Map<string, string>() }

const composed = (services: string, context = NOTHING): Composed =>
  composeWorkloads(`services:\n${services}`, 'compose.yaml', 'shop', context)

const filesOf = ({ workloads, warnings }: Composed): readonly NewFile[] =>
  planOfWorkloads({ project: 'shop', namespace: 'shop' }, workloads, { warnings, hasIgnoreFile: true }).files

test('a service as compose means it', () => {
  const { workloads, warnings } = composed(`
  api:
    image: acme/api:1
    ports: ['127.0.0.1:8000:80', { target: 53, protocol: udp }, '3000-3005:3000-3005']
    expose: [9090]
    environment: { LOG_LEVEL: info, DEBUG: true, PORT: 80, COST: '$$5' }
    command: serve --name "a b"
    user: '1234:99'
    stop_grace_period: 1m30s
    healthcheck: { test: [CMD, check, --all], interval: 7s, timeout: 500ms }
    deploy: { replicas: 3, resources: { limits: { cpus: '0.25', memory: 300M }, reservations: { memory: 1gb } } }
    volumes: [{ type: volume, source: my_data, target: /data, read_only: true }, /cache, { type: tmpfs, target: /tmp }]
    sysctls: [net.core.somaxconn=1024]`)
  expect(workloads).toMatchObject([
    {
      ports: [
        { number: 80, protocol: 'TCP' },
        { number: 53, protocol: 'UDP' },
        { number: 9090, protocol: 'TCP' },
      ],
      env: { LOG_LEVEL: 'info', DEBUG: 'true', PORT: '80', COST: '$5' },
      args: ['serve', '--name', 'a b'],
      user: 1234,
      graceSeconds: 90,
      replicas: 3,
      probe: { command: ['check', '--all'], period: 7, timeout: 1 },
      cpu: { request: '250m', limit: '250m' },
      memory: { request: '300Mi', limit: '300Mi' },
      volumes: [{ claim: 'my-data', path: '/data', readOnly: true }],
      scratch: ['/cache', '/tmp'],
    },
  ])
  expect(warnings.map(({ message }) => message)).toEqual([
    'service api: port 3000-3005:3000-3005 is left out: only single ports are taken over',
    'service api: sysctls is left out',
  ])
})

test.each([
  ['postgres:16', 999, 5432],
  ['postgres:16-alpine', 70, 5432],
  ['docker.io/library/redis:7@sha256:00', 999, 6379],
  ['registry:5000/acme/postgres', 1000, undefined],
])('%s runs as %i, and others reach it on %s', (image, user, port) => {
  const [workload] = composed(`  it: { image: '${image}' }`).workloads
  expect({ user: workload?.user, port: workload?.ports[0]?.number }).toEqual({ user, port })
})

test('PostgreSQL gets a folder of its own user, unless the compose file says where its data is', () => {
  const { workloads } = composed(`
  a: { image: 'postgres:16', volumes: ['a:/var/lib/postgresql/data'] }
  b: { image: 'postgres:16', volumes: ['b:/var/lib/postgresql/data'], environment: { PGDATA: /var/lib/postgresql/data/own } }
  c: { image: 'postgres:18', volumes: ['c:/var/lib/postgresql'] }`)
  expect(workloads.map(({ env }) => env['PGDATA'])).toEqual([
    '/var/lib/postgresql/data/pgdata',
    '/var/lib/postgresql/data/own',
    undefined,
  ])
})

test('an image that does not start without root is told', () => {
  const { warnings } = composed('  web: { image: nginx }')
  expect(warnings).toMatchObject([{ message: expect.stringContaining('nginx-unprivileged') }])
})

test('services wait for those that they need, and not for what runs once', () => {
  const { workloads, warnings } = composed(`
  web: { image: nginx, depends_on: { db: { condition: service_healthy }, setup: { condition: service_completed_successfully } } }
  job: { image: acme/job, depends_on: [db, web] }
  setup: { image: acme/setup }
  db: { image: postgres }`)
  const waits = workloads.map(({ name, waitFor }) => [name, waitFor.map((one) => `${one.name}:${one.port}`)])
  expect(waits).toEqual([
    ['web', ['db:5432']],
    ['job', ['db:5432', 'web:80']],
    ['db', []],
  ])
  expect(warnings[0]).toMatchObject({ message: expect.stringContaining('service setup is left out'), at: { line: 5 } })
})

test('what several services share is made once', () => {
  const files = filesOf(
    composed(`
  one: { image: a, volumes: ['files:/files'] }
  two: { image: b, volumes: ['files:/files', 'own:/own'] }`),
  )
  const claims = files.flatMap(({ text }) => [
    ...text.matchAll(/kind: PersistentVolumeClaim\nmetadata:\n {2}name: (\S+)/gu),
  ])
  expect(claims.map(([, name]) => name)).toEqual(['files', 'own'])
})

const secretValue = fc
  .string({ minLength: 4, maxLength: 30 })
  .filter((text) => /\S{4}/u.test(text) && !/^(?:true|false)$/iu.test(text))

test('no value of a secret gets into the chart or forge.yaml, wherever compose has it', () => {
  const place = fc.constantFrom('environment', 'list', 'variable', 'inside', 'command', 'healthcheck', 'env_file')
  fc.assert(
    fc.property(secretValue, place, (value, where) => {
      // Nothing that stands there anyway.
      const secret = `x7Q${value}`
      const [quoted, escaped] = [JSON.stringify(secret), JSON.stringify(secret.replaceAll('$', '$$$$'))]
      const texts: Record<string, string> = {
        environment: `environment: { DB_PASSWORD: ${escaped} }`,
        list: `environment: [${JSON.stringify(`DB_PASSWORD=${secret.replaceAll('$', '$$$$')}`)}]`,
        variable: 'environment: { PW: $DB_PASSWORD }',
        inside: 'environment: { OPTIONS: "--with ${DB_PASSWORD}" }',
        command: 'command: [serve, --with, "${DB_PASSWORD}"]',
        healthcheck: 'healthcheck: { test: [CMD, check, "${DB_PASSWORD}"] }',
        env_file: 'env_file: web.env',
      }
      const context = { dotenv: { DB_PASSWORD: secret }, texts: new Map([['web.env', `DB_PASSWORD=${quoted}\n`]]) }
      const found = composed(`  web: { image: acme/web, ${texts[where] ?? ''} }`, context)
      const files = filesOf(found).filter(({ isPrivate }) => isPrivate !== true)
      expect(files.filter(({ text }) => text.includes(secret) || text.includes(quoted.slice(1, -1)))).toEqual([])
      expect(JSON.stringify(found.warnings)).not.toContain(quoted.slice(1, -1))
      parseConfig(files.find(({ path }) => path === 'forge.yaml')?.text ?? '')
    }),
  )
})

test('the file of secrets is read as it was meant', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (value) => {
      const { text, unquotable } = secretsText([{ name: 'WEB_TOKEN', value }])
      const read = readDotenv(text, 'secrets.env')
      if (unquotable === undefined) expect(read.entries.get('WEB_TOKEN')).toMatchObject({ value })
      else expect(value).toMatch(/'/u)
    }),
  )
})

test('whatever files and keys are called, forge.yaml and values.yaml are what was meant', () => {
  const name = fc.stringMatching(/^[A-Za-z_][\w.-]{0,20}$/u)
  fc.assert(
    fc.property(name, fc.string(), name, (key, value, file) => {
      const escaped = value.replaceAll('$', '$$$$')
      const source = `  web: { image: acme/web, build: ${JSON.stringify(file)}, environment: { ${key}: ${JSON.stringify(escaped)} } }`
      const found = composed(source)
      const files = filesOf(found)
      const config = parseConfig(files.find(({ path }) => path === 'forge.yaml')?.text ?? '')
      expect(Object.keys(config.config.images ?? {})).toEqual(['web'])
      const values = loadHelmYaml(files.find(({ path }) => path.endsWith('values.yaml'))?.text ?? '').value
      const env = Object.fromEntries(
        Object.entries(found.workloads[0]?.env ?? {}).map(([one, text]) => [one, text.replaceAll('$(', '$$$$(')]),
      )
      expect(values).toMatchObject({ web: { image: 'acme/web', ...(Object.keys(env).length > 0 ? { env } : {}) } })
    }),
  )
})

test('charts of one name are told apart by their folders', () => {
  const answers = { project: 'shop', namespace: 'shop' }
  const charts = [
    { folder: 'a/web', name: 'web' },
    { folder: 'b/web', name: 'web' },
    { folder: '', name: 'Shop' },
  ]
  const { config } = parseConfig(planOfCharts(answers, charts).files[0]?.text ?? '')
  expect(config.releases).toEqual({
    'a-web': { chart: './a/web' },
    'b-web': { chart: './b/web' },
    shop: { chart: '.' },
  })
})

test('a kustomization: each object a file, without its namespace; Secrets and Namespaces are left out', () => {
  const object = (kind: string, name: string): string =>
    `apiVersion: v1\nkind: ${kind}\nmetadata: { name: '${name}', namespace: old }\ndata: { a: '{{ b }}' }\n`
  const manifest = ['Namespace', 'Secret', 'ConfigMap'].map((kind) => object(kind, 'it')).join('---\n')
  const { files, warnings } = kustomizedChart(`${manifest}---\n${object('ConfigMap', 'it')}`, 'k8s', 'chart', 'shop')
  expect(files.map(({ path }) => path.replace('chart/', ''))).toEqual([
    'Chart.yaml',
    'values.yaml',
    'templates/configmap-it.yaml',
    'templates/configmap-it-1.yaml',
  ])
  expect(files[2]?.text).toContain('a: "{{ "{{" }} b }}"')
  expect(files[2]?.text).not.toContain('old')
  expect(warnings).toHaveLength(1)
})

test.each([
  ['FROM nginx\n', 101, [80], 1],
  ['FROM node:24\nEXPOSE 3000/tcp $PORT\nUSER app\n', 1000, [3000], 0],
  ['FROM python:3\nUSER 42:42\n', 42, [], 1],
])('%j', (text, user, ports, notes) => {
  const found = dockerfileWorkload({ file: 'Dockerfile', text, project: 'shop', dotenv: undefined })
  expect({ user: found.user, ports: found.ports.map(({ number }) => number), notes: found.left.length }).toEqual({
    user,
    ports,
    notes,
  })
})
