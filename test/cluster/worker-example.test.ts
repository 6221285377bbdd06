import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import { chartAt, podTemplates } from '../support/chart.ts'
import { forgeHere, freshNamespace, kubectl, object, objects, podsByName, type LiveObject } from '../support/cluster.ts'
import { document, ROOT } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { exampleProject, projectOf, workerProject, type TestProject } from '../support/project.ts'
import { testSandbox } from '../support/sandbox.ts'
import { strictNamespace } from '../support/strict-namespace.ts'

const WORKER = 'temporal-worker'
const INSIDE = ['--release', 'psa', '--values', 'deploy/values.inside.yaml']
const GOOD = { status: 0, report: { outcome: 'deployed', verdict: null } }

const made: string[] = []
afterEach(async () => {
  await kubectl(['delete', 'namespace', '--wait=false', ...made.splice(0)])
})

interface Scene {
  readonly namespace: string
  readonly project: TestProject
  readonly run: (...args: string[]) => ReturnType<typeof forgeHere>
  readonly deploy: (...flags: string[]) => Promise<{ status: number | undefined; report: DeployReport }>
  /** Uids of the worker's pods, and the release that its Deployment belongs to. */
  readonly worker: () => Promise<{ readonly pods: readonly string[]; readonly owner: string | undefined }>
}

async function scene(
  prefix: string,
  { make = workerProject, major = 4 }: { make?: typeof workerProject; major?: 3 | 4 } = {},
): Promise<Scene> {
  const namespace = freshNamespace(prefix)
  made.push(namespace)
  const project = await make(namespace)
  const env = { FORGE_HELM: await helmOf(major) }
  const run: Scene['run'] = async (...args) => await forgeHere([...args, '--env', 'sandbox', '-C', project.dir], env)
  return {
    namespace,
    project,
    run,
    async deploy(...flags) {
      const ran = await run('deploy', ...flags, '--json', '--yes')
      return { status: ran.status, report: document<DeployReport>(ran) }
    },
    async worker() {
      const owner = (await object('deployment', WORKER, namespace))?.metadata.annotations?.['meta.helm.sh/release-name']
      return { pods: (await podsByName(namespace))[WORKER] ?? [], owner }
    },
  }
}

const workloads = async (namespace: string): Promise<string[]> =>
  (await objects('deployments', namespace)).map(({ metadata }) => metadata.name).sort()

test('a release of its own: deployed, changed, failed and rolled back; the application is left alone', async () => {
  const { namespace, deploy, run, worker } = await scene('own')
  expect(await deploy()).toMatchObject(GOOD)
  expect(await workloads(namespace)).toEqual(['psa', WORKER])
  expect((await deploy()).report.outcome).toBe('unchanged')

  const first = await worker()
  expect(first).toMatchObject({ pods: [expect.any(String)], owner: WORKER })
  const changed = await deploy('--release', WORKER, '--set', `${WORKER}:env.LOG_LEVEL=debug`)
  expect(changed).toMatchObject(GOOD)
  expect(changed.report.restarted.map(({ workload }) => workload)).toEqual([WORKER])
  const second = await worker()
  expect(second.pods).not.toEqual(first.pods)

  const failed = await deploy('--image', 'worker=registry.invalid/worker:2')
  expect(failed).toMatchObject({ status: 4, report: { outcome: 'restored', verdict: { code: 'E_IMAGE_PULL' } } })
  expect(await run('rollback', '1', '--yes')).toMatchObject({ status: 0 })
  expect((await worker()).owner).toBe(WORKER)
})

describe.each([3, 4] as const)('helm %i', (major) => {
  test('a dependency of the main chart, off and on, and out of it: its pods go on, there and back', async () => {
    const { namespace, deploy, run, worker } = await scene(`move${major}`, { major })
    expect(await deploy('--release', 'psa')).toMatchObject(GOOD)
    expect(await workloads(namespace)).toEqual(['psa'])
    expect(await deploy(...INSIDE)).toMatchObject(GOOD)
    const inside = await worker()
    expect(inside).toMatchObject({ pods: [expect.any(String)], owner: 'psa' })

    expect((await run('plan')).stdout).toMatch(/Deployment\/temporal-worker[^]*moves from psa[^]*0 restarts/u)
    expect(await deploy()).toMatchObject({ ...GOOD, report: { restarted: [] } })
    expect(await worker()).toEqual({ ...inside, owner: WORKER })
    expect((await deploy()).report.outcome).toBe('unchanged')
    expect((await run('rollback', '--yes')).status).toBe(0)
    expect(await worker()).toEqual(inside)

    const failed = await deploy('--image', 'worker=registry.invalid/worker:2')
    expect(failed).toMatchObject({ status: 4, report: { outcome: 'restored', verdict: { code: 'E_IMAGE_PULL' } } })
    expect(await worker()).toEqual(inside)
  })
})

