import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { forgeHere, freshNamespace, object } from '../support/cluster.ts'
import { FORGE } from '../support/forge.ts'
import { testSandbox } from '../support/sandbox.ts'
import { tinyProject, type TestProject } from '../support/tiny.ts'

// Where forge cannot write: a full disk as its screen, as its home and its temporary folder. `/dev/full` takes nothing, ever.

const SOURCE = /\bBUG\b|__name|node:internal|^\s+at /mu

async function shell(line: string, { dir }: TestProject, env: Record<string, string> = {}) {
  const { name } = await testSandbox()
  const forge = `'${process.execPath}' '${FORGE}'`
  const { exitCode, stderr, stdout } = await execa('sh', ['-c', line.replaceAll('FORGE', forge)], {
    cwd: dir,
    reject: false,
    env: { FORGE_SANDBOX: name, FORGE_ENV: 'sandbox', GITHUB_ACTIONS: undefined, CI: 'true', ...env },
  })
  return { exitCode, stderr, stdout }
}

test.each(['plan', 'plan --json', 'status', 'history', 'render', 'doctor', 'validate', 'schema', 'explain E_HELM'])(
  'forge %s > /dev/full fails in one sentence',
  async (command) => {
    const project = await tinyProject(freshNamespace('full'))
    const { exitCode, stderr } = await shell(`FORGE ${command} > /dev/full`, project)
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringContaining('E_FILE_UNWRITABLE') })
    expect(stderr).toMatch(/what forge prints cannot be written \(ENOSPC\) and is lost/u)
    expect(stderr).not.toMatch(SOURCE)
  },
)

test('a deploy whose screen takes nothing ends as it ends', async () => {
  const namespace = freshNamespace('blank')
  const project = await tinyProject(namespace)
  const good = await shell('FORGE deploy > /dev/full', project)
  expect({ exitCode: good.exitCode, stderr: good.stderr }).toEqual({
    exitCode: 0,
    stderr: expect.stringMatching(
      /warning +what forge prints cannot be written \(ENOSPC\) and is lost.*the exit status says how it ended/u,
    ),
  })
  expect(good.stderr).not.toMatch(SOURCE)
  expect((await shell('FORGE deploy --set replicas=2 > /dev/full 2> /dev/full', project)).exitCode).toBe(0)
  expect((await object('deployment', 'web', namespace))?.spec?.['replicas']).toBe(2)
  const broken = 'FORGE deploy --set image=registry.invalid/web:2 > /dev/full 2> /dev/full'
  expect((await shell(broken, project)).exitCode).toBe(4)
  const { stdout } = await forgeHere(['history', '-e', 'sandbox', '-C', project.dir, '--json'])
  expect(stdout).toContain('restored')
  expect((await object('lease', 'forge-tiny', namespace))?.spec?.['holderIdentity'] ?? '').toBe('')
})

test.each(['plan', 'schema', 'plan --json', 'render'])(
  'forge %s | head -1 says nothing of a reader that has gone',
  async (command) => {
    const project = await tinyProject(freshNamespace('head'))
    const { stderr, stdout } = await shell(`{ FORGE ${command}; echo "status $?" >&2; } | head -1`, project)
    expect(stdout.split('\n')).toHaveLength(1)
    expect(stderr).toMatch(/status 0$/u)
    expect(stderr).not.toMatch(/cannot be written|BUG|__name/u)
  },
)

/** As a cluster that is no sandbox: what that is kept in is not at stake. */
async function byContext(prefix: string): Promise<{ project: TestProject; env: Record<string, string> }> {
  const { name, kubeconfig } = await testSandbox()
  const project = await tinyProject(freshNamespace(prefix))
  await project.configure(['environments', 'sandbox', 'cluster'], { context: `forge-sandbox-${name}` })
  return { project, env: { KUBECONFIG: kubeconfig } }
}

test('a home that takes nothing is named in one sentence', async () => {
  const { project, env } = await byContext('homeless')
  const home = join(project.dir, 'forge.yaml', 'home')
  const { exitCode, stderr } = await shell('FORGE plan', project, { ...env, HOME: home, XDG_CACHE_HOME: home })
  expect(stderr).not.toMatch(SOURCE)
  expect({ exitCode, stderr }).toEqual({
    exitCode: 3,
    stderr: expect.stringMatching(/REFUSED .* cannot be written: a part of its path is a file[^]*E_FILE_UNWRITABLE/u),
  })
})

const ROOT_ONLY = process.getuid?.() === 0 ? test : test.skip

ROOT_ONLY('a state folder on a full disk keeps no evidence, and keeps no deploy from going back', async () => {
  const { project, env } = await byContext('disk')
  const disk = await mkdtemp(join(tmpdir(), 'forge-disk-'))
  await execa('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk])
  try {
    await writeFile(join(disk, 'fill'), Buffer.alloc(64 * 1024)).catch(() => undefined)
    expect(await shell('FORGE deploy', project, { ...env, XDG_STATE_HOME: disk })).toMatchObject({ exitCode: 0 })
    const { exitCode, stderr } = await shell('FORGE deploy --set image=registry.invalid/web:2', project, {
      ...env,
      XDG_STATE_HOME: disk,
    })
    expect({ exitCode, stderr }).toEqual({
      exitCode: 4,
      stderr: expect.stringMatching(/evidence +not kept: .*the disk is full/u),
    })
    expect(stderr).not.toMatch(SOURCE)
    const temporary = await shell('FORGE plan', project, { ...env, TMPDIR: disk, XDG_CACHE_HOME: join(disk, 'cache') })
    expect(temporary.stderr).not.toMatch(SOURCE)
  } finally {
    await execa('umount', [disk])
  }
})
