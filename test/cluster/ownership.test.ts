import { execa } from 'execa'
import { describe, expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, kubectl, object } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import * as sample from '../support/manifests.ts'
import { testSandbox } from '../support/sandbox.ts'
import { smallProject, type Small } from '../support/small.ts'
import { deployed, refused, settings } from '../support/small-deployed.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

const web = sample.web({ probe: true })

async function helm(major: 3 | 4, namespace: string, ...args: string[]): Promise<void> {
  const { kubeconfig } = await testSandbox()
  await execa(await helmOf(major), [...args, '--namespace', namespace, '--kubeconfig', kubeconfig])
}

async function installByHand(small: Small, major: 3 | 4): Promise<void> {
  const { dir } = small.project
  await helm(
    major,
    small.namespace,
    'install',
    'small',
    `${dir}/chart`,
    '--values',
    `${dir}/values.yaml`,
    '--create-namespace',
  )
}

const level = async ({ namespace }: Small): Promise<string | undefined> =>
  (await object('configmap', 'settings', namespace))?.data?.['level']

test.each([3, 4] as const)('a release that helm %i made is not taken over without a word', async (major) => {
  const small = await smallProject(freshNamespace(`byhand${major}`), major, [settings('1'), web])
  await installByHand(small, major)
  await small.render([settings('2'), web])
  const report = await refused(small, 'E_RELEASE_FOREIGN')
  expect(report.verdict).toMatchObject({
    message: expect.stringContaining('release small is at revision 1, and no deploy of this project made it'),
    hint: expect.stringMatching(/^forge deploy .*--adopt/u),
  })
  const planned = document<DeployReport>(await small.run('plan', ['--json']))
  expect(planned.verdict).toMatchObject({
    code: 'E_RELEASE_FOREIGN',
    hint: expect.stringMatching(/^forge plan .*--adopt/u),
  })
  expect((await small.plan('--adopt')).warnings).toEqual([expect.stringContaining('it is taken over (--adopt)')])

  expect((await small.deploy('--adopt')).status).toBe(0)
  expect(await level(small)).toBe('2')
  await small.render([settings('3'), web])
  expect((await small.deploy()).status).toBe(0)
})

test('what helm installs after forge has uninstalled is somebody else’s', async () => {
  const small = await deployed('again', 4, [settings('1')])
  expect((await small.run('uninstall', ['--yes'])).status).toBe(0)
  await installByHand(small, 4)
  await refused(small, 'E_RELEASE_FOREIGN')
  const ran = await small.run('uninstall', ['--yes', '--json'])
  expect(await object('configmap', 'settings', small.namespace)).toBeDefined()
  expect(ran.status).not.toBe(1)
})

test('taking over what is already as it should be is written down too', async () => {
  const small = await smallProject(freshNamespace('same'), 4, [settings('1')])
  await installByHand(small, 4)
  expect((await small.deploy('--adopt')).report).toMatchObject({ outcome: 'deployed', deploy: 1 })
  expect((await small.deploy()).report.outcome).toBe('unchanged')
})

test('a saved plan says itself that it takes over', async () => {
  const small = await smallProject(freshNamespace('saved'), 4, [settings('1')])
  await installByHand(small, 4)
  const file = `${small.project.dir}/p.json`
  await small.render([settings('2')])
  await small.plan('--adopt', '--out', file)
  expect((await small.deploy('--plan', file)).status).toBe(0)
})

test('two projects with one release name refuse each other, whoever came last', async () => {
  const first = await deployed('two', 4, [settings('1')])
  const second = await smallProject(first.namespace, 4, [settings('2')])
  await second.project.configure(['project'], 'other')
  const told = await refused(second, 'E_RELEASE_FOREIGN')
  expect(told.verdict?.message).toContain('release small belongs to project small, whose #1 deployed it')
  expect((await second.deploy('--adopt')).status).toBe(0)
  expect(await level(second)).toBe('2')

  expect((await refused(first, 'E_RELEASE_FOREIGN')).verdict?.message).toContain('belongs to project other')
  for (const command of ['rollback', 'uninstall'] as const) {
    const ran = await first.run(command, [...(command === 'rollback' ? ['1'] : []), '--json', '--yes'])
    expect({ command, status: ran.status, code: document<DeployReport>(ran).verdict?.code }).toEqual({
      command,
      status: 3,
      code: 'E_RELEASE_FOREIGN',
    })
  }
  expect(await level(second)).toBe('2')
  await second.render([settings('3')])
  expect((await second.deploy()).status).toBe(0)
})

test('more deploys than the journal keeps do not make a release a stranger', async () => {
  const small = await deployed('many', 4, [settings('0')])
  const entry = await kubectl(['get', 'secret', 'forge-journal-small-1', '-n', small.namespace, '-o', 'name'])
  expect(entry.trim()).toBe('secret/forge-journal-small-1')
  await kubectl(['delete', 'secret', 'forge-journal-small-1', '-n', small.namespace])
  await refused(small, 'E_RELEASE_FOREIGN')
  expect((await forgeHere(['deploy', '--env', 'test', '-C', small.project.dir, '--adopt'])).status).toBe(0)
})

