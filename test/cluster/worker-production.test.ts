import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { parse } from 'yaml'
import { chartAt, podTemplates, type Container, type PodTemplate } from '../support/chart.ts'
import type { LiveObject } from '../support/cluster.ts'
import { ROOT } from '../support/forge.ts'

const worker = chartAt('temporal-worker')
const LEAST = 'default-values.yaml'
const FULL = 'vault-production-values.yaml'

const podOf = async (file: string, values?: unknown): Promise<PodTemplate> => {
  const [pod] = podTemplates(await worker.render(file, values))
  if (pod === undefined) throw new Error(`no pod of ${file}`)
  return pod
}
const specOf = async (kind: string, file: string, values?: unknown): Promise<LiveObject['spec']> =>
  (await worker.render(file, values)).find((one) => one.kind === kind)?.spec
const refusal = async (file: string, values: unknown): Promise<string> =>
  (await worker.template([worker.ciFile(file)], values)).stderr

const BEFORE = parse(await readFile(join(ROOT, 'test/fixtures/worker-pods.yaml'), 'utf8')) as Record<string, unknown>

test.each(Object.keys(BEFORE))('%s: who changes nothing has the pod of the first version', async (file) => {
  const { metadata, spec } = await podOf(file)
  expect({ metadata, spec }).toEqual(BEFORE[file])
})

const envOf = async (values: unknown): Promise<Record<string, string> | undefined> =>
  (await worker.render(LEAST, values)).find(({ kind }) => kind === 'ConfigMap')?.data

describe('settings', () => {
  test('a section that is on has the defaults of its variables, and env wins', async () => {
    const values = {
      database: { enabled: true, host: 'db' },
      application: { enabled: true },
      encryption: { enabled: true },
    }
    expect(await envOf({ ...values, env: { LOG_LEVEL: 'debug' } })).toEqual({
      ...(await envOf({})),
      DB_HOST: 'db',
      DB_PORT: '5432',
      DB_NAME_SERVER: 'server',
      DB_USER_SERVER: 'app_user',
      DB_USER_ADMIN: 'postgres',
      NODE_ENV: 'production',
      LOG_LEVEL: 'debug',
      SALT_BYTES: '12',
      ITERATIONS: '10000',
      KEY_LENGTH: '64',
      ALGORITHM: 'sha512',
    })
  })

  const KEY = { secret: 'db', key: 'password' }
  test.each([
    ['a database without a host', { database: { enabled: true } }, /database\.host is empty/u],
    [
      'one password from two places',
      { database: { enabled: true, host: 'db', password: KEY }, secrets: { env: { DB_PASSWORD_SERVER: KEY } } },
      /database\.password and secrets\.env\.DB_PASSWORD_SERVER are the same variable/u,
    ],
    [
      'one from Vault and a Secret',
      {
        command: ['worker'],
        application: { enabled: true, resendApiKey: KEY },
        vault: { enabled: true, files: { mail: { path: 'secret/data/x', env: { RESEND_API_KEY: 'key' } } } },
      },
      /application\.resendApiKey and vault\.files\.mail\.env\.RESEND_API_KEY are the same variable/u,
    ],
    [
      'one as a setting',
      { database: { enabled: true, host: 'db', password: KEY }, env: { DB_PASSWORD_SERVER: 'x' } },
      /env\.DB_PASSWORD_SERVER is given as a secret too/u,
    ],
    ['half a key of a Secret', { database: { password: { secret: 'db' } } }, /key/u],
  ])('%s is refused', async (_, values, message) => expect(await refusal(LEAST, values)).toMatch(message))
})

describe('autoscaling', () => {
  const metrics = async (autoscaling: unknown): Promise<unknown> =>
    (await specOf('HorizontalPodAutoscaler', LEAST, { autoscaling }))?.['metrics']

  test('the backlog beside CPU, and alone', async () => {
    const backlog = { metric: 'backlog', selector: { queue: 'a' }, averageValue: 50 }
    const external = {
      type: 'External',
      external: {
        metric: { name: 'backlog', selector: { matchLabels: { queue: 'a' } } },
        target: { type: 'AverageValue', averageValue: '50' },
      },
    }
    expect(await metrics({ enabled: true, backlog })).toEqual([expect.objectContaining({ type: 'Resource' }), external])
    expect(await metrics({ enabled: true, targetCPUUtilizationPercentage: null, backlog })).toEqual([external])
  })

  test.each([[{}], [{ averageValue: 1, value: 1 }]])('a backlog with the targets %j is refused', async (targets) => {
    const autoscaling = { enabled: true, backlog: { metric: 'backlog', ...targets } }
    expect(await refusal(LEAST, { autoscaling })).toMatch(/give averageValue \(for each pod\) or value \(for all\)/u)
  })
})

