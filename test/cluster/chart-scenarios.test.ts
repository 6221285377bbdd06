import { afterEach, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { parse } from 'yaml'
import { findHelm } from '../../src/adapters/tools/helm.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import { forgeHere, freshNamespace, kubectl, object, objects, podsByName } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { exampleProject, type TestProject } from '../support/project.ts'
import { testSandbox } from '../support/sandbox.ts'

// The seven scenarios in which the chart was conceived (the example's README), on simulated pods.
const ALL = ['app', 'postgres', 'redis', 'temporal', 'temporal-admin-tools', 'temporal-web', 'worker']

async function deploy(
  project: TestProject,
  ...more: string[]
): Promise<{ status: number | undefined; report: DeployReport }> {
  const ran = await forgeHere(['deploy', '--env', 'sandbox', '-C', project.dir, '--json', ...more])
  return { status: ran.status, report: document<DeployReport>(ran) }
}

async function install(
  name: string,
  prepare: (project: TestProject) => Promise<void> = async () => Promise.resolve(),
  ...more: string[]
) {
  const namespace = freshNamespace(name)
  made.push(namespace)
  const project = await exampleProject(namespace)
  await prepare(project)
  expect(await deploy(project, ...more)).toMatchObject({ status: 0, report: { outcome: 'deployed', verdict: null } })
  return { namespace, project }
}

/** The nodes of the sandbox have room for some stacks, not for all that a suite makes. */
const made: string[] = []

afterEach(async () => {
  await kubectl(['delete', 'namespace', '--wait=false', ...made.splice(0)])
})

/** Writes a switch of config.yaml, which the application reads and forge hands to the chart. */
const switchOff = async (project: TestProject, ...components: string[]): Promise<void> => {
  const config = parse(await project.read('config.yaml')) as { config: Record<string, unknown> }
  for (const component of components) config.config[component] = { enabled: false }
  await project.write('config.yaml', JSON.stringify(config))
}

const names = async (kind: string, namespace: string): Promise<string[]> =>
  (await objects(kind, namespace)).map(({ metadata }) => metadata.name).sort()

/** Names of Jobs without their hash. */
const jobs = async (namespace: string): Promise<string[]> =>
  (await names('jobs', namespace)).map((name) => name.replace(/-[0-9a-f]{8}$/u, ''))

const claimsOf = async (namespace: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await objects('persistentvolumeclaims', namespace)).map(({ metadata }) => [metadata.name, metadata.uid]),
  )

interface PodSpec {
  readonly containers: readonly {
    readonly name: string
    readonly env?: readonly { readonly name: string; readonly value?: string }[]
    readonly resources: { readonly limits: Record<string, string> }
  }[]
  readonly initContainers?: readonly { readonly name: string }[]
  readonly volumes?: readonly {
    readonly projected?: {
      readonly sources: readonly {
        readonly secret: { readonly name: string; readonly items: readonly { readonly path: string }[] }
      }[]
    }
  }[]
}

async function podSpec(deployment: string, namespace: string): Promise<PodSpec> {
  const found = await object('deployment', deployment, namespace)
  return (found?.spec?.['template'] as { spec: PodSpec }).spec
}

/** Files below /run/secrets, by the Secret that they come from. */
async function secretFiles(deployment: string, namespace: string): Promise<Record<string, string[]>> {
  const sources =
    (await podSpec(deployment, namespace)).volumes?.flatMap(({ projected }) => projected?.sources ?? []) ?? []
  return Object.fromEntries(sources.map(({ secret }) => [secret.name, secret.items.map(({ path }) => path)]))
}

/** The API server leaves an empty value out. */
async function envOf(deployment: string, name: string, namespace: string): Promise<string | undefined> {
  const found = (await podSpec(deployment, namespace)).containers[0]?.env?.find((one) => one.name === name)
  return found === undefined ? undefined : (found.value ?? '')
}