describe('a Secret', () => {
  // Something that the charts render names it, so it is not left out.
  const consumer = sample.configMap('settings', { level: '1', uses: 'login' })

  async function withSecret(prefix: string): Promise<Small> {
    const small = await smallProject(freshNamespace(prefix), 4, [consumer])
    await small.project.write('key.txt', 'the-first-value-of-key')
    await small.project.configure(['secrets'], { login: { files: { key: 'key.txt' } } })
    return small
  }
  const value = async ({ namespace }: Small, key = 'key'): Promise<string> =>
    atob((await object('secret', 'login', namespace))?.data?.[key] ?? '')
  const patch = async ({ namespace }: Small, metadata: object, data: Record<string, string>): Promise<void> => {
    const stringData = JSON.stringify({ metadata, stringData: data })
    await kubectl(['patch', 'secret', 'login', '-n', namespace, '--type=merge', '-p', stringData])
  }
  const secrets = async ({ project }: Small, ...args: string[]) =>
    await forgeHere(['secrets', ...args, '--env', 'test', '-C', project.dir])

  test('that was edited by hand is no longer forge’s to overwrite in silence', async () => {
    const small = await withSecret('edited')
    expect((await small.deploy()).status).toBe(0)
    await patch(small, {}, { key: 'a-value-set-by-hand' })
    for (const run of [await small.run('deploy', []), await secrets(small, 'apply')]) {
      expect({ status: run.status, code: run.stderr.includes('E_SECRET_HELD') }).toEqual({ status: 3, code: true })
      expect(run.stderr).toContain('key was changed by')
      expect(run.stderr).not.toContain('a-value-set-by-hand')
    }
    expect(await value(small)).toBe('a-value-set-by-hand')
    const diff = await secrets(small, 'diff')
    expect({ status: diff.status, told: diff.stderr.includes('key was changed by') }).toEqual({ status: 0, told: true })

    await small.drift({ preserve: ['Secret/login:data.key'] })
    expect((await small.deploy()).status).toBe(0)
    expect(await value(small)).toBe('a-value-set-by-hand')
    await small.drift('report')
    expect((await secrets(small, 'apply', '--overwrite-drift')).status).toBe(0)
    expect(await value(small)).toBe('the-first-value-of-key')
    await small.project.write('key.txt', 'the-second-value-of-key')
    expect((await small.deploy()).status).toBe(0)
    expect(await value(small)).toBe('the-second-value-of-key')
  })

  test.each([
    ['another project', { labels: { 'forge.api-forge.io/project': 'other' } }, 'project other'],
    [
      'a controller',
      { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'UID' }] },
      'ConfigMap/owner',
    ],
  ])('of %s is refused, and overwritten where that is said', async (_, metadata, owner) => {
    const small = await withSecret('theirs')
    await kubectl(['create', 'namespace', small.namespace])
    await kubectl(['create', 'configmap', 'owner', '-n', small.namespace])
    const uid = (await object('configmap', 'owner', small.namespace))?.metadata.uid ?? ''
    await kubectl([
      'create',
      'secret',
      'generic',
      'login',
      '-n',
      small.namespace,
      '--from-literal=key=a-value-of-theirs',
    ])
    await patch(small, JSON.parse(JSON.stringify(metadata).replace('UID', uid)) as object, {})
    const { status, report } = await small.deploy()
    expect({ status, code: report.verdict?.code }).toEqual({ status: 3, code: 'E_SECRET_HELD' })
    expect(report.verdict?.message).toContain(`it belongs to ${owner}`)
    expect(await value(small)).toBe('a-value-of-theirs')
    expect((await small.deploy('--overwrite-drift')).status).toBe(0)
    expect(await value(small)).toBe('the-first-value-of-key')
  })

  test('that a failing first install overwrote holds again what it held', async () => {
    const small = await withSecret('first')
    await kubectl(['create', 'namespace', small.namespace])
    await kubectl([
      'create',
      'secret',
      'generic',
      'login',
      '-n',
      small.namespace,
      '--from-literal=key=made-before-forge',
    ])
    await small.project.write('other.txt', 'a-secret-that-is-made-here')
    await small.project.configure(['secrets', 'other'], { files: { key: 'other.txt' } })
    await small.render([consumer, sample.web({ image: 'registry.invalid/web:1', probe: true })])
    await small.project.configure(['stages'], {
      web: { wait: ['Deployment/web'], timeout: '10s', grace: { pull: '1s' } },
    })
    const { status, report } = await small.deploy()
    expect({ status, outcome: report.outcome }).toEqual({ status: 5, outcome: 'failed' })
    expect(await value(small)).toBe('made-before-forge')
    expect(await object('secret', 'other', small.namespace)).toBeDefined()
  })
})
