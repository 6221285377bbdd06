import { expect, test } from '@jest/globals'
import { freshNamespace, kubectl, object } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { varyingProject, type Varying } from '../support/varying.ts'
import type { HistoryReport } from '../../src/flows/history.ts'
import type { StatusDocument } from '../../src/flows/status/status.ts'

const BROKEN = ['--set', 'image=registry.invalid/none:1', '--timeout', '15s']
const REFUSED = `apiVersion: v1
kind: Pod
metadata: { name: refused, annotations: { helm.sh/hook: pre-upgrade, helm.sh/hook-delete-policy: before-hook-creation } }
spec: { restartPolicy: Never, containers: [ { name: refused, image: registry.invalid/hook:1 } ] }
`

/** What forge says that runs: the star of the history, the head of the status. */
async function saysLive({ run }: Varying): Promise<(number | undefined | null)[]> {
  const history = document<HistoryReport>(await run('history', '--json'))
  const starred = history.deploys.filter(({ live }) => live).map(({ number }) => number)
  const status = document<StatusDocument>(await run('status', '--json'))
  return [...starred, history.live, status.live?.number]
}

async function image(namespace: string): Promise<string | undefined> {
  const spec = (await object('deployment', 'web', namespace))?.spec as {
    template: { spec: { containers: { image: string }[] } }
  }
  return spec.template.spec.containers[0]?.image
}

test.each([3, 4] as const)(
  'a failed deploy that was left as it is runs, and is what comes back (helm %i)',
  async (major) => {
    const namespace = freshNamespace(`runs${major}`)
    const varying = await varyingProject(namespace, major, {})
    const { deploy, run, project } = varying
    await project.configure(['stages'], { web: { wait: ['Deployment/web'], timeout: '30s' } })
    expect(await deploy()).toMatchObject({ status: 0 })
    const slow = ['--set', 'image=web:2', '--set', 'delay=6s', '--timeout', '3s', '--no-rollback']
    expect(await deploy(...slow)).toMatchObject({ status: 5, outcome: 'failed', code: 'E_PROBE_FAILING' })
    expect(await saysLive(varying)).toEqual([2, 2, 2])
    await kubectl(['rollout', 'status', 'deployment/web', '--namespace', namespace, '--timeout=60s'])
    const third = await run('deploy', ...BROKEN)
    expect({ status: third.status, image: await image(namespace) }).toEqual({ status: 4, image: 'web:2' })
    expect(third.stdout + third.stderr).toContain('test runs #2 again, proven')
    expect(await saysLive(varying)).toEqual([2, 2, 2])
    const back = await run('rollback', '--yes')
    expect(back.status).toBe(0)
    expect(back.stdout).toContain('runs #1 again')
    expect(await image(namespace)).toBe('web:1')
    expect(await saysLive(varying)).toEqual([4, 4, 4])
  },
)

test('a deploy whose helm failed before its first object has left what ran before', async () => {
  const namespace = freshNamespace('hookfirst')
  const varying = await varyingProject(namespace, 4, {})
  expect(await varying.deploy()).toMatchObject({ status: 0 })
  await varying.project.write('chart/templates/hook.yaml', REFUSED)
  expect(await varying.deploy('--set', 'image=web:2', '--no-rollback')).toMatchObject({ status: 5 })
  expect(await image(namespace)).toBe('web:1')
  expect(await saysLive(varying)).toEqual([1, 1, 1])
})
