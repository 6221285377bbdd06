import { mkdir, readdir } from 'node:fs/promises'
import { execa } from 'execa'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { freshNamespace, forgeHere, object } from '../support/cluster.ts'
import type { Ran } from '../support/forge.ts'
import { faultyHelm } from '../support/faulty-helm.ts'
import { helmOf } from '../support/helms.ts'
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
      /chart needs chart inner 1\.2\.3, which is not in its charts\/\n +E_CHART_DEPENDENCY[\s\S]+chart\/Chart\.yaml:5:1[\s\S]+dependency build \S*\/chart$/mu,
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
