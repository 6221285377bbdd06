import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { freshNamespace, kubectl, object } from '../support/cluster.ts'
import { CHECKED_PASSWORD, HOOKED, LOOKED_UP, MADE_ANEW, ONCE, OWN_LOOKED_UP, READER } from '../support/lookups.ts'
import { helmOf } from '../support/helms.ts'
import { varyingProject, type Varying } from '../support/varying.ts'

const ARGS = 'jsonpath={.spec.template.spec.containers[0].args}'
const READY = { status: 0, outcome: 'deployed', code: undefined }
const UNCHANGED = { status: 0, outcome: 'unchanged', code: undefined }

const open = async (name: string, templates: Readonly<Record<string, string>>, major: 3 | 4 = 4): Promise<Varying> =>
  await varyingProject(freshNamespace(`${name}${major}`), major, templates)

const rollouts = async (namespace: string): Promise<number | undefined> =>
  (await object('statefulset', 'db', namespace))?.metadata.generation

describe.each([3, 4] as const)('helm %i', (major) => {
  test('the checksum of a password that is looked up, else made, is right in the first deploy', async () => {
    const { namespace, deploy } = await open('checked', CHECKED_PASSWORD, major)
    expect(await deploy()).toMatchObject(READY)
    const before = (await object('secret', 'db', namespace))?.data
    expect(await deploy()).toMatchObject(UNCHANGED)
    expect(await deploy('--set', 'image=web:2')).toMatchObject(READY)
    expect((await object('secret', 'db', namespace))?.data).toEqual(before)
    expect(await rollouts(namespace)).toBe(1)
  })

  test('a secret of forge.yaml is looked up as this deploy writes it', async () => {
    const { project, namespace, deploy } = await open('given', LOOKED_UP, major)
    const give = async (password: string): Promise<void> => {
      await project.write('password', password)
      await project.configure(['secrets'], { db: { files: { password: 'password' } } })
    }
    await give('first-password')
    expect(await deploy()).toMatchObject(READY)
    expect(await deploy()).toMatchObject(UNCHANGED)
    await give('second-password')
    expect(await deploy()).toMatchObject({ ...READY, report: { restarted: [{ workload: 'db' }] } })
    expect(await deploy()).toMatchObject(UNCHANGED)
    expect(await rollouts(namespace)).toBe(2)
  })

  test('a hook makes the Secret: its checksum is right where helm takes hooks from forge, else it is said', async () => {
    const { run, deploy } = await open('hooked', HOOKED, major)
    const { stderr } = await run('deploy')
    const warning =
      'StatefulSet/db will be rendered otherwise by the next deploy (varying, templates/secret.yaml:1 lookup)'
    expect(stderr.includes(warning)).toBe(major === 3)
    expect(await deploy()).toMatchObject(major === 3 ? READY : UNCHANGED)
    expect(await deploy()).toMatchObject(UNCHANGED)
  })
})

test('a Secret of its own, and one of a release before it, are looked up as this deploy writes them', async () => {
  const { project, deploy } = await open('own', OWN_LOOKED_UP)
  await project.write('other/Chart.yaml', 'apiVersion: v2\nname: other\nversion: 1.0.0\n')
  await project.write('other/templates/web.yaml', READER)
  await project.configure(['releases', 'other'], { chart: './other', needs: ['varying'] })
  expect(await deploy('--set', 'varying:password=a')).toMatchObject(READY)
  expect(await deploy('--set', 'varying:password=a')).toMatchObject(UNCHANGED)
  const changed = await deploy('--set', 'varying:password=b')
  expect(changed).toMatchObject(READY)
  expect(changed.report.restarted.map(({ workload }) => workload).sort()).toEqual(['db', 'reader'])
  expect(await deploy('--set', 'varying:password=b')).toMatchObject(UNCHANGED)
})

test('what a chart does once, before its Secret is there, it does; and that the next deploy is another is said', async () => {
  const { namespace, deploy, run } = await open('once', ONCE)
  const plan = await run('plan')
  expect(plan.stdout + plan.stderr).toContain('templates/db.yaml:')
  expect(await deploy()).toMatchObject(READY)
  const init = async (): Promise<string> => await kubectl(['get', 'deployment/first', '-n', namespace, '-o', ARGS])
  expect(await init()).toBe('["initialise"]')
  expect(await deploy()).toMatchObject(READY)
  expect(await init()).toBe('["serve"]')
  expect(await deploy()).toMatchObject(UNCHANGED)
})

test('a certificate that is made anew each time, and its checksum, stay as they are where forge.yaml says so', async () => {
  const { project, deploy } = await open('anew', MADE_ANEW)
  expect(await deploy()).toMatchObject(READY)
  expect(await deploy()).toMatchObject({ ...READY, report: { restarted: [{ workload: 'db' }] } })
  await project.configure(['releases', 'varying', 'ignoreVolatile'], true)
  expect(await deploy()).toMatchObject(UNCHANGED)
})

test('where helm cannot be shown what is coming, that is said', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'forge-helm-')), 'helm')
  await writeFile(path, `#!/bin/sh\n[ -z "$KUBECACHEDIR" ] || exit 1\nexec '${await helmOf(4)}' "$@"\n`, {
    mode: 0o755,
  })
  const { run } = await varyingProject(freshNamespace('blind'), path, CHECKED_PASSWORD)
  const { status, stderr } = await run('deploy')
  expect([status, stderr]).toEqual([0, expect.stringContaining('its chart could not look up what this deploy writes')])
})
