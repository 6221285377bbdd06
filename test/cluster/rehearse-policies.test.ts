import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { freshNamespace, kubectl } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { podPolicy } from '../support/pod-policy.ts'
import { deployment } from '../support/pods.ts'
import { smallProject, type Manifest, type Small } from '../support/small.ts'
import type { RehearsalReport } from '../../src/flows/rehearse/rehearse.ts'

// A policy that lets in no pod of a foreign registry, made after such pods: what runs stays, what is new is refused. No plan sees
// it, as it is asked of pods alone.
const namespace = freshNamespace('policies')
const policies = podPolicy(
  'ValidatingAdmissionPolicy',
  namespace,
  {
    failurePolicy: 'Fail',
    validations: [
      {
        expression: "object.spec.containers.all(one, one.image.startsWith('example.test/'))",
        message: 'images come from example.test',
      },
    ],
  },
  { validationActions: ['Deny'] },
)

const running = (name: string, image: string): Manifest =>
  deployment({ name, spec: { containers: [{ name: 'main', image }] } }) as Manifest
const OLD = ['web', 'mail', 'sync', 'scan'].map((name) => running(name, 'foreign.test/main:1'))

let small: Small

beforeAll(async () => {
  small = await smallProject(namespace, 4, [...OLD, running('api', 'example.test/main:1')])
  await small.project.configure(['stages'], { app: { wait: ['Deployment/api'], timeout: '20s' } })
  expect((await small.deploy()).status).toBe(0)
  await kubectl(['apply', '-f', '-'], policies)
  // The API server takes it up a moment later.
  const probe = ['run', 'probe', '--image=foreign.test/main:1', '--dry-run=server', '-n', namespace]
  while (
    await kubectl(probe).then(
      () => true,
      () => false,
    )
  );
}, 60_000)

afterAll(async () => await kubectl(['delete', '-f', '-'], policies))

async function rehearse(image: string): Promise<RehearsalReport> {
  await small.render([...OLD, running('api', image)])
  return document<RehearsalReport>(await small.run('rehearse' as 'plan', ['--json']))
}

/** Policies that another test makes meanwhile may be named. */
const ofOwn = (report: RehearsalReport): string[] =>
  (report.rehearsal?.scene.notRehearsed ?? []).filter(
    (line) => line.includes(namespace) || /Deployment|pod/u.test(line),
  )

test('pods that a policy refuses tonight are seen', async () => {
  const report = await rehearse('foreign.test/main:2')
  const { outcome, rehearsal } = report
  expect({ outcome, verdict: rehearsal?.deploy.verdict, unlike: ofOwn(report) }).toMatchObject({
    outcome: 'would-fail',
    verdict: { sentence: expect.stringContaining('images come from example.test') },
    unlike: [],
  })
  // As the deploy itself would end.
  const deployed = await small.deploy()
  expect(deployed.report.verdict?.code).toBe(rehearsal?.deploy.verdict?.code)
}, 120_000)

test('what runs is not refused by a policy that is younger', async () => {
  const report = await rehearse('example.test/main:2')
  const { outcome, rehearsal } = report
  expect({ outcome, verdict: rehearsal?.deploy.verdict, unlike: ofOwn(report) }).toEqual({
    outcome: 'rehearsed',
    verdict: null,
    unlike: [],
  })
}, 120_000)
