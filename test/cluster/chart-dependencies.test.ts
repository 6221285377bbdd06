import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { execa } from 'execa'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { freshNamespace, forgeHere, object } from '../support/cluster.ts'
import type { Ran } from '../support/forge.ts'
import { ChartRepository } from '../support/chart-repository.ts'
import { faultyHelm } from '../support/faulty-helm.ts'
import { helmOf } from '../support/helms.ts'
import { privately } from '../support/private-registry.ts'
import { startRegistry } from '../support/registry.ts'
import { settings } from '../support/rich-chart.ts'
import { smallProject, type Small } from '../support/small.ts'

/** A chart that names another one, which is not in its charts/. */
async function lacking(helm: 3 | 4, repository: string): Promise<Small> {
  const small = await smallProject(freshNamespace('depends'), helm, [settings])
  const { project } = small
  await project.write(
    'chart/Chart.yaml',
    `apiVersion: v2\nname: small\nversion: 0.1.0\ndependencies:\n  - name: inner\n    version: 1.x.x\n    repository: ${repository}\n`,
  )
  await project.write('inner/Chart.yaml', 'apiVersion: v2\nname: inner\nversion: 1.2.3\n')
  await project.write('inner/.helmignore', 'templates/draft.yaml\n')
  await project.write('inner/templates/draft.yaml', '{{ fail "a draft" }}\n')
  await project.write(
    'inner/templates/map.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: inner }\ndata: { version: {{ .Chart.Version }} }\n',
  )
  return small
}

async function validate({ project }: Small, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return await forgeHere(['validate', '-C', project.dir], { FORGE_HELM: await helmOf(4), ...env })
}

test.each([3, 4] as const)('helm %s: a local chart is put into a copy, and the tree stays as it is', async (helm) => {
  const small = await lacking(helm, 'file://../inner')
  const { project, namespace } = small
  const { status, stdout } = await validate(small)
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: expect.stringMatching(
      /chart\/Chart\.yaml:5:1: chart needs chart inner 1\.x\.x, which is not in its charts\/; each run takes it from inner/u,
    ),
  })
  expect(await small.deploy()).toMatchObject({ status: 0 })
  expect((await object('configmap', 'inner', namespace))?.data).toEqual({ version: '1.2.3' })
  expect((await small.plan()).unchanged).toBe(true)
  expect((await readdir(join(project.dir, 'chart'))).sort()).toEqual(['Chart.yaml', 'templates'])
})

const TEXT = 'chart/Chart.yaml'

/** A chart that names another one in a repository behind HTTP, locked by helm itself; forge's cache is empty. */
async function remote(helm: 3 | 4): Promise<{
  readonly small: Small
  readonly repository: ChartRepository
  readonly validate: () => Promise<Ran>
}> {
  const small = await lacking(helm, 'http://127.0.0.1:1')
  const { project } = small
  await project.write('repository/none.txt', '')
  const repository = new ChartRepository(join(project.dir, 'repository'))
  opened.push(repository)
  const program = await helmOf(helm)
  const url = await repository.open(program, join(project.dir, 'inner'))
  const text = await readFile(join(project.dir, TEXT), 'utf8')
  await project.write(TEXT, text.replace('http://127.0.0.1:1', url))
  const own = { HELM_CACHE_HOME: join(project.dir, 'helm'), HELM_CONFIG_HOME: join(project.dir, 'helm') }
  await execa(program, ['dependency', 'update', join(project.dir, 'chart')], { env: own })
  await rm(join(project.dir, 'chart/charts'), { recursive: true })
  await rm(join(project.dir, 'helm'), { recursive: true })
  repository.asked.splice(0)
  const env = { ...own, FORGE_HELM: program, XDG_CACHE_HOME: join(project.dir, 'cache') }
  return { small, repository, validate: async () => await validate(small, env) }
}

const opened: ChartRepository[] = []
afterAll(() => opened.forEach((one) => one.close()))