test("1: by default everything is there, with the project's own files in it", async () => {
  const { namespace, project } = await install('all')

  expect(await names('deployments', namespace)).toEqual(ALL)
  expect(await names('services', namespace)).toEqual(['app', 'postgres', 'redis', 'temporal', 'temporal-web'])
  expect(Object.keys(await claimsOf(namespace)).sort()).toEqual([
    'postgres-backups',
    'postgres-data',
    'redis-backups',
    'redis-data',
  ])
  expect(await jobs(namespace)).toEqual(['postgres-verifier', 'temporal-namespace-init', 'temporal-schema-setup'])
  expect(await names('networkpolicies', namespace)).toEqual([...ALL, 'jobs'].sort())

  const postgres = 'infra/docker/prod/postgres'
  const data = async (name: string): Promise<Record<string, string> | undefined> =>
    (await object('configmap', name, namespace))?.data
  expect(await data('app-config')).toEqual({ 'config.yaml': await project.read('config.yaml') })
  expect(await data('postgres-config')).toMatchObject({
    'postgresql.conf': await project.read(`${postgres}/postgresql.conf`),
    '01-init-app.sh': await project.read(`${postgres}/init-scripts/01-init-app.sh`),
    'pg_hba.conf': expect.stringMatching(
      /^hostssl\s+appdb\s+appowner,appuser,appro\s+0\.0\.0\.0\/0\s+scram-sha-256$/mu,
    ),
  })
  expect((await data('postgres-config'))?.['pg_hba.conf']).toMatch(
    /^hostssl\s+appdb\s+appowner,appuser,appro\s+::\/0\s+scram-sha-256$/mu,
  )
  expect(await data('app-env')).toMatchObject({
    LOG_LEVEL: 'INFO',
    APP_ENVIRONMENT: 'production',
    CORS_ORIGINS: '["http://localhost:3000", "http://localhost:8000"]',
  })
  expect(await data('app-env')).not.toHaveProperty('SESSION_SIGNING_SECRET')

  expect(await secretFiles('app', namespace)).toEqual({
    'postgres-secrets': ['postgres_app_user_pw'],
    'postgres-ca': ['postgres-ca/ca-bundle.crt'],
    'redis-secrets': ['redis_password'],
    'app-secrets': ['session_signing_secret', 'csrf_signing_secret', 'oidc_google', 'oidc_microsoft', 'oidc_keycloak'],
  })
  expect(Object.keys(await secretFiles('worker', namespace))).toEqual([
    'postgres-secrets',
    'postgres-ca',
    'redis-secrets',
  ])
  expect(await secretFiles('temporal', namespace)).toEqual({
    'postgres-secrets': ['postgres_temporal_pw'],
    'postgres-ca': ['postgres-ca/ca-bundle.crt'],
  })
  expect(await secretFiles('redis', namespace)).toEqual({ 'redis-secrets': ['redis_password'] })
  expect((await secretFiles('postgres', namespace))['postgres-tls']).toEqual([
    'postgres-tls/tls.crt',
    'postgres-tls/tls.key',
  ])
})

test('2: without Redis nothing of it is there, and the app is told so', async () => {
  const { namespace, project } = await install('no-redis', async (one) => await switchOff(one, 'redis'))

  expect(await names('deployments', namespace)).toEqual(ALL.filter((name) => name !== 'redis'))
  expect(await names('services', namespace)).not.toContain('redis')
  expect(await names('networkpolicies', namespace)).not.toContain('redis')
  expect(Object.keys(await claimsOf(namespace)).sort()).toEqual(['postgres-backups', 'postgres-data'])
  for (const name of ['app', 'worker']) {
    expect(await secretFiles(name, namespace)).not.toHaveProperty('redis-secrets')
    expect(await envOf(name, 'REDIS_URL', namespace)).toBe('')
    expect((await podSpec(name, namespace)).initContainers?.map((one) => one.name)).not.toContain('wait-for-redis')
  }
  expect(await deploy(project)).toMatchObject({ status: 0, report: { outcome: 'unchanged' } })
})

test('3: without Temporal its Jobs, UI and tools are away too', async () => {
  const { namespace } = await install('no-temporal', async (project) => await switchOff(project, 'temporal'))

  expect(await names('deployments', namespace)).toEqual(['app', 'postgres', 'redis', 'worker'])
  expect(await names('services', namespace)).toEqual(['app', 'postgres', 'redis'])
  expect(await jobs(namespace)).toEqual(['postgres-verifier'])
  expect(await names('configmaps', namespace)).not.toContain('temporal-config')
  expect(await envOf('app', 'TEMPORAL_ADDRESS', namespace)).toBe('')
})

test('4: minimal is the application and its database', async () => {
  const { namespace } = await install(
    'minimal',
    async (project) => await switchOff(project, 'redis', 'temporal'),
    '--set',
    'worker.enabled=false',
  )

  expect(await names('deployments', namespace)).toEqual(['app', 'postgres'])
  expect(await names('services', namespace)).toEqual(['app', 'postgres'])
  expect(await names('networkpolicies', namespace)).toEqual(['app', 'jobs', 'postgres'])
})

test('5: custom values arrive: three pods, more memory, a larger claim', async () => {
  const set = ['app.replicas=3', 'postgresql.resources.limits.memory=4Gi', 'redis.persistence.data.size=20Gi'].flatMap(
    (one) => ['--set', one],
  )
  const { namespace } = await install('custom', undefined, ...set)

  expect((await podsByName(namespace))['app']).toHaveLength(3)
  expect((await podSpec('postgres', namespace)).containers[0]?.resources.limits['memory']).toBe('4Gi')
  const claim = await object('persistentvolumeclaim', 'redis-data', namespace)
  expect(claim).toMatchObject({ spec: { resources: { requests: { storage: '20Gi' } } }, status: { phase: 'Bound' } })
})

