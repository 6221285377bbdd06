import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { act, Actions, type ActRun } from '../support/act.ts'
import { ROOT } from '../support/forge.ts'
import { projectAt } from '../support/project.ts'

// release.yml as it stands, of a repository with a tag: all but `test`, what npm and the registry of images would get, and GitHub's own
// identity. git pushes to a repository on this machine, and `gh` writes down what it is asked.

let dir = ''
let actions: Actions
beforeAll(async () => {
  await act()
  dir = await mkdtemp(join(tmpdir(), 'forge-release-'))
  const clone = join(dir, 'clone')
  const { stdout } = await execa('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT })
  for (const file of stdout.split('\n')) {
    await mkdir(dirname(join(clone, file)), { recursive: true })
    await cp(join(ROOT, file), join(clone, file))
  }
  // The tests of the repository take most of an hour.
  await writeFile(join(clone, '.ci/run'), '#!/bin/sh\necho tested\n')
  const changes = await readFile(join(clone, 'CHANGELOG.md'), 'utf8')
  await writeFile(join(clone, 'CHANGELOG.md'), changes.replace('## [Unreleased]', '## [0.1.0] - 2026-11-27'))
  actions = new Actions(projectAt(clone), ROOT)
  await actions.commit(await readFile(join(ROOT, '.github/workflows/release.yml'), 'utf8'))
  await execa('git', ['tag', 'v0.1.0'], { cwd: clone })
  await execa('git', ['clone', '--quiet', '--bare', clone, join(dir, 'origin.git')])
  await mkdir(join(dir, 'bin'))
  await program('gh', `for one; do echo "$one"; done >> ${dir}/gh`)
  // Where the keys of npm's registry come from is not to be reached from everywhere.
  const { stdout: npm } = await execa('which', ['npm'])
  await program('npm', `[ "$1" = audit ] && exit 0\nexec ${npm} "$@"`)
}, 600_000)
afterAll(async () => await rm(dir, { recursive: true, force: true }))

async function program(name: string, text: string): Promise<void> {
  await writeFile(join(dir, 'bin', name), `#!/bin/sh\n${text}\n`)
  await chmod(join(dir, 'bin', name), 0o755)
}

const git = async (...args: readonly string[]): Promise<string> =>
  (await execa('git', args, { cwd: join(dir, 'origin.git') })).stdout

async function release(tag: string, job: string): Promise<ActRun> {
  return await actions.run({
    event: 'push',
    payload: { ref: `refs/tags/${tag}` },
    job,
    secrets: { GITHUB_TOKEN: 'ghs_secret_token' },
    env: {
      // Small is a minute's work.
      SANDBOX_PACKAGE_LEVEL: '3',
      PATH: `${join(dir, 'bin')}:${process.env['PATH'] ?? ''}`,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.${join(dir, 'origin.git')}.insteadOf`,
      GIT_CONFIG_VALUE_0: 'https://github.com/acme/shop',
    },
  })
}

test('a tag that is not the version of the package publishes nothing', async () => {
  const ran = await release('v9.9.9', 'action')
  expect(ran.jobs).toEqual({ test: 'success', sandbox: 'success', build: 'failure' })
})

test('a tag publishes a release with its files and its notes, and the built action', async () => {
  const ran = await release('v0.1.0', 'action')
  expect(ran.status === 0 ? '' : ran.log.slice(-1500)).toBe('')
  expect(ran.jobs).toEqual({
    ...{ test: 'success', sandbox: 'success', build: 'success', publish: 'success', action: 'success' },
  })
  const asked = (await readFile(join(dir, 'gh'), 'utf8')).split('\n')
  expect(asked.slice(0, 6)).toEqual(['release', 'create', 'v0.1.0', '--repo', 'acme/shop', '--verify-tag'])
  const sandbox = `forge-sandbox-${process.platform}-${process.arch}`
  const own = ['SHA256SUMS', 'api-forge-forge-0.1.0.tgz', 'forge.cdx.json']
  const files = [...own, `api-forge-${sandbox}-0.1.0.tgz`, `${sandbox}.cdx.json`].map((name) => `release/${name}`)
  expect(asked).toEqual(expect.arrayContaining(files))
  expect(await git('rev-parse', 'v0')).toBe(await git('rev-parse', 'action-v0.1.0'))
  expect(await git('rev-parse', 'action-v0.1.0^')).toBe(await git('rev-parse', 'v0.1.0^{commit}'))
  const tree = join(dir, 'tree')
  await execa('git', ['clone', '--quiet', '--branch', 'v0', join(dir, 'origin.git'), tree])
  const { stdout } = await execa(process.execPath, [join(tree, 'bin', 'forge.js'), '--version'])
  expect(stdout).toContain('forge/0.1.0 ')
  expect(await readFile(join(tree, 'action.yml'), 'utf8')).toBe(await readFile(join(ROOT, 'action.yml'), 'utf8'))
}, 300_000)

test('the notes are those of the version, and a version without any is refused', async () => {
  const notes = async (version: string) =>
    await execa(process.execPath, ['scripts/release-notes.mjs', version], { cwd: join(dir, 'clone'), reject: false })
  expect((await notes('0.1.0')).stdout).toMatch(/^### Added\n\n- /u)
  expect(await notes('0.2.0')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('## [0.2.0] - DATE') })
})