test.each([3, 4] as const)(
  'helm %s: a chart of a repository is fetched once, by its lock, and is what its index says',
  async (helm) => {
    const { small, repository, validate: validated } = await remote(helm)
    const first = await validated()
    expect({ status: first.status, stderr: first.stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(/^fetching chart inner 1\.2\.3 from http:\/\/127\.0\.0\.1:\d+$/u),
    })
    expect(repository.asked).toEqual(['/index.yaml', '/inner-1.2.3.tgz'])
    expect(await validated()).toMatchObject({ status: 0, stderr: '' })
    expect(repository.asked).toHaveLength(2)
    expect((await readdir(join(small.project.dir, 'chart'))).sort()).toEqual(['Chart.lock', 'Chart.yaml', 'templates'])

    // What the cache has is what came: another content is fetched again, and never used.
    const [folder = ''] = await readdir(join(small.project.dir, 'cache/forge/charts'))
    await small.project.write(`cache/forge/charts/${folder}/inner-1.2.3.tgz`, 'something else')
    expect(await validated()).toMatchObject({ status: 0 })
    expect(repository.asked).toHaveLength(4)

    await small.project.write(`cache/forge/charts/${folder}/inner-1.2.3.tgz`, 'something else')
    repository.close()
    expect(await validated()).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(
        /chart needs chart inner 1\.2\.3, which is not in its charts\/, and http:\S+ gave none: [\s\S]*E_CHART_DEPENDENCY/u,
      ),
    })
  },
)

const LOGIN = 'ci:a-very-long-password'

test('a private repository is asked with the login that helm has for it, and without one is named', async () => {
  const small = await lacking(4, 'http://127.0.0.1:1')
  const { project } = small
  await project.write('repository/none.txt', '')
  const repository = new ChartRepository(join(project.dir, 'repository'), LOGIN)
  opened.push(repository)
  const program = await helmOf(4)
  const url = await repository.open(program, join(project.dir, 'inner'))
  const text = await readFile(join(project.dir, TEXT), 'utf8')
  await project.write(TEXT, text.replace('http://127.0.0.1:1', url).replace('1.x.x', '1.2.3'))
  const own = { HELM_CACHE_HOME: join(project.dir, 'helm'), HELM_CONFIG_HOME: join(project.dir, 'helm') }
  const [username = '', password = ''] = LOGIN.split(':')
  const env = { ...own, FORGE_HELM: program, XDG_CACHE_HOME: join(project.dir, 'cache') }
  await locked(small, url)
  const refused = await validate(small, env)
  expect(refused).toMatchObject({ status: 3, stderr: expect.stringMatching(/gave none: .*401 Unauthorized/su) })

  await execa(program, ['repo', 'add', 'mine', url, '--username', username, '--password-stdin'], {
    env: own,
    input: password,
  })
  const taken = await validate(small, env)
  expect({ status: taken.status, output: taken.stdout + taken.stderr }).toMatchObject({ status: 0 })
  expect(refused.stdout + refused.stderr + taken.stdout + taken.stderr).not.toContain(password)
})

test('a chart of a registry is fetched with the login that helm has for it, and without one is named', async () => {
  const registry = await startRegistry()
  const secure = await privately(registry.host, LOGIN)
  try {
    const url = `oci://${secure.host}/charts`
    const small = await lacking(4, url)
    const { project } = small
    const program = await helmOf(4)
    const own = { HELM_CACHE_HOME: join(project.dir, 'helm'), HELM_CONFIG_HOME: join(project.dir, 'helm') }
    await execa(program, ['package', join(project.dir, 'inner'), '--destination', project.dir])
    const packed = join(project.dir, 'inner-1.2.3.tgz')
    await execa(program, ['push', packed, `oci://${registry.host}/charts`, '--plain-http'], { env: own })
    await project.write(TEXT, (await readFile(join(project.dir, TEXT), 'utf8')).replace('1.x.x', '1.2.3'))
    await locked(small, url)
    const trust = { SSL_CERT_FILE: secure.certificate }
    const env = { ...own, ...trust, FORGE_HELM: program, XDG_CACHE_HOME: join(project.dir, 'cache') }
    const refused = await validate(small, env)
    expect(refused).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/E_CHART_DEPENDENCY[^]* registry login 127\.0\.0\.1:\d+\n/u),
    })

    const [username = '', password = ''] = LOGIN.split(':')
    const login = ['registry', 'login', secure.host, '--username', username, '--password-stdin']
    await execa(program, login, { env: { ...own, ...trust }, input: password })
    const { status, stderr } = await validate(small, env)
    expect({ status, stderr }).toEqual({ status: 0, stderr: `fetching chart inner 1.2.3 from ${url}` })
    const rendered = await forgeHere(['render', '--env', 'test', '-C', project.dir], env)
    expect(rendered.stdout).toContain('version: 1.2.3')

    // It is kept: nobody needs the registry for it again.
    secure.close()
    expect(await validate(small, env)).toMatchObject({ status: 0, stderr: '' })
    await rm(join(project.dir, 'cache'), { recursive: true })
    expect(await validate(small, env)).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/oci:\S+ gave none: .*connection refused/su),
    })
  } finally {
    secure.close()
    await registry.close()
  }
})