test('a project that gives none of the scripts runs with those of the chart', async () => {
  const configMaps = { 'app-env': { dotenv: '.env' }, 'app-config': { files: { 'config.yaml': 'config.yaml' } } }
  const omit = ['SESSION_SIGNING_SECRET', 'CSRF_SIGNING_SECRET']
  const { namespace } = await install('own-files', async (project) => {
    const given = { ...configMaps, 'app-env': { ...configMaps['app-env'], omit, allow: ['TOKEN_TTL'] } }
    await project.configure(['releases', 'api-forge', 'configMaps'], given)
  })

  expect(await jobs(namespace)).toEqual(['postgres-verifier', 'temporal-namespace-init', 'temporal-schema-setup'])
  const own = await object('configmap', 'temporal-config', namespace)
  expect(Object.keys(own?.data ?? {}).sort()).toEqual(['entrypoint.sh', 'namespace-init.sh', 'schema-setup.sh'])
})

test('6: a change of config.yaml arrives in its ConfigMap and restarts exactly its consumers', async () => {
  const { namespace, project } = await install('config')
  const before = await podsByName(namespace)
  await project.edit('config.yaml', 'greeting: Hello', 'greeting: Good morning')

  const { status, report } = await deploy(project)

  expect({ status, restarted: report.restarted }).toEqual({
    status: 0,
    restarted: ['app', 'worker'].map((workload) => ({ workload, because: ['app-config config.yaml'] })),
  })
  expect((await object('configmap', 'app-config', namespace))?.data?.['config.yaml']).toContain('Good morning')
  const after = await podsByName(namespace)
  expect(ALL.filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]))).toEqual(['app', 'worker'])
})

test('6: what only initdb reads restarts nothing', async () => {
  const { namespace, project } = await install('initdb')
  const before = await podsByName(namespace)
  await project.write('infra/secrets/keys/postgres_password.txt', 'another-password-of-the-superuser')
  await project.edit('infra/docker/prod/postgres/init-scripts/01-init-app.sh', 'set -eu', 'set -eu # strict')

  expect(await deploy(project)).toMatchObject({ status: 0, report: { outcome: 'deployed', restarted: [] } })

  expect(await podsByName(namespace)).toEqual(before)
  expect((await object('configmap', 'postgres-config', namespace))?.data?.['01-init-app.sh']).toContain('# strict')
})

test('7: a rollback brings Redis back on the claim that it had, after a failure and by hand', async () => {
  const { namespace, project } = await install('back')
  const claims = await claimsOf(namespace)
  const config = await project.read('config.yaml')
  await switchOff(project, 'redis')

  expect(await deploy(project, '--set', 'app.image=registry.invalid/app:2')).toMatchObject({
    status: 4,
    report: { outcome: 'restored' },
  })
  expect(await names('deployments', namespace)).toEqual(ALL)
  expect(await claimsOf(namespace)).toEqual(claims)

  expect(await deploy(project)).toMatchObject({ status: 0, report: { outcome: 'deployed' } })
  expect(await names('deployments', namespace)).not.toContain('redis')
  expect(await claimsOf(namespace)).toEqual(claims)

  const { path, version } = await findHelm({ signal: AbortSignal.timeout(60_000), progress: () => undefined })
  const at = ['--kubeconfig', (await testSandbox()).kubeconfig, '--namespace', namespace]
  if (version.major >= 4) await execa(path, [...at, 'rollback', 'api-forge'])
  // helm 3 itself cannot roll back over a claim that was kept; forge can, with both.
  else await project.write('config.yaml', config)
  if (version.major < 4) expect(await deploy(project)).toMatchObject({ status: 0 })
  expect(await names('deployments', namespace)).toEqual(ALL)
  expect(await claimsOf(namespace)).toEqual(claims)
  await project.write('config.yaml', config)
  expect(await deploy(project)).toMatchObject({ status: 0 })
})

test('an uninstall keeps the data', async () => {
  const { namespace } = await install('uninstall')
  const claims = await claimsOf(namespace)

  const { path } = await findHelm({ signal: AbortSignal.timeout(60_000), progress: () => undefined })
  await execa(path, [
    '--kubeconfig',
    (await testSandbox()).kubeconfig,
    '--namespace',
    namespace,
    'uninstall',
    'api-forge',
    '--wait',
  ])

  expect(await names('deployments', namespace)).toEqual([])
  expect(await claimsOf(namespace)).toEqual(claims)
})
