import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { chartAt } from '../support/chart.ts'
import { image, RealNamespace, restarts, type Pod } from '../support/real-cluster.ts'
import { realProject } from '../support/real-project.ts'
import type { TestProject } from '../support/project.ts'

// The chart temporal-worker with the example's worker in it: inside of api-forge, and a release of its own.
const WORKER = 'temporal-worker'

const PROBE = { exec: { command: ['python', '/app/src/worker/health_check.py'] }, timeoutSeconds: 5 }
const mount = (name: string, mountPath: string): object => ({ name, mountPath, readOnly: true })

const OWN = {
  image: image('1.0.0'),
  uid: 1001,
  command: ['/opt/forge/universal-entrypoint.sh'],
  args: ['python', '-m', 'src.worker.main'],
  temporal: { address: 'temporal:7233', taskQueue: 'api-forge' },
  waitForTemporal: { enabled: true, seconds: 900 },
  env: {
    CONFIG_FILE: '/etc/api-forge/config.yaml',
    DATABASE_URL: 'postgresql://appuser@postgres:5432/appdb',
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: '/run/secrets/postgres-ca/ca-bundle.crt',
  },
  health: { enabled: false },
  startupProbe: { ...PROBE, periodSeconds: 1, failureThreshold: 120 },
  readinessProbe: { ...PROBE, periodSeconds: 10 },
  livenessProbe: { ...PROBE, periodSeconds: 30 },
  extraVolumes: [
    { name: 'entrypoint', configMap: { name: 'universal-entrypoint', defaultMode: 365 } },
    { name: 'config', configMap: { name: 'app-config' } },
    {
      name: 'secrets',
      projected: {
        defaultMode: 288,
        sources: [
          {
            secret: {
              name: 'postgres-secrets',
              items: [{ key: 'postgres_app_user_pw', path: 'postgres_app_user_pw' }],
            },
          },
          { secret: { name: 'postgres-ca', items: [{ key: 'ca-bundle.crt', path: 'postgres-ca/ca-bundle.crt' }] } },
        ],
      },
    },
  ],
  extraVolumeMounts: [
    mount('entrypoint', '/opt/forge'),
    mount('config', '/etc/api-forge'),
    mount('secrets', '/run/secrets'),
  ],
}

let namespace: RealNamespace
let project: TestProject

beforeAll(async () => {
  namespace = await RealNamespace.create('worker')
  project = await realProject(namespace)
  await project.write('config.yaml', stringify({ config: { redis: { enabled: false }, temporal: { enabled: true } } }))
  await project.write('inside.yaml', stringify({ worker: { enabled: false }, [WORKER]: { enabled: true, ...OWN } }))
  await project.write('outside.yaml', stringify({ worker: { enabled: false } }))
  await project.write('own.yaml', stringify(OWN))
  await project.configure(['releases', 'api-forge', 'values'], ['deploy/values.yaml', 'inside.yaml'])
  await project.configure(['stages', 'app', 'optional'], [`Deployment/${WORKER}`])
}, 300_000)

afterAll(async () => await namespace.remove())

const hello = async (): Promise<unknown> => (await namespace.get('/hello?name=Ann'))['result']

async function worker(): Promise<{ pods: string[]; restarted: string[]; owner: string | undefined }> {
  const pods = (await namespace.pods(WORKER)) satisfies readonly Pod[]
  const [deployment] = await namespace.objects('deployments', `app.kubernetes.io/name=${WORKER}`)
  const owner = deployment?.metadata.annotations?.['meta.helm.sh/release-name']
  return { pods: pods.map(({ metadata }) => metadata.uid), restarted: restarts(pods), owner }
}

test('a worker that runs leaves the main chart and comes back: the same container all the while, and workflows end', async () => {
  expect(await namespace.deploy(project)).toMatchObject({ status: 0, report: { outcome: 'deployed', verdict: null } })
  expect(await hello()).toMatch(/^Hello, Ann/u)
  const inside = await worker()
  expect(inside).toEqual({ pods: [expect.any(String)], restarted: [], owner: 'api-forge' })

  await project.configure(['releases', 'api-forge', 'values'], ['deploy/values.yaml', 'outside.yaml'])
  await project.configure(['images', 'app', 'to'], ['api-forge:app.image', 'api-forge:worker.image'])
  await project.configure(['releases', WORKER], {
    chart: chartAt(WORKER).dir,
    values: ['own.yaml'],
    takesOver: 'api-forge',
  })
  expect(await namespace.deploy(project)).toMatchObject({ status: 0, report: { outcome: 'deployed', restarted: [] } })
  expect(await worker()).toEqual({ ...inside, owner: WORKER })
  expect(await hello()).toMatch(/^Hello, Ann/u)

  // A worker that cannot start is taken back, and the one before goes on with the work.
  await project.write('own.yaml', stringify({ ...OWN, image: image('broken') }))
  expect(await namespace.deploy(project)).toMatchObject({ status: 4, report: { outcome: 'restored' } })
  expect(await worker()).toEqual({ ...inside, owner: WORKER })
  expect(await hello()).toMatch(/^Hello, Ann/u)

  expect(await namespace.forge('rollback', project, '1', '--yes')).toMatchObject({ status: 0 })
  expect(await worker()).toEqual(inside)
  expect(await hello()).toMatch(/^Hello, Ann/u)
}, 300_000)
