import { writeFile } from 'node:fs/promises'
import { execa } from 'execa'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { freshNamespace, forgeHere } from '../support/cluster.ts'
import { helmOf } from '../support/helms.ts'
import { recordLength, richProject, settings } from '../support/rich-chart.ts'
import { smallProject, type Small } from '../support/small.ts'

async function pack({ project }: Small, helm: 3 | 4): Promise<void> {
  await execa(await helmOf(helm), ['package', join(project.dir, 'chart'), '--destination', project.dir])
  await project.configure(['releases', 'small', 'chart'], './small-0.1.0.tgz')
}

test.each([3, 4] as const)(
  'helm %s: a packed chart is planned, deployed and changed as its folder is',
  async (helm) => {
    const small = await richProject(helm)
    await pack(small, helm)
    const said = (await small.plan()).releases[0]?.recordBytes ?? 0
    expect(await small.deploy()).toMatchObject({ status: 0 })
    const real = await recordLength(small.namespace, 1)
    expect(Math.abs(said / real - 1)).toBeLessThan(0.03)
    await small.render([{ ...settings, data: { a: 'c' } }])
    expect(await small.deploy()).toMatchObject({ status: 0 })
    expect((await small.plan()).unchanged).toBe(true)
  },
)

test('a packed chart is validated and rendered, and its values are explained', async () => {
  const small = await smallProject(freshNamespace('packed'), 4, [settings])
  const { project } = small
  await project.write('chart/values.yaml', 'objects: []\nsize: 3\n')
  await pack(small, 4)
  const run = async (...args: string[]) =>
    await forgeHere([...args, '-C', project.dir], { FORGE_HELM: await helmOf(4) })
  expect(await run('validate')).toMatchObject({ status: 0 })
  expect((await run('render', '--env', 'test')).stdout).toContain('name: settings')
  expect((await run('render', '--env', 'test', '--why', 'size')).stdout).toMatch(/small-0\.1\.0\.tgz\/values\.yaml:2/u)
  // A value that no template and no default knows.
  await project.configure(['releases', 'small', 'set'], { objectz: { literal: '1' } })
  expect((await run('validate')).stdout).toContain('objectz')
})

test('what is no packed chart is said where it is named', async () => {
  const small = await smallProject(freshNamespace('packed'), 4, [settings])
  await small.project.write('small.tgz', 'no archive')
  await small.project.configure(['releases', 'small', 'chart'], './small.tgz')
  const { status, stderr } = await small.run('plan', [])
  expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringContaining('small.tgz has no Chart.yaml') })
})

test('a chart that unpacks to more than anybody needs is refused before it does', async () => {
  const small = await smallProject(freshNamespace('packed'), 4, [settings])
  const { project } = small
  await writeFile(join(project.dir, 'chart', 'filling.txt'), Buffer.alloc(110 * 1024 * 1024))
  await execa('tar', ['-czf', join(project.dir, 'small.tgz'), '-C', project.dir, 'chart'])
  await project.configure(['releases', 'small', 'chart'], './small.tgz')
  const { status, stderr } = await small.run('plan', [])
  expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringMatching(/more than 100 MiB\n +E_CHART_SIZE/u) })
})
