import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import { chartAt, podTemplates } from '../support/chart.ts'
import { forgeHere, freshNamespace, kubectl, object, objects, type LiveObject } from '../support/cluster.ts'
import { document, ROOT } from '../support/forge.ts'
import { productionProject, type TestProject } from '../support/project.ts'
import { strictNamespace } from '../support/strict-namespace.ts'

const WORKER = 'temporal-worker'
const GOOD = { status: 0, report: { outcome: 'deployed', verdict: null } }
const VALUES = 'examples/production-worker/config/temporal-worker'

let project: TestProject
let namespace: string

beforeAll(async () => {
  namespace = freshNamespace('production')
  await kubectl(['create', 'namespace', namespace])
  project = await productionProject(namespace)
})
afterAll(async () => {
  await kubectl(['delete', 'namespace', namespace, '--wait=false'])
})

const run = async (...args: string[]): ReturnType<typeof forgeHere> => await forgeHere([...args, '-C', project.dir])

async function deploy(...flags: string[]): Promise<{ status: number | undefined; report: DeployReport }> {
  const ran = await run('deploy', '--json', '--yes', ...flags)
  return { status: ran.status, report: document<DeployReport>(ran) }
}

const kindsOf = async (name: string): Promise<string[]> => {
  const kinds = ['deployments', 'networkpolicies', 'poddisruptionbudgets', 'serviceaccounts', 'configmaps', 'secrets']
  const found = await Promise.all(
    kinds.map(async (kind) => ((await object(kind, name, namespace)) === undefined ? [] : [kind])),
  )
  return found.flat()
}

test('its three environments are valid, and its sandbox deploys: changed, failed and rolled back', async () => {
  for (const env of ['sandbox', 'staging', 'prod'])
    expect(await run('validate', '--env', env)).toMatchObject({ status: 0, stderr: '' })

  expect(await deploy()).toMatchObject(GOOD)
  expect((await objects('deployments', namespace)).map(({ metadata }) => metadata.name).sort()).toEqual([
    'alga-psa',
    WORKER,
  ])
  expect(await kindsOf(WORKER)).toHaveLength(6)
  expect((await deploy()).report.outcome).toBe('unchanged')

  const changed = await deploy('--release', WORKER, '--set', `${WORKER}:application.logLevel=debug`)
  expect(changed).toMatchObject(GOOD)
  expect(changed.report.restarted.map(({ workload }) => workload)).toEqual([WORKER])
  const failed = await deploy('--image', 'worker=registry.invalid/worker:2')
  expect(failed).toMatchObject({ status: 4, report: { outcome: 'restored', verdict: { code: 'E_IMAGE_PULL' } } })
  expect(await run('rollback', '--yes')).toMatchObject({ status: 0 })
  expect((await object('configmaps', WORKER, namespace))?.data).toMatchObject({ LOG_LEVEL: 'info' })
})

interface Written {
  readonly environments: { readonly sandbox: { readonly images: unknown } }
}

/** A Secret that somebody else makes. */
const given = async (name: string, ...keys: string[]): Promise<string> =>
  await kubectl(['-n', namespace, 'create', 'secret', 'generic', name, ...keys.map((key) => `--from-literal=${key}=x`)])

test('prod on the sandbox: what is not there is refused, with it the autoscaler owns the number of pods', async () => {
  await project.configure(['environments', 'prod', 'cluster'], 'sandbox')
  await project.configure(['environments', 'prod', 'namespace'], namespace)
  await project.configure(['environments', 'prod', 'requirements'], { vault: null, services: [] })
  const { environments } = parse(await project.read('forge.yaml')) as Written
  await project.configure(['environments', 'prod', 'images'], environments.sandbox.images)
  const refused = await deploy('--env', 'prod')
  expect(refused).toMatchObject({ status: 3, report: { verdict: { code: 'E_REQUIRED_SECRET' } } })

  await given('harbor-credentials', '.dockerconfigjson')
  await given('db-credentials', 'app-password', 'admin-password')
  await given('app-secrets', 'resend-api-key')
  expect(await deploy('--env', 'prod')).toMatchObject({ status: 3, report: { verdict: { code: 'E_VAULT_INJECTOR' } } })
  // There is no injector here: its secrets come as a Secret.
  await project.edit('temporal-worker/vault.yaml', 'enabled: true', 'enabled: false')
  await project.write(
    'temporal-worker/vault.yaml',
    `${await project.read('temporal-worker/vault.yaml')}secrets: { existing: [app-secrets] }\n`,
  )
  expect(await deploy('--env', 'prod')).toMatchObject(GOOD)
  const [scaler] = await objects('horizontalpodautoscalers', namespace)
  expect(scaler?.spec).toMatchObject({ minReplicas: 2, maxReplicas: 10, scaleTargetRef: { name: WORKER } })
  const allowed = '--for=jsonpath={.status.disruptionsAllowed}=1'
  await kubectl(['-n', namespace, 'wait', `pdb/${WORKER}`, allowed, '--timeout=30s'])
})

const CHART = chartAt(WORKER)

test.each([
  ['staging', ['values', 'vault', 'staging']],
  ['prod', ['values', 'vault', 'prod']],
])(
  '%s: its worker is one that a strict namespace takes, with secrets from Vault that are looked at',
  async (_, files) => {
    const room = await strictNamespace('production')
    const paths = files.map((file) => join(ROOT, VALUES, `${file}.yaml`))
    const { status, stdout, stderr } = await CHART.template(paths, { image: 'acme/worker:1' }, room.name)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const rendered = parseAllDocuments(stdout).map((one) => one.toJS() as LiveObject)
    expect(await room.dryRun(rendered)).toHaveLength(rendered.length)
    await room.remove()
    const [pod] = podTemplates(rendered)
    expect(pod?.spec).toMatchObject({
      imagePullSecrets: [{ name: 'harbor-credentials' }],
      terminationGracePeriodSeconds: 315,
      initContainers: [{ name: 'verify-secrets' }],
    })
    expect(pod?.metadata.annotations).toMatchObject({
      'vault.hashicorp.com/role': WORKER,
      'vault.hashicorp.com/agent-inject-secret-internal-api': 'secret/data/alga-psa/temporal-worker',
      'vault.hashicorp.com/agent-inject-secret-auth-key': 'secret/data/alga-psa/shared',
    })
    const policy = rendered.find(({ kind }) => kind === 'NetworkPolicy')
    expect(JSON.stringify(policy?.spec?.['egress'])).toContain('"kubernetes.io/metadata.name":"vault"')
  },
)