/** As helm writes it where it may ask the repository. */
async function locked({ project }: Small, repository: string): Promise<void> {
  await project.write(
    'chart/Chart.lock',
    `dependencies:\n  - name: inner\n    repository: ${repository}\n    version: 1.2.3\n`,
  )
}

test('an archive that is not what the index of its repository says is not used', async () => {
  const { repository, validate: validated } = await remote(4)
  await repository.reindex((index) => index.replace(/[0-9a-f]{64}/u, 'f'.repeat(64)))
  const { status, stderr } = await validated()
  expect({ status, stderr }).toEqual({
    status: 3,
    stderr: expect.stringMatching(/gave none: [^]*f{64}/u),
  })
})

test.each([
  [
    'is of other dependencies',
    (text: string) => text.replace('1.x.x', '1.2.x'),
    /Chart\.lock is of other dependencies/u,
  ],
  ['is not there', (text: string) => text, /no Chart\.lock says which version that is/u],
])('a lock that %s is refused, with the command that makes one', async (what, change, message) => {
  const { small, repository, validate: validated } = await remote(4)
  const { project } = small
  await project.write(TEXT, change(await readFile(join(project.dir, TEXT), 'utf8')))
  if (what === 'is not there') await rm(join(project.dir, 'chart/Chart.lock'))
  const { status, stderr } = await validated()
  expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringMatching(message) })
  expect(stderr).toMatch(/helm dependency update \S*\/chart/u)
  expect(repository.asked).toEqual([])
})

test("what helm has fetched is taken from its cache, and else named with helm's own command", async () => {
  const small = await lacking(4, 'https://charts.invalid')
  const { project } = small
  await project.write(
    'chart/Chart.lock',
    'dependencies:\n  - name: inner\n    repository: https://charts.invalid\n    version: 1.2.3\n',
  )
  const cache = { HELM_CACHE_HOME: join(project.dir, 'cache') }
  const refused = await validate(small, cache)
  expect(refused).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(
      /chart needs chart inner 1\.2\.3, which is not in its charts\/, and https:\/\/charts\.invalid gave none: [\s\S]+E_CHART_DEPENDENCY[\s\S]+chart\/Chart\.yaml:5:1[\s\S]+dependency build \S*\/chart$/mu,
    ),
  })
  await project.write('cache/repository/none.txt', '')
  await execa(await helmOf(4), [
    'package',
    join(project.dir, 'inner'),
    '--destination',
    join(project.dir, 'cache/repository'),
  ])
  expect(await validate(small, cache)).toMatchObject({ status: 0 })
  const env = { FORGE_HELM: await helmOf(4), ...cache }
  const rendered = await forgeHere(['render', '--env', 'test', '-C', project.dir], env)
  expect(rendered.stdout).toContain('version: 1.2.3')
})

test('a forge that was killed leaves its copy of a chart to the next, which removes it', async () => {
  const { project } = await lacking(4, 'file://../inner')
  const temporary = join(project.dir, 'temporary')
  await mkdir(temporary)
  const { path: deadly } = await faultyHelm(4, '[ "$1" = template ] && kill -KILL "$PPID"')
  const render = async (helm: string): Promise<Ran> =>
    await forgeHere(['render', '--env', 'test', '-C', project.dir], { FORGE_HELM: helm, TMPDIR: temporary })
  expect((await render(deadly)).status).toBeUndefined()
  expect(await readdir(temporary)).toEqual([expect.stringMatching(/^forge-chart-/u)])
  expect(await render(await helmOf(4))).toMatchObject({ status: 0, stdout: expect.stringContaining('version: 1.2.3') })
  expect(await readdir(temporary)).toEqual([])
})
