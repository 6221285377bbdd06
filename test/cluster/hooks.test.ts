import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { freshNamespace, object, snapshot } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import * as sample from '../support/manifests.ts'
import { job, podTemplate } from '../support/pods.ts'
import { smallProject, type Manifest } from '../support/small.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

interface Hook {
  readonly events: string
  readonly policy?: string
  readonly steer?: Readonly<Record<string, string>>
  readonly spec?: Readonly<Record<string, unknown>>
}

/** As charts of other people have them: a Job that migrates, and says so. */
function hookJob({ events, policy = 'before-hook-creation,hook-succeeded', steer = {}, spec = {} }: Hook): Manifest {
  const made = job(
    { name: 'migrate', steer: { log: 'migrating\nschema 12 → 13', ...steer }, spec },
    { backoffLimit: 0 },
  )
  const metadata = made['metadata'] as Manifest['metadata'] & { readonly labels: object }
  const annotations = { 'helm.sh/hook': events, 'helm.sh/hook-weight': '5', 'helm.sh/hook-delete-policy': policy }
  return { ...made, kind: 'Job', metadata: { ...metadata, annotations } } as Manifest
}

const BOTH = 'pre-install,pre-upgrade'

test.each([3, 4] as const)(
  'a hook is followed while helm %i blocks on it: its log is shown once, and gone after success is done',
  async (helm) => {
    const small = await smallProject(freshNamespace(`hook${helm}`), helm, [hookJob({ events: BOTH }), sample.web()])
    await small.project.configure(['stages'], { schema: { wait: ['Job/migrate'] }, web: { wait: ['Deployment/web'] } })

    const { status, stderr } = await small.run('deploy', [])

    expect({ status, stderr }).toMatchObject({ status: 0 })
    const lines = stderr.split('\n').map((line) => line.slice('12:00:00 '.length).trim())
    expect(lines.filter((line) => line === 'migrate │ migrating')).toHaveLength(1)
    expect(lines.filter((line) => line === 'migrate │ schema 12 → 13')).toHaveLength(1)
    expect(lines).toContainEqual(expect.stringMatching(/^✔ +6\/8 upgrade +small revision 1, hook migrate done/u))
    expect(lines).toContainEqual(expect.stringMatching(/^✔ +7\/8 schema +migrate done/u))
    expect(await object('job', 'migrate', small.namespace)).toBeUndefined()
  },
)

test('a hook that fails is judged like any Job, and its log is kept although its chart deletes it', async () => {
  const small = await smallProject(freshNamespace('hook-bad'), 4, [sample.web()])
  expect(await small.deploy()).toMatchObject({ status: 0 })
  const before = await snapshot(small.namespace)
  const policy = 'before-hook-creation,hook-succeeded,hook-failed'
  const failing = hookJob({ events: BOTH, policy, steer: { fail: 'job', log: 'relation users does not exist' } })
  await small.render([failing, sample.web({ image: 'example.test/web:2' })])

  const { status, report } = await small.deploy()

  expect({ status, code: report.verdict?.code, message: report.verdict?.message }).toEqual({
    status: 4,
    code: 'E_JOB_FAILED',
    message: expect.stringMatching(/^migrate failed: it exits with status 1/u),
  })
  expect(report.verdict?.chain.slice(0, 2)).toEqual(['Job/migrate', expect.stringMatching(/^Pod\/migrate-/u)])
  expect(await snapshot(small.namespace)).toEqual(before)
  const dir = report.evidence ?? ''
  const logs = (await readdir(join(dir, 'logs'))).filter((file) => file.startsWith('migrate-'))
  const texts = await Promise.all(logs.map(async (file) => await readFile(join(dir, 'logs', file), 'utf8')))
  expect(texts.join('')).toContain('relation users does not exist')
  expect(await readFile(join(dir, 'helm.txt'), 'utf8')).toMatch(/helm upgrade small[^]*pre-upgrade hooks failed/u)
  expect(await readFile(join(dir, 'changes.txt'), 'utf8')).toMatch(/Deployment\/web[^]*example\.test\/web:2/u)
})

test('a hook whose image does not exist ends the deploy, long before helm would give up', async () => {
  const spec = { containers: [{ name: 'main', image: 'registry.invalid/migrate:1' }] }
  const small = await smallProject(freshNamespace('hook-image'), 4, [hookJob({ events: BOTH, spec }), sample.web()])
  const { status, report } = await small.deploy()
  expect({ status, code: report.verdict?.code, first: report.verdict?.chain[0] }).toEqual({
    status: 5,
    code: 'E_IMAGE_PULL',
    first: 'Job/migrate',
  })
})

test('a bare Pod as a hook is followed, too', async () => {
  const made = podTemplate({
    name: 'smoke',
    steer: { fail: 'job', log: 'no route to host' },
    spec: { restartPolicy: 'Never' },
  })
  const { annotations, ...metadata } = made['metadata'] as { readonly annotations: object }
  const hook = { ...annotations, 'helm.sh/hook': 'post-install' }
  const pod = { ...made, apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'smoke', annotations: hook } }
  const small = await smallProject(freshNamespace('hook-pod'), 4, [pod, sample.web()])
  const { status, report } = await small.deploy()
  expect({ status, code: report.verdict?.code, chain: report.verdict?.chain }).toEqual({
    status: 5,
    code: 'E_JOB_FAILED',
    chain: ['Pod/smoke', 'main'],
  })
})

test('a hook that needs an object of its own release is refused in the plan, and in the deploy', async () => {
  const envFrom = [{ configMapRef: { name: 'settings' } }]
  const spec = { containers: [{ name: 'main', image: 'example.test/main:1', envFrom }] }
  const objects = [hookJob({ events: BOTH, spec }), sample.configMap('settings', { level: '1' }), sample.web()]
  const small = await smallProject(freshNamespace('hook-lock'), 4, objects)
  for (const command of ['plan', 'deploy'] as const) {
    const ran = await small.run(command, ['--json'])
    expect({ status: ran.status, verdict: document<DeployReport>(ran).verdict }).toMatchObject({
      status: 3,
      verdict: {
        code: 'E_HOOK_DEADLOCK',
        message:
          'hook Job/migrate (pre-install, pre-upgrade) needs ConfigMap/settings, which helm makes only after it, with the release: neither would ever come',
        where: 'small/templates/objects.yaml',
      },
    })
  }
})