const NAMESPACE = (name: string): unknown => [
  { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } },
]

describe('the way out', () => {
  const egress = async (values: object): Promise<unknown[]> => {
    const spec = await specOf('NetworkPolicy', LEAST, values)
    return (spec?.['egress'] ?? []) as unknown[]
  }
  const outbound = (more: object = {}): object => ({ networkPolicy: { outbound: { enabled: true, ...more } } })

  test.each([
    ['temporal:7233', [{ podSelector: {} }]],
    ['temporal-frontend.temporal:7233', NAMESPACE('temporal')],
    ['temporal-frontend.temporal.svc.cluster.local:7233', NAMESPACE('temporal')],
    ['10.0.0.241:7233', [{ ipBlock: { cidr: '10.0.0.241/32' } }]],
    ['acme.tmprl.cloud:7233', undefined],
  ])('to %s is open, by what its name says', async (address, to) => {
    const [dns, temporal, ...more] = await egress({ ...outbound(), temporal: { address } })
    expect(dns).toMatchObject({ to: NAMESPACE('kube-system'), ports: [{ port: 53 }, { port: 53 }] })
    expect(temporal).toEqual({ ports: [{ protocol: 'TCP', port: 7233 }], ...(to === undefined ? {} : { to }) })
    expect(more).toEqual([])
  })

  test('is open to everywhere unless asked, and rules of your own stand beside', async () => {
    expect(await egress({})).toEqual([])
    const own = { to: [{ ipBlock: { cidr: '10.9.0.0/16' } }] }
    const rules = await egress({ networkPolicy: { egress: [own], outbound: { enabled: true, https: ['0.0.0.0/0'] } } })
    expect(rules.slice(2)).toEqual([
      { ports: [{ protocol: 'TCP', port: 443 }], to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] },
      own,
    ])
  })

  const VAULT = { enabled: true, files: { a: { path: 'secret/data/a', env: { A: 'a' } } } }
  test.each([
    [undefined, 8200, NAMESPACE('vault')],
    ['https://vault.example.com', 443, undefined],
    ['http://vault.security.svc:8201/', 8201, NAMESPACE('security')],
  ])("Vault's agent reaches %s", async (service, port, to) => {
    const annotations = service === undefined ? {} : { service }
    const rules = await egress({ ...outbound(), command: ['worker'], vault: { ...VAULT, annotations } })
    expect(rules.slice(2)).toEqual([{ ports: [{ protocol: 'TCP', port }], ...(to === undefined ? {} : { to }) }])
  })
})

test('rights make a Role of the same name, and a token that the worker alone can read; without them there is neither', async () => {
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }]
  const made = await worker.render(LEAST, { rbac: { rules }, waitForTemporal: { enabled: true } })
  expect(made.find(({ kind }) => kind === 'Role')).toMatchObject({ metadata: { name: 'temporal-worker' }, rules })
  const [pod] = podTemplates(made)
  const tokens = '/var/run/secrets/kubernetes.io/serviceaccount'
  expect(JSON.stringify(pod?.spec.containers)).toContain(tokens)
  expect(JSON.stringify(pod?.spec.initContainers)).not.toContain(tokens)
  expect(JSON.stringify(await worker.render(LEAST))).not.toMatch(/kind":"Role|serviceaccount"/u)
  expect(await refusal(LEAST, { rbac: { rules }, serviceAccount: { create: false } })).toMatch(
    /rbac\.rules would give rights to every pod of the namespace/u,
  )
})

test.each([
  [{ longestActivitySeconds: 600 }, 615],
  [{ longestActivitySeconds: 600, preStopSleepSeconds: 5 }, 620],
  [{ longestActivitySeconds: 10 }, 60],
  [{ terminationGracePeriodSeconds: 90 }, 90],
])('%j: a pod has %i s to end', async (values, seconds) =>
  expect((await podOf(LEAST, values)).spec['terminationGracePeriodSeconds']).toBe(seconds),
)

test('two things before SIGTERM are refused', async () =>
  expect(await refusal(LEAST, { preStop: { exec: { command: ['drain'] } }, preStopSleepSeconds: 5 })).toMatch(
    /preStop and preStopSleepSeconds exclude each other/u,
  ))

