import { afterAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { forgeHere, freshNamespace, kubectl, object, type LiveObject } from '../support/cluster.ts'
import { startForge } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { send } from '../support/processes.ts'
import { testSandbox } from '../support/sandbox.ts'
import { SLOW, tinyProject } from '../support/tiny.ts'

// What somebody made and marked as a release's own, as the refusal says: a deploy that fails gives it back, and deletes nothing of it.
const made: string[] = []

afterAll(async () => {
  if (made.length > 0) await kubectl(['delete', 'namespace', ...made, '--wait=false'])
})

const LATE = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: late }\ndata: { a: chart, b: chart }\n'

interface Ended {
  readonly outcome: string
  readonly verdict: { readonly code: string; readonly hint: string } | null
}

interface Scene {
  readonly env: Record<string, string>
  readonly flags: readonly string[]
  readonly namespace: string
  readonly deploy: (...args: readonly string[]) => Promise<Ended>
  readonly late: () => Promise<LiveObject | undefined>
}

/** A release runs; beside it stands what its chart has by now, marked as the hint of the refusal says. */
async function marked(major: 3 | 4): Promise<Scene> {
  const namespace = freshNamespace('joined')
  made.push(namespace)
  const project = await tinyProject(namespace)
  const env = { FORGE_HELM: await helmOf(major) }
  const flags = ['--env', 'sandbox', '-C', project.dir]
  const deploy = async (...args: readonly string[]): Promise<Ended> =>
    JSON.parse((await forgeHere(['deploy', ...flags, '--json', ...args], env)).stdout) as Ended
  expect(await deploy()).toMatchObject({ outcome: 'deployed' })
  await kubectl(['-n', namespace, 'create', 'configmap', 'late', '--from-literal=a=mine', '--from-literal=c=mine'])
  await project.write('chart/templates/late.yaml', LATE)
  const refused = await deploy()
  expect(refused).toMatchObject({ outcome: 'refused', verdict: { code: 'E_OBJECT_OWNED' } })
  await execa('sh', ['-c', refused.verdict?.hint ?? ''])
  return { env, flags, namespace, deploy, late: async () => await object('configmap', 'late', namespace) }
}

test.concurrent.each([3, 4] as const)(
  'helm %i: a deploy that takes it over and fails leaves it as it was',
  async (major) => {
    const { deploy, late } = await marked(major)
    const before = await late()

    expect(await deploy('--overwrite-drift', ...SLOW, '--timeout', '3s')).toMatchObject({ outcome: 'restored' })
    const after = await late()
    expect(after?.metadata.uid).toBe(before?.metadata.uid)
    expect(after?.['data']).toEqual({ a: 'mine', c: 'mine' })

    expect(await deploy('--overwrite-drift')).toMatchObject({ outcome: 'deployed' })
    const taken = await late()
    expect(taken?.metadata.uid).toBe(before?.metadata.uid)
    expect(taken?.['data']).toMatchObject({ a: 'chart', b: 'chart' })
  },
  90_000,
)

test.concurrent(
  'one that is killed does not delete it, and its recovery says that it is not as before',
  async () => {
    const { env, flags, namespace, deploy, late } = await marked(4)
    const before = await late()
    const { name } = await testSandbox()
    const run = ['deploy', ...flags, '--overwrite-drift', ...SLOW]
    const killed = startForge(run, { env: { FORGE_SANDBOX: name, ...env } })
    await kubectl(['-n', namespace, 'wait', '--for=jsonpath={.data.b}=chart', 'configmap/late'])
    send(killed.pid ?? 0, 'SIGKILL')
    await killed

    const { status, stderr, stdout } = await forgeHere(['recover', ...flags], env)
    expect(status).not.toBe(0)
    expect(stderr + stdout).toContain('ConfigMap/late')
    expect((await late())?.metadata.uid).toBe(before?.metadata.uid)
    // As it stays, it is what the chart says.
    expect(await deploy('--overwrite-drift')).toMatchObject({ outcome: 'unchanged' })
    expect((await late())?.metadata.uid).toBe(before?.metadata.uid)
  },
  90_000,
)
