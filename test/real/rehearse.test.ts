import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import type { RehearsalReport } from '../../src/flows/rehearse/rehearse.ts'
import { document, forge } from '../support/forge.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { accountKubeconfig } from '../support/read-only.ts'
import { currentContext, kubectl, KUBECONFIG, print, RealNamespace } from '../support/real-cluster.ts'
import { smallFiles, type Manifest } from '../support/small.ts'

const SHELL = 'busybox:1.36'
const SLEEP = ['sh', '-c', 'trap exit TERM; sleep 3600 & wait']
const probe = (command: string) => ({ exec: { command: [command] }, periodSeconds: 1, failureThreshold: 2 })

type Container = Readonly<Record<string, unknown>>

interface Shop {
  readonly web?: Container
  readonly init?: Container
  readonly job?: string
}

/** An app with probes and an init container, a database with a claim, and a Job that is another one each night. */
function shop(night: number, { web = {}, init = {}, job = 'exit 0' }: Shop = {}): Manifest[] {
  const pods = (name: string, spec: object): object => {
    const labels = { 'app.kubernetes.io/name': name }
    return { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } }
  }
  const env = [{ name: 'NIGHT', value: String(night) }]
  const main = {
    ...{ name: 'web', image: SHELL, command: SLEEP, env },
    ...{ readinessProbe: probe('true'), livenessProbe: probe('true') },
    ...web,
  }
  const first = { name: 'prepare', image: SHELL, command: ['true'], ...init }
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '16Mi' } } }
  const database = { name: 'db', image: SHELL, command: SLEEP, volumeMounts: [{ name: 'data', mountPath: '/data' }] }
  const once = { name: 'schema', image: SHELL, command: ['sh', '-c', job] }
  return [
    {
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } },
      spec: pods('web', { containers: [main], initContainers: [first] }),
    },
    {
      ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db' } },
      spec: {
        ...{ serviceName: 'db', ...pods('db', { containers: [database] }) },
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }],
      },
    },
    {
      ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: `schema-${night}` } },
      spec: {
        backoffLimit: 0,
        template: {
          metadata: { labels: { 'app.kubernetes.io/name': 'schema' } },
          spec: { restartPolicy: 'Never', containers: [once] },
        },
      },
    },
  ]
}

/** How each is provoked where containers really run. */
const FAILURES: readonly (readonly [failure: string, really: Shop])[] = [
  ['web=image-pull', { web: { image: 'busybox:no-such-tag' } }],
  ['web=crash-loop', { web: { command: ['sh', '-c', 'exit 1'] } }],
  ['web=init', { init: { command: ['false'] } }],
  ['web=oom', { web: { command: ['sh', '-c', 'tail /dev/zero'], resources: { limits: { memory: '16Mi' } } } }],
  // What is ready before its kubelet gives it up counts as deployed, there as here.
  [
    'web=liveness',
    { web: { livenessProbe: probe('false'), readinessProbe: { ...probe('true'), initialDelaySeconds: 30 } } },
  ],
  ['web=never-ready', { web: { readinessProbe: probe('false') } }],
  ['schema-2=job', { job: 'exit 3' }],
]

let namespace: RealNamespace
let project: TestProject
const at = (...more: readonly string[]): string[] => ['--env', 'test', '-C', project.dir, '--json', ...more]

beforeAll(async () => {
  namespace = await RealNamespace.create('rehearse')
  project = await projectOf(
    smallFiles({ cluster: { context: await currentContext() }, namespace: namespace.name }, shop(1)),
  )
  await waitFor(1)
  expect(await forge(['deploy', ...at('--kubeconfig', KUBECONFIG)])).toMatchObject({ status: 0 })
}, 180_000)

afterAll(async () => await namespace.remove())

async function waitFor(night: number): Promise<void> {
  await project.configure(['stages'], {
    schema: { wait: [`Job/schema-${night}`], timeout: '60s' },
    app: { wait: ['StatefulSet/db', 'Deployment/web'], timeout: '40s' },
  })
}

/** A kubeconfig with what `forge rbac --for plan` prints: whoever has it can write nothing. */
async function reader(): Promise<string[]> {
  const { status, stdout } = await forge([
    'rbac',
    '--env',
    'test',
    '-C',
    project.dir,
    '--for',
    'plan',
    '--kubeconfig',
    KUBECONFIG,
  ])
  expect(status).toBe(0)
  await kubectl(['apply', '-f', '-'], stdout)
  const name = /forge-\S+/u.exec(stdout)?.[0] ?? ''
  return ['--kubeconfig', await accountKubeconfig(namespace.name, name, kubectl), '--context', name]
}

/** Controllers write into the status of workloads for a while. */
const standing = async (): Promise<unknown> =>
  (await namespace.objects('deployments,statefulsets,jobs,secrets,configmaps,leases,persistentvolumeclaims')).map(
    ({ kind, spec, metadata: { name, uid, generation, resourceVersion } }) => {
      return spec === undefined || kind === 'Lease' ? [kind, name, resourceVersion] : [kind, name, uid, generation]
    },
  )

test('what a rehearsal says of a failure is what the same failure says for real', async () => {
  const asReader = await reader()
  await project.write('values.yaml', JSON.stringify({ objects: shop(2) }))
  await waitFor(2)
  const before = await standing()
  const wishes = FAILURES.flatMap(([failure]) => ['--fail', failure])
  const ran = await forge(['rehearse', ...at(...asReader), ...wishes])
  const { rehearsal, outcome, verdict: told } = document<RehearsalReport>(ran)
  expect({ outcome, told, standing: await standing() }).toEqual({ outcome: 'rehearsed', told: null, standing: before })
  const rehearsed = Object.fromEntries(
    (rehearsal?.failures ?? []).map(({ failure, verdict, restored }) => [failure, [verdict?.code, restored]]),
  )

  const real: Record<string, unknown> = {}
  for (const [failure, really] of FAILURES) {
    await project.write('values.yaml', JSON.stringify({ objects: shop(2, really) }))
    const { verdict, outcome: end } = document<DeployReport>(
      await forge(['deploy', ...at('--kubeconfig', KUBECONFIG, '--rollback')]),
    )
    real[failure] = [verdict?.code, end === 'restored']
    print(`${failure}: rehearsed ${JSON.stringify(rehearsed[failure])}, for real ${JSON.stringify(real[failure])}`)
  }
  expect(rehearsed).toEqual(real)
}, 600_000)
