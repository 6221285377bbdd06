import { afterAll, expect, test } from '@jest/globals'
import { freshNamespace, kubectl } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { podPolicy } from '../support/pod-policy.ts'
import { deployment } from '../support/pods.ts'
import { smallProject, type Manifest } from '../support/small.ts'
import type { RehearsalReport } from '../../src/flows/rehearse/rehearse.ts'

const NAMESPACE = freshNamespace('crashing')

/** Pods of `api` crash from now on, though nothing in their template says so: as an image would let them. */
const CRASH = podPolicy('MutatingAdmissionPolicy', NAMESPACE, {
  reinvocationPolicy: 'Never',
  matchConditions: [{ name: 'api', expression: "object.metadata.labels['app.kubernetes.io/name'] == 'api'" }],
  mutations: [
    {
      patchType: 'ApplyConfiguration',
      applyConfiguration: {
        expression: 'Object{metadata: Object.metadata{annotations: {"sandbox.forge.api-forge.io/fail": "crash-loop"}}}',
      },
    },
  ],
})

afterAll(async () => {
  await kubectl(['delete', '-f', '-'], CRASH)
  await kubectl(['delete', 'namespace', NAMESPACE, '--wait=false'])
})

const API = ['-n', NAMESPACE, '-l', 'app.kubernetes.io/name=api']

const running = (name: string, version = 1): Manifest =>
  deployment({ name, spec: { containers: [{ name: 'main', image: `example.test/main:${version}` }] } }) as Manifest

test('what crashes in the environment crashes in its rehearsal, unless tonight changes it: then nobody knows', async () => {
  const small = await smallProject(NAMESPACE, 4, [running('web'), running('api')])
  expect((await small.deploy()).report.verdict).toBe(null)
  await kubectl(['apply', '-f', '-'], CRASH)
  // The API server takes it up a moment later.
  for (let marks = ''; !marks.includes('crash');) {
    await kubectl(['delete', 'pod', ...API])
    await kubectl(['wait', 'deployment/api', '-n', NAMESPACE, '--for=jsonpath={.status.replicas}=1', '--timeout=30s'])
    marks = await kubectl(['get', 'pod', ...API, '-o', 'jsonpath={.items[*].metadata.annotations}'])
  }
  await kubectl([
    ...['wait', 'pod', ...API, '--timeout=30s'],
    '--for=jsonpath={.status.containerStatuses[0].restartCount}=3',
  ])
  const rehearse = async (): Promise<RehearsalReport> =>
    document<RehearsalReport>(await small.run('rehearse' as 'plan', ['--json']))

  await small.render([running('web'), running('api', 2)])
  const open = await rehearse()
  expect(open.outcome).toBe('rehearsed')
  expect(open.rehearsal?.scene.notRehearsed.join('\n')).toMatch(/not ready in the environment, .*Deployment\/api/u)

  await small.render([running('web', 2), running('api')])
  const { outcome, rehearsal } = await rehearse()
  expect({ outcome, code: rehearsal?.deploy.verdict?.code }).toEqual({ outcome: 'would-fail', code: 'E_CRASH_LOOP' })
  const { report } = await small.deploy()
  expect(report.verdict?.code).toBe('E_CRASH_LOOP')
  expect(rehearsal?.deploy.verdict?.sentence).toBe(report.verdict?.message)
}, 240_000)