test('from api-forge to a release of its own and back', async () => {
  const values = { image: 'acme/temporal-worker:1', secrets: { existing: ['app-secrets'] } }
  const apart = { ...values, temporal: { address: 'temporal:7233' }, waitForTemporal: { enabled: true, seconds: 900 } }
  const { project, deploy, worker } = await scene('apart', { make: exampleProject })
  await project.write('inside.yaml', stringify({ [WORKER]: { enabled: true, ...values } }))
  await project.write('apart.yaml', stringify(apart))
  const main = ['releases', 'api-forge', 'values']
  await project.configure(main, ['deploy/values.yaml', 'inside.yaml'])
  await project.configure(['stages', 'app', 'optional'], ['Deployment/worker', `Deployment/${WORKER}`])
  expect(await deploy()).toMatchObject(GOOD)
  const inside = await worker()
  expect(inside).toMatchObject({ pods: [expect.any(String)], owner: 'api-forge' })

  await project.configure(main, ['deploy/values.yaml'])
  await project.configure(['images', 'app', 'to'], ['api-forge:app.image', 'api-forge:worker.image'])
  await project.configure(['releases', WORKER], { chart: CHART.dir, values: ['apart.yaml'], takesOver: 'api-forge' })
  expect(await deploy()).toMatchObject({ ...GOOD, report: { restarted: [] } })
  expect(await worker()).toEqual({ ...inside, owner: WORKER })

  await project.configure(main, ['deploy/values.yaml', 'inside.yaml'])
  await project.configure(['releases', 'api-forge', 'takesOver'], WORKER)
  await project.configure(['releases', WORKER, 'takesOver'], [])
  await project.configure(['releases', WORKER, 'set'], { enabled: false })
  expect(await deploy()).toMatchObject({ ...GOOD, report: { restarted: [] } })
  expect(await worker()).toEqual(inside)
})

const CHART = chartAt(WORKER)

test.each([3, 4] as const)(
  "helm %i alone: the steps of the chart's README move it, and its pods go on",
  async (major) => {
    const namespace = freshNamespace('alone')
    made.push(namespace)
    await kubectl(['create', 'namespace', namespace])
    const { dir, write } = await projectOf({})
    const text = await readFile(join(CHART.dir, 'README.md'), 'utf8')
    const [, recipe = ''] = /With Helm alone[^`]*```\n([^]*?)```/u.exec(text) ?? []
    const steps = recipe
      .replaceAll('-n msp', `-n ${namespace}`)
      .replaceAll('acme-temporal-worker', WORKER)
      .replace('./helm', join(ROOT, 'k8s/charts/api-forge'))
      .replace('k8s/charts/temporal-worker', CHART.dir)
    const inside = parse(await readFile(chartAt('api-forge').ciFile('temporal-worker-values.yaml'), 'utf8')) as Values
    const { enabled: _, ...own } = inside[WORKER] as Values
    await write('values.yaml', stringify(inside))
    await write(
      'worker.yaml',
      stringify({ ...own, temporal: { address: 'temporal:7233' }, waitForTemporal: { enabled: true, seconds: 900 } }),
    )
    const { kubeconfig } = await testSandbox()
    const bash = async (script: string): Promise<unknown> =>
      await execa('bash', ['-ec', `helm() { "$HELM" "$@"; }\n${script}`], {
        cwd: dir,
        env: { HELM: await helmOf(major), KUBECONFIG: kubeconfig },
      })
    const identity = async (): Promise<unknown> => {
      const generation = (await object('deployment', WORKER, namespace))?.metadata.generation
      const seen = `jsonpath={.status.observedGeneration}=${generation}`
      await kubectl(['wait', `deployment/${WORKER}`, '-n', namespace, `--for=${seen}`, '--timeout=60s'])
      const found = await object('deployment', WORKER, namespace)
      const { uid, annotations = {} } = found?.metadata ?? {}
      const sets = (await objects('replicasets', namespace)).filter(({ metadata }) => metadata.name.startsWith(WORKER))
      return {
        uid,
        sets: sets.map(({ metadata }) => metadata.uid),
        owner: annotations['meta.helm.sh/release-name'],
        keep: annotations['helm.sh/resource-policy'],
      }
    }

    await bash(`helm install app ${join(ROOT, 'k8s/charts/api-forge')} -n ${namespace} -f values.yaml`)
    const before = await identity()
    expect(before).toMatchObject({ sets: [expect.any(String)], owner: 'app' })
    await bash(steps)
    expect(await identity()).toEqual({ ...(before as object), owner: WORKER, keep: undefined })
  },
)

type Values = Record<string, unknown>

test.each(['sandbox', 'staging', 'prod'])(
  '%s: its values make a worker that a strict namespace takes',
  async (name) => {
    const room = await strictNamespace('values')
    made.push(room.name)
    const files = ['worker.yaml', `worker.${name}.yaml`].map((file) =>
      join(ROOT, 'examples/temporal-worker/deploy', file),
    )
    const { status, stdout, stderr } = await CHART.template(files, { image: 'acme/worker:1' }, room.name)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const rendered = parseAllDocuments(stdout).map((one) => one.toJS() as LiveObject)
    expect(await room.dryRun(rendered)).toHaveLength(rendered.length)
    const [pod] = podTemplates(rendered)
    expect(pod?.spec).toMatchObject({ imagePullSecrets: [{ name: 'harbor-credentials' }] })
  },
)
