import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import { stringify } from 'yaml'
import { kubectl, freshNamespace, object, objects } from '../support/cluster.ts'
import { helmOf } from '../support/helms.ts'
import * as sample from '../support/manifests.ts'
import { testSandbox } from '../support/sandbox.ts'
import { smallProject, type Manifest, type Small } from '../support/small.ts'

type Pod = Readonly<Record<string, unknown>>

/** A Deployment of a chart that says nothing about restarts. */
function consumer(name: string, pod: (container: Pod) => Pod): Manifest {
  const web = sample.web({ name }) as { spec: { template: { spec: { containers: Pod[] } } } } & Manifest
  const [container = {}] = web.spec.template.spec.containers
  return { ...web, spec: { ...web.spec, template: { ...web.spec.template, spec: pod(container) } } }
}

const key = (from: 'configMapKeyRef' | 'secretKeyRef', name: string, one: string): Pod => ({
  name: 'V',
  valueFrom: { [from]: { name, key: one } },
})

/** It reads its settings when it runs; a mark would only stand in the way of its next upgrade. */
const JOB: Manifest = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'once' },
  spec: {
    template: {
      spec: {
        restartPolicy: 'Never',
        containers: [{ name: 'main', image: 'example.test/job:1', env: [key('configMapKeyRef', 'settings', 'level')] }],
      },
    },
  },
}

function stack(level: string, script: string): Manifest[] {
  return [
    sample.configMap('settings', { level, 'run.sh': script }),
    consumer('reader', (one) => ({ containers: [{ ...one, env: [key('configMapKeyRef', 'settings', 'level')] }] })),
    consumer('runner', (one) => ({
      containers: [{ ...one, volumeMounts: [{ name: 'v', mountPath: '/run.sh', subPath: 'run.sh' }] }],
      volumes: [{ name: 'v', projected: { sources: [{ configMap: { name: 'settings' } }] } }],
    })),
    consumer('owner', (one) => ({ containers: [{ ...one, env: [key('secretKeyRef', 'login', 'password')] }] })),
    consumer('guest', (one) => ({ containers: [{ ...one, envFrom: [{ secretRef: { name: 'theirs' } }] }] })),
    sample.web({ name: 'idle' }),
    JOB,
  ]
}

async function project(helm: 3 | 4): Promise<Small> {
  const small = await smallProject(freshNamespace(`again${helm}`), helm, stack('info', 'one'))
  await small.project.write('login.txt', 'first-password-of-login')
  await small.project.configure(['secrets'], { login: { files: { password: 'login.txt' } } })
  await kubectl(['create', 'namespace', small.namespace])
  await theirs(small, 'their-first-password')
  return small
}

async function theirs({ namespace }: Small, password: string): Promise<void> {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'theirs', namespace }, stringData: { password } }
  await kubectl(['apply', '--server-side', '--field-manager=somebody', '-f', '-'], JSON.stringify(secret))
}

async function generations({ namespace }: Small): Promise<Record<string, number | undefined>> {
  const found = await objects('deployments', namespace)
  return Object.fromEntries(found.map(({ metadata }) => [metadata.name, metadata.generation]))
}

/** Plans and deploys: both tell the same restarts, and just those workloads got a new pod template, once. */
async function restarts(
  small: Small,
  ...flags: string[]
): Promise<readonly { workload: string; because: readonly string[] }[]> {
  const before = await generations(small)
  const plan = await small.plan(...flags)
  const { status, report } = await small.deploy(...flags)
  expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
  expect(report.restarted).toEqual(plan.restarts)
  const after = await generations(small)
  const moved = Object.keys(after).filter((name) => after[name] !== before[name])
  expect(moved.toSorted()).toEqual(report.restarted.map(({ workload }) => workload).toSorted())
  expect(moved.map((name) => (after[name] ?? 0) - (before[name] ?? 0))).toEqual(moved.map(() => 1))
  return report.restarted
}

test.each([3, 4] as const)('with helm %i exactly the consumers of a change restart', async (helm) => {
  const small = await project(helm)
  const first = await small.deploy()
  expect({ status: first.status, verdict: first.report.verdict }).toEqual({ status: 0, verdict: null })
  const again = await small.deploy()
  expect(again.report).toMatchObject({ outcome: 'unchanged', restarted: [] })

  await small.render(stack('debug', 'one'))
  expect(await restarts(small)).toEqual([{ workload: 'reader', because: ['settings level'] }])
  await small.render(stack('debug', 'two'))
  expect(await restarts(small)).toEqual([{ workload: 'runner', because: ['settings run.sh'] }])
  await small.project.write('login.txt', 'second-password-of-login')
  expect(await restarts(small)).toEqual([{ workload: 'owner', because: ['login password'] }])
  await theirs(small, 'their-second-password')
  expect(await restarts(small)).toEqual([{ workload: 'guest', because: ['theirs (changed outside this project)'] }])
  expect((await small.deploy()).report.outcome).toBe('unchanged')
  expect(await object('job', 'once', small.namespace)).toMatchObject({ metadata: { generation: 1 } })
})

test('a release that helm made without forge is taken over without a restart, and watched from then on', async () => {
  const small = await project(4)
  await kubectl([
    'create',
    'secret',
    'generic',
    'login',
    '-n',
    small.namespace,
    '--from-literal=password=first-password-of-login',
  ])
  const { kubeconfig } = await testSandbox()
  const where = ['--namespace', small.namespace, '--kubeconfig', kubeconfig]
  const { dir } = small.project
  await execa(await helmOf(4), ['install', 'small', `${dir}/chart`, '--values', `${dir}/values.yaml`, ...where])

  expect(await restarts(small, '--adopt')).toEqual([])
  expect((await small.deploy()).report.outcome).toBe('unchanged')
  await small.render(stack('debug', 'one'))
  expect(await restarts(small)).toEqual([{ workload: 'reader', because: ['settings level'] }])
})

test('a saved plan holds while the key of the hashes is not in the cluster yet', async () => {
  const small = await project(4)
  const file = `${small.project.dir}/p.json`
  await small.plan('--out', file)
  const { status, report } = await small.deploy('--plan', file)
  expect({ status, outcome: report.outcome, verdict: report.verdict }).toEqual({
    status: 0,
    outcome: 'deployed',
    verdict: null,
  })
  await theirs(small, 'their-second-password')
  await small.plan('--out', file)
  await theirs(small, 'their-third-password')
  expect((await small.deploy('--plan', file)).report.verdict).toMatchObject({ code: 'E_PLAN_RENDER' })
  expect(stringify(await small.project.read('p.json'))).not.toContain('their-second-password')
})
