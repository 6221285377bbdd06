import { afterAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { forgeHere, freshNamespace, kubectl, object } from '../support/cluster.ts'
import { helmOf } from '../support/helms.ts'
import { SLOW, tinyProject } from '../support/tiny.ts'

// What somebody made and marked as a release's own, as the refusal says: a deploy that fails gives it back, and deletes nothing of it.
const made: string[] = []

afterAll(async () => {
  if (made.length > 0) await kubectl(['delete', 'namespace', ...made, '--wait=false'])
})

const LATE = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: late }\ndata: { a: chart, b: chart }\n'

test.each([3, 4] as const)(
  'helm %i: a deploy that takes it over and fails leaves it as it was',
  async (major) => {
    const namespace = freshNamespace('joined')
    made.push(namespace)
    const project = await tinyProject(namespace)
    const env = { FORGE_HELM: await helmOf(major) }
    const deploy = async (
      ...args: readonly string[]
    ): Promise<{ outcome: string; verdict: { hint: string } | null }> => {
      const { stdout } = await forgeHere(['deploy', '--env', 'sandbox', '-C', project.dir, '--json', ...args], env)
      return JSON.parse(stdout) as { outcome: string; verdict: { hint: string } | null }
    }
    expect(await deploy()).toMatchObject({ outcome: 'deployed' })
    await kubectl(['-n', namespace, 'create', 'configmap', 'late', '--from-literal=a=mine', '--from-literal=c=mine'])
    await project.write('chart/templates/late.yaml', LATE)
    const refused = await deploy()
    expect(refused).toMatchObject({ outcome: 'refused', verdict: { code: 'E_OBJECT_OWNED' } })
    await execa('sh', ['-c', refused.verdict?.hint ?? ''])
    const before = await object('configmap', 'late', namespace)

    const failed = await deploy('--overwrite-drift', ...SLOW, '--timeout', '3s')
    expect(failed).toMatchObject({ outcome: 'restored', verdict: { code: expect.any(String) } })
    const after = await object('configmap', 'late', namespace)
    expect(after?.metadata.uid).toBe(before?.metadata.uid)
    expect(after?.['data']).toEqual({ a: 'mine', c: 'mine' })

    expect(await deploy('--overwrite-drift')).toMatchObject({ outcome: 'deployed' })
    const taken = await object('configmap', 'late', namespace)
    expect(taken?.metadata.uid).toBe(before?.metadata.uid)
    expect(taken?.['data']).toMatchObject({ a: 'chart', b: 'chart' })
  },
  90_000,
)
