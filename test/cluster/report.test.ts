import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { deployFileName } from '../../src/cli/deploy-file.ts'
import type { TimedPod, TimedWorkload } from '../../src/domain/journal/times.ts'
import type { HistoryReport } from '../../src/flows/history.ts'
import type { PageReport } from '../../src/flows/report.ts'
import { forgeHere, freshNamespace } from '../support/cluster.ts'
import { deploy } from '../support/failing-deploy.ts'
import { document } from '../support/forge.ts'
import { failingProject, type TestProject } from '../support/project.ts'

test('a page tells the same verdict as the deploy did, with times in order', async () => {
  const project = await failingProject(freshNamespace('report'))
  const report = async (...args: readonly string[]): Promise<PageReport> =>
    document<PageReport>(await forgeHere(['report', '-C', project.dir, '--json', ...args]))
  const none = await forgeHere(['report', '-C', project.dir, '--json'])
  expect(none.status).toBe(2)
  expect(none.stdout).toContain('E_DEPLOY_UNKNOWN')

  const good = await deploy(project, 'none')
  const bad = await deploy(project, 'crash-loop')
  expect([good.status, bad.status]).toEqual([0, 4])
  const file = join(project.dir, 'page.html')
  const told = await report('--out', file)
  expect(told).toMatchObject({ file, deploy: { number: 2, state: 'restored' } })
  expect(told.entry.verdict).toMatchObject({ code: bad.report.verdict?.code, message: bad.report.verdict?.message })
  expect(told.entry.evidence).toBe(bad.report.evidence)
  const page = await readFile(file, 'utf8')
  expect(page).toContain('#2 failed in sandbox, and what ran before runs again.')

  const { steps = [] } = told.entry.times ?? {}
  expect(steps.map(({ name, outcome }) => [name, outcome])).toEqual(
    bad.report.steps.map(({ name, outcome }) => [name, outcome]),
  )
  expect(steps.filter(({ isStage }) => isStage).map(({ name }) => name)).toEqual(['schema', 'web'])
  expectOrdered(steps.map(({ startedAt }) => startedAt))
  const { web, pod } = webIn(told)
  expectOrdered([web.failedAt, web.backAt])
  const troubles = pod.troubles ?? []
  expectOrdered([
    pod.createdAt,
    pod.scheduledAt,
    pod.initializedAt,
    pod.startedAt,
    ...troubles.slice(-1).map(({ at }) => at),
  ])
  expect(troubles).toContainEqual(expect.objectContaining({ container: 'web', message: 'status 3' }))
  expect(pod).not.toHaveProperty('readyAt')

  const first = await report('1')
  expect(first).toMatchObject({ file: null, deploy: { number: 1, state: 'deployed', live: true } })
  const { web: ready, pod: made } = webIn(first)
  expectOrdered([made.createdAt, made.scheduledAt, made.startedAt, made.readyAt, ready.readyAt])

  expect((await deploy(project, 'slow')).status).toBe(0)
  const back = await forgeHere(['rollback', '1', '-C', project.dir, '--json', '--yes'])
  expect(back.status).toBe(0)
  const returned = await report()
  expect(returned).toMatchObject({ deploy: { number: 4, state: 'rolled-back', target: 1 } })
  expect(returned.entry.times?.steps.at(-1)).toMatchObject({ name: 'web', outcome: 'done', isStage: true })
  expect(returned.entry.planned?.restarts.map(({ workload }) => workload)).toEqual(['web'])
  await expectPages(project)
})

/** One of all four deploys, that leads to the page of each. */
async function expectPages({ dir }: TestProject): Promise<void> {
  const history = ['history', '-C', dir, '--web'] as const
  const folder = join(dir, 'pages')
  const told = document<HistoryReport>(await forgeHere([...history, '--out', folder, '--json']))
  expect(told).toMatchObject({ folder, live: 4, deploys: [4, 3, 2, 1].map((number) => ({ number })) })
  const names = [1, 2, 3, 4].map((number) => deployFileName(told.project, told.environment, number))
  expect((await readdir(folder)).toSorted()).toEqual([...names, 'forge-history.json', 'index.html'].toSorted())
  const index = await readFile(join(folder, 'index.html'), 'utf8')
  for (const name of names) expect(index).toContain(`href="${name}"`)
  expect(index).toContain('4: 3 ended well, 1 failed')
  expect(await readFile(join(folder, names[1] ?? ''), 'utf8')).toContain('and what ran before runs again.')
  const before = await readdir(dir)
  expect(document<HistoryReport>(await forgeHere([...history, '--json']))).not.toHaveProperty('folder')
  expect(await readdir(dir)).toEqual(before)
  const one = await forgeHere([...history, '2', '--json'])
  expect(one.status).toBe(2)
  expect(one.stdout).toContain(`forge report 2 -C ${dir}`)
}

function webIn({ entry }: PageReport): { readonly web: TimedWorkload; readonly pod: TimedPod } {
  const web = entry.times?.workloads.find(({ name }) => name === 'web')
  const [pod] = web?.pods ?? []
  if (web === undefined || pod === undefined) throw new Error(`no pod of web: ${JSON.stringify(entry.times)}`)
  return { web, pod }
}

/** All are there, and none is before the one before it. */
function expectOrdered(times: readonly (string | undefined)[]): void {
  expect(times).not.toContain(undefined)
  expect(times.toSorted()).toEqual(times)
}
