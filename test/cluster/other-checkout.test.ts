import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from '@jest/globals'
import type { HistoryReport } from '../../src/flows/history.ts'
import { forgeHere, freshNamespace } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { settings } from '../support/rich-chart.ts'
import { smallProject, type Small } from '../support/small.ts'

/** The chart is in a repository beside the project's own. */
async function scene(): Promise<{
  readonly small: Small
  readonly git: (...args: string[]) => Promise<string>
  readonly run: (...args: string[]) => ReturnType<typeof forgeHere>
}> {
  const small = await smallProject(freshNamespace('beside'), 4, [settings])
  const { dir, write } = small.project
  await mkdir(join(dir, 'app'))
  await mkdir(join(dir, 'alga/helm'), { recursive: true })
  await rename(join(dir, 'forge.yaml'), join(dir, 'app/forge.yaml'))
  await rename(join(dir, 'values.yaml'), join(dir, 'app/values.yaml'))
  await rename(join(dir, 'chart'), join(dir, 'alga/helm/test'))
  await write('alga/other.txt', 'not of the chart\n')
  const text = (cluster: string): string =>
    `version: 1\nproject: small\nenvironments: { test: ${cluster} }\nreleases:\n  small:\n    chart: ../alga/helm/{env}\n    values: [values.yaml]\n`
  await write('app/forge.yaml', text(`{ cluster: sandbox, namespace: ${small.namespace} }`))
  const git = async (...args: string[]): Promise<string> => {
    const as = ['-c', 'user.name=t', '-c', 'user.email=t@t.invalid']
    return (await execa('git', ['-C', join(dir, 'alga'), ...as, ...args])).stdout
  }
  await execa('git', ['-C', join(dir, 'app'), 'init', '--quiet'])
  await git('init', '--quiet')
  await git('add', '.')
  await git('commit', '--quiet', '-m', 'one')
  const run = async (...args: string[]): ReturnType<typeof forgeHere> =>
    await forgeHere([...args, '--env', 'test', '-C', join(dir, 'app')])
  return { small, git, run }
}

test('the commit of a chart beside the project is shown, kept in the journal, and told again after a rollback', async () => {
  const { small, git, run } = await scene()
  const { write } = small.project
  const first = await git('rev-parse', 'HEAD')
  const plan = await run('plan')
  expect(plan.stdout).toMatch(new RegExp(`^From +\\.\\./alga at ${first.slice(0, 12)}$`, 'mu'))
  const deployed = await run('deploy')
  expect(deployed).toMatchObject({ status: 0 })
  expect(deployed.stderr).toContain(`../alga at ${first.slice(0, 12)}`)

  // What the release does not take is no change of it.
  await write('alga/other.txt', 'changed\n')
  await write('alga/helm/test/templates/more.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: more }\n')
  expect((await run('plan')).stdout).toContain(`${first.slice(0, 12)}, with changes that are not committed`)
  expect(await run('deploy')).toMatchObject({ status: 0 })
  await git('add', 'helm')
  await git('commit', '--quiet', '-m', 'two')
  expect((await run('plan')).stdout).not.toContain('not committed')
  expect(await run('rollback', '1')).toMatchObject({ status: 0 })

  const { deploys } = document<HistoryReport>(await run('history', '--json'))
  expect(deploys.map(({ number, releases: [release] }) => [number, release?.checkouts])).toEqual([
    [3, [{ folder: '../alga', commit: first }]],
    [2, [{ folder: '../alga', commit: first, isChanged: true }]],
    [1, [{ folder: '../alga', commit: first }]],
  ])
  expect((await run('history', '2')).stdout).toMatch(/^from +\.\.\/alga at [0-9a-f]{12}, with changes that are not/mu)
})