describe('secrets are looked at', () => {
  const VALUES = { INTERNAL_API_SHARED_SECRET: 'hush'.repeat(8), ALGA_AUTH_KEY: "it's" }
  const PASSWORDS = { DB_PASSWORD_SERVER: 'pass word', DB_PASSWORD_ADMIN: '$(x)' }

  /** Runs the init container's script as its image's shell would, with files of Vault's agent in a folder of this machine. */
  async function look(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>>) {
    const folder = await mkdtemp(join(tmpdir(), 'forge-verify-'))
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    const [verify] = ((await podOf(FULL)).spec.initContainers ?? []) as [Container]
    const [script = ''] = verify.args ?? []
    const { exitCode, stdout, stderr } = await execa('sh', ['-c', script.replaceAll('/vault/secrets', folder)], {
      env,
      reject: false,
    })
    await rm(folder, { recursive: true })
    return { name: verify.name, status: exitCode, said: `${stdout}${stderr}`.replaceAll(folder, '/vault/secrets') }
  }
  const line = (name: keyof typeof VALUES, value: string = VALUES[name]): string =>
    `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`
  const FILES = { 'internal-api': line('INTERNAL_API_SHARED_SECRET'), 'auth-key': line('ALGA_AUTH_KEY') }
  const AUTH = 'Vault, secret/data/acme/shared, key alga_auth_key'

  test('all there: said by name, and never by value', async () => {
    expect(await look(FILES, PASSWORDS)).toEqual({
      name: 'verify-secrets',
      status: 0,
      said: 'all secrets are there: ALGA_AUTH_KEY DB_PASSWORD_ADMIN DB_PASSWORD_SERVER INTERNAL_API_SHARED_SECRET',
    })
  })

  test.each([
    ['empty', { ...FILES, 'auth-key': line('ALGA_AUTH_KEY', '') }, PASSWORDS, `ALGA_AUTH_KEY is empty (${AUTH})`],
    ['blank', { ...FILES, 'auth-key': line('ALGA_AUTH_KEY', ' \n') }, PASSWORDS, `ALGA_AUTH_KEY is empty (${AUTH})`],
    [
      'too short',
      { ...FILES, 'internal-api': line('INTERNAL_API_SHARED_SECRET', 'hush') },
      PASSWORDS,
      'INTERNAL_API_SHARED_SECRET has fewer than 32 characters (Vault, secret/data/acme/temporal-worker, key internal_api_shared_secret)',
    ],
    [
      'not written by the agent',
      { 'internal-api': FILES['internal-api'] },
      PASSWORDS,
      `/vault/secrets/auth-key is not there: Vault's agent has not written it; ALGA_AUTH_KEY is not there (${AUTH})`,
    ],
    [
      'no shell can read it',
      { ...FILES, 'auth-key': "export ALGA_AUTH_KEY='hush" },
      PASSWORDS,
      `/vault/secrets/auth-key is nothing that a shell can read; ALGA_AUTH_KEY is not there (${AUTH})`,
    ],
    [
      'empty in its Secret',
      FILES,
      { ...PASSWORDS, DB_PASSWORD_SERVER: '' },
      'DB_PASSWORD_SERVER is empty (Secret db-credentials, key app-password)',
    ],
  ])('%s: the last line says which', async (_, files, env, lacking) => {
    const { status, said } = await look(files, env)
    expect({ status, last: said.split('\n').at(-1) }).toEqual({ status: 1, last: `fatal: ${lacking}` })
    expect(said).not.toMatch(/hush|pass word/u)
  })

  test("Vault's agent comes before it, and what would turn that round is refused", async () => {
    expect((await podOf(FULL)).metadata.annotations).toMatchObject({ 'vault.hashicorp.com/agent-init-first': 'true' })
    const annotations = { 'agent-init-first': 'false' }
    expect(await refusal(FULL, { vault: { annotations } })).toMatch(/verifySecrets needs Vault's agent before it/u)
  })

  test.each([
    [{ variables: {} }, /there is nothing to look for/u],
    [{ variables: { KEY: 1 } }, /verifySecrets\.variables\.KEY: nothing here brings it/u],
    [{ variables: { KEY: 0 } }, /minimum|greater/iu],
  ])('%j is refused', async (given, message) =>
    expect(await refusal(LEAST, { verifySecrets: { enabled: true, ...given } })).toMatch(message),
  )
})
