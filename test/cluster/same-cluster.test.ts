import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parse, stringify } from 'yaml'
import { forgeHere, freshNamespace, kubectl, object, objects } from '../support/cluster.ts'
import { document, type Ran } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { testSandbox } from '../support/sandbox.ts'
import { tinyProject } from '../support/tiny.ts'

/** Each would lead helm elsewhere: to no server, as somebody else, to another namespace. */
const ELSEWHERE = {
  HELM_KUBEAPISERVER: 'https://127.0.0.1:1',
  HELM_KUBETOKEN: 'wrong',
  HELM_KUBECONTEXT: 'not-there',
  HELM_KUBECAFILE: '/nowhere',
  HELM_KUBEASUSER: 'nobody',
  HELM_KUBEASGROUPS: 'nothing',
  HELM_KUBETLS_SERVER_NAME: 'nowhere.test',
  HELM_NAMESPACE: 'default',
  HELM_MAX_HISTORY: '1',
}

test.each([3, 4] as const)(
  'helm %i acts on the cluster that forge looks at, whatever its variables say',
  async (major) => {
    const namespace = freshNamespace('helmenv')
    const { dir } = await tinyProject(namespace)
    const env = { ...ELSEWHERE, FORGE_HELM: await helmOf(major) }
    const run = async (...args: string[]): Promise<Ran> => await forgeHere([...args, '-e', 'sandbox', '-C', dir], env)
    expect(await run('deploy')).toMatchObject({ status: 0 })
    expect(await run('deploy', '--set', 'data.COLOUR=red')).toMatchObject({ status: 0 })
    expect(await run('rollback', '1')).toMatchObject({ status: 0 })
    expect(await object('configmap', 'web', namespace)).toMatchObject({ data: { COLOUR: 'blue' } })
    expect(await objects('secrets', namespace, 'owner=helm')).toHaveLength(3)
  },
)

test('another driver of helm is refused: forge would not see what is deployed', async () => {
  const namespace = freshNamespace('driver')
  const { dir } = await tinyProject(namespace)
  const ran = await forgeHere(['plan', '-e', 'sandbox', '-C', dir, '--json'], { HELM_DRIVER: 'configmap' })
  expect(ran.status).toBe(3)
  expect(document(ran)).toMatchObject({ verdict: { code: 'E_HELM_DRIVER', hint: 'unset HELM_DRIVER' } })
})

/** The sandbox's own user, acting as somebody else. */
async function actingAs(who: Readonly<Record<string, unknown>>): Promise<string> {
  const { kubeconfig } = await testSandbox()
  const config = parse(await readFile(kubeconfig, 'utf8')) as { users: { user: object }[] }
  config.users = config.users.map((one) => ({ ...one, user: { ...one.user, ...who } }))
  const file = join(await mkdtemp(join(tmpdir(), 'forge-as-')), 'kubeconfig')
  await writeFile(file, stringify(config), { mode: 0o600 })
  return file
}

test('whom a kubeconfig acts as, with its groups, is who deploys: forge and helm alike', async () => {
  const namespace = freshNamespace('acting')
  const { dir } = await tinyProject(namespace)
  const deploy = async (who: Readonly<Record<string, unknown>>): Promise<Ran> =>
    await forgeHere(['deploy', '-e', 'sandbox', '-C', dir, '--json', '--kubeconfig', await actingAs(who)])

  const alone = await deploy({ as: 'visitor' })
  expect({ status: alone.status, code: document<{ verdict: { code: string } }>(alone).verdict.code }).toEqual({
    status: 3,
    code: 'E_FORBIDDEN',
  })
  expect(await kubectl(['get', 'namespace', namespace, '--ignore-not-found'])).toBe('')
  const groups = ['system:masters', 'visitors']
  const extra = { 'example.com/reason': ['a test'] }
  const whole = await deploy({ as: 'visitor', 'as-uid': '7', 'as-groups': groups, 'as-user-extra': extra })
  expect({ status: whole.status, ...document(whole) }).toMatchObject({ status: 0, outcome: 'deployed' })

  const nameless = await deploy({ 'as-groups': groups })
  expect({ status: nameless.status, stdout: nameless.stdout }).toEqual({
    status: 7,
    stdout: expect.stringContaining('has as-groups without as'),
  })
})
