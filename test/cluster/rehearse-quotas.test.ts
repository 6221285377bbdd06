import { beforeAll, expect, test } from '@jest/globals'
import { freshNamespace, kubectl } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { deployment } from '../support/pods.ts'
import { smallProject, type Manifest, type Small } from '../support/small.ts'
import type { RehearsalReport } from '../../src/flows/rehearse/rehearse.ts'

// A quota of one core, of which a neighbour that is no part of the project uses 400m, and the project 300m: twelve pods fit.
// Several workloads have one each, so that a pod which the sandbox's quota did not count is one too many that goes through.
let small: Small

const asking = (name: string, cpu: string, replicas: number): Manifest => {
  const container = { name: 'main', image: 'example.test/main:1', resources: { requests: { cpu } } }
  const made = deployment({ name, spec: { containers: [container] } }) as Manifest & { readonly spec: object }
  return { ...made, spec: { ...made.spec, replicas } }
}

/** Six workloads; all but the first have one pod. */
const workloads = (pods: number): Manifest[] =>
  ['web', 'api', 'mail', 'sync', 'scan', 'push'].map((name, index) => asking(name, '50m', index === 0 ? pods - 5 : 1))

beforeAll(async () => {
  small = await smallProject(freshNamespace('quota'), 4, workloads(6))
  await small.project.configure(['stages'], {
    app: { wait: ['Deployment/web'], timeout: '20s', grace: { quota: '3s' } },
  })
  const { namespace } = small
  await kubectl(['create', 'namespace', namespace])
  await kubectl(['create', 'quota', 'room', '--hard=requests.cpu=1', '-n', namespace])
  await kubectl([
    'wait',
    'quota/room',
    '-n',
    namespace,
    '--for=jsonpath={.status.hard.requests\\.cpu}=1',
    '--timeout=30s',
  ])
  await kubectl(['apply', '-n', namespace, '-f', '-'], JSON.stringify(asking('neighbour', '400m', 1)))
  await kubectl(['rollout', 'status', 'deployment/neighbour', '-n', namespace, '--timeout=30s'])
  expect((await small.deploy()).status).toBe(0)
}, 60_000)

async function rehearse(pods: number): Promise<RehearsalReport> {
  await small.render(workloads(pods))
  return document<RehearsalReport>(await small.run('rehearse' as 'plan', ['--json']))
}

test('what goes beyond the quota tonight is seen', async () => {
  const { outcome, rehearsal } = await rehearse(13)
  // Policies that another test makes meanwhile may be named.
  const unlike = rehearsal?.scene.notRehearsed.filter((line) => /quota|pod|node/iu.test(line))
  expect({ outcome, verdict: rehearsal?.deploy.verdict, unlike }).toMatchObject({
    outcome: 'would-fail',
    verdict: { code: 'E_QUOTA', sentence: expect.stringContaining('room') },
    unlike: [],
  })
  // As the deploy itself would end.
  const { report } = await small.deploy()
  expect(report.verdict?.code).toBe(rehearsal?.deploy.verdict?.code)
}, 120_000)

test('what fits goes through', async () => {
  const { outcome, rehearsal } = await rehearse(12)
  expect({ outcome, verdict: rehearsal?.deploy.verdict }).toEqual({ outcome: 'rehearsed', verdict: null })
}, 120_000)
