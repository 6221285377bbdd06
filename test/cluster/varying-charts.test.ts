import { describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { freshNamespace, kubectl, object, objects } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { testSandbox } from '../support/sandbox.ts'
import { CERTIFICATE, JOB_OF_REVISION, PASSWORD, RESTLESS, varyingProject } from '../support/varying.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

const BROKEN = ['--set', 'image=registry.invalid/none:1', '--timeout', '20s']

describe.each([3, 4] as const)('helm %i', (major) => {
  const namespaceOf = (name: string): string => freshNamespace(`${name}${major}`)
  const jobs = async (namespace: string): Promise<string[]> =>
    (await objects('jobs', namespace)).map(({ metadata }) => metadata.name)

  test('a Job that carries the number of its revision is followed in each deploy, and comes back in a rollback', async () => {
    const { namespace, deploy, run } = await varyingProject(namespaceOf('job'), major, { 'job.yaml': JOB_OF_REVISION })
    expect(await deploy()).toMatchObject({ status: 0, outcome: 'deployed' })
    expect(await jobs(namespace)).toEqual(['migrate-1'])
    expect(await deploy('--set', 'image=web:2')).toMatchObject({ status: 0, outcome: 'deployed', code: undefined })
    expect(await jobs(namespace)).toEqual(['migrate-2'])
    expect(await deploy(...BROKEN)).toMatchObject({ status: 4, outcome: 'restored', code: 'E_IMAGE_PULL' })
    expect(await jobs(namespace)).toEqual(['migrate-2'])
    expect(await deploy('--set', 'image=web:3')).toMatchObject({ status: 0 })
    expect(await jobs(namespace)).toEqual(['migrate-5'])
    const back = await run('rollback', '--yes', '--json')
    expect({ status: back.status, outcome: document<DeployReport>(back).outcome }).toEqual({
      status: 0,
      outcome: 'rolled-back',
    })
    expect(await jobs(namespace)).toEqual(['migrate-2'])
  })

  test('a password that is made once restarts its database never', async () => {
    const { namespace, deploy, pods } = await varyingProject(namespaceOf('once'), major, { 'db.yaml': PASSWORD })
    expect(await deploy()).toMatchObject({ status: 0, outcome: 'deployed' })
    const [password, before] = [(await object('secret', 'db', namespace))?.data, await pods('db')]
    expect(await deploy()).toMatchObject({ status: 0, outcome: 'unchanged' })
    expect(await deploy('--set', 'image=web:2')).toMatchObject({ status: 0, outcome: 'deployed' })
    expect(await deploy(...BROKEN)).toMatchObject({ status: 4, outcome: 'restored' })
    expect([(await object('secret', 'db', namespace))?.data, await pods('db')]).toEqual([password, before])
  })

  test('what renders differently each time is written as it was planned', async () => {
    const restless = await varyingProject(namespaceOf('restless'), major, { 'restless.yaml': RESTLESS })
    const { namespace, deploy } = restless
    for (const image of ['web:1', 'web:2']) {
      const { report, ...end } = await deploy('--set', 'restless=true', '--set', `image=${image}`)
      expect(end).toMatchObject({ status: 0, outcome: 'deployed', code: undefined })
      if (image === 'web:2') expect(report.restarted.map(({ workload }) => workload)).toEqual(['web'])
    }
    const before = await object('configmap', 'restless', namespace)
    expect(before?.data?.['long']).toBe('two words\n'.repeat(60))
    expect(await deploy('--set', 'restless=true', ...BROKEN)).toMatchObject({ status: 4, outcome: 'restored' })
    expect((await object('configmap', 'restless', namespace))?.data).toEqual(before?.data)
  })

  test('what renders differently each time stays as it was deployed where forge.yaml says so', async () => {
    const templates = { 'restless.yaml': RESTLESS, 'tls.yaml': CERTIFICATE }
    const { project, namespace, deploy, pods, run } = await varyingProject(namespaceOf('ignored'), major, templates)
    const flags = ['--set', 'restless=true']
    await project.configure(['releases', 'varying', 'ignoreVolatile'], true)
    expect(await deploy(...flags)).toMatchObject({ status: 0, outcome: 'deployed' })
    const contents = async (): Promise<unknown[]> => [
      (await object('secret', 'tls', namespace))?.data,
      (await object('configmap', 'restless', namespace))?.data,
      await pods('web'),
    ]
    const before = await contents()
    expect(await deploy(...flags)).toMatchObject({ status: 0, outcome: 'unchanged' })
    expect((await run('plan', '--exit-code', ...flags)).status).toBe(0)
    expect(await deploy(...flags, '--set', 'replicas=2')).toMatchObject({ status: 0, outcome: 'deployed' })
    expect((await contents()).slice(0, 2)).toEqual(before.slice(0, 2))
    expect(await pods('web')).toEqual(expect.arrayContaining(before[2] as string[]))
    await project.configure(['releases', 'varying', 'ignoreVolatile'], false)
    const plan = await run('plan', '--exit-code', ...flags)
    expect([plan.status, plan.stdout]).toEqual([10, expect.stringContaining('(varying, templates/tls.yaml:1 genCA)')])
  })

  test('a hook that makes a password of its own restarts its database never', async () => {
    const hook = PASSWORD.replace(
      'metadata: { name: db }',
      'metadata: { name: db, annotations: { helm.sh/hook: pre-install, helm.sh/hook-delete-policy: before-hook-creation } }',
    )
    const { namespace, deploy, pods } = await varyingProject(namespaceOf('hooked'), major, { 'db.yaml': hook })
    expect(await deploy()).toMatchObject({ status: 0, outcome: 'deployed' })
    const [password, before] = [(await object('secret', 'db', namespace))?.data, await pods('db')]
    expect(await deploy('--set', 'image=web:2')).toMatchObject({ status: 0, outcome: 'deployed' })
    expect([(await object('secret', 'db', namespace))?.data, await pods('db')]).toEqual([password, before])
  })

  test('a release that was uninstalled with its history kept is installed anew', async () => {
    const { namespace, deploy } = await varyingProject(namespaceOf('kept'), major, { 'job.yaml': JOB_OF_REVISION })
    expect(await deploy()).toMatchObject({ status: 0 })
    const where = ['--namespace', namespace, '--kubeconfig', (await testSandbox()).kubeconfig]
    await execa(await helmOf(major), ['uninstall', 'varying', '--keep-history', ...where])
    await kubectl(['wait', '--for=delete', 'deployment/web', '--namespace', namespace, '--timeout=60s'])
    expect(await deploy()).toMatchObject({ status: 0, outcome: 'deployed', code: undefined })
    expect(await jobs(namespace)).toEqual(['migrate-1'])
  })
})
