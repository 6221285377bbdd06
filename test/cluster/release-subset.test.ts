import { expect, test } from '@jest/globals'
import type { DeploySummary } from '../../src/domain/journal/report.ts'
import type { PlanDocument } from '../../src/domain/plan/document.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import { forgeHere, freshNamespace, object, snapshot } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { twoReleases, type TestProject } from '../support/tiny.ts'
import { withSecrets } from '../support/two-secrets.ts'

type Report = DeployReport & { readonly plan?: PlanDocument }

async function run(project: TestProject, ...args: string[]): Promise<{ status: number | undefined; report: Report }> {
  const [command = '', ...rest] = args
  const ran = await forgeHere([command, ...rest, '-e', 'sandbox', '-C', project.dir, '--json'])
  return { status: ran.status, report: document<Report>(ran) }
}

async function colour(name: string, namespace: string): Promise<string | undefined> {
  return (await object('configmap', name, namespace))?.data?.['COLOUR']
}

async function entryOf(project: TestProject): Promise<DeploySummary> {
  const ran = await forgeHere(['history', '-e', 'sandbox', '-C', project.dir, '--json'])
  const [newest] = document<{ deploys: DeploySummary[] }>(ran).deploys
  if (newest === undefined) throw new Error('the journal is empty')
  return newest
}

const steps = ({ steps: all }: Report): Record<string, string> =>
  Object.fromEntries(all.map(({ name, outcome }) => [name, outcome]))

const GREEN = ['--set', 'data.COLOUR=green'] as const

test('one of two releases is deployed, the journal goes on knowing both, and rollbacks bring both back', async () => {
  const namespace = freshNamespace('subset')
  const project = await twoReleases(namespace)

  const first = await run(project, 'deploy', '--release', 'base')
  expect(first).toMatchObject({ status: 0, report: { outcome: 'deployed', leftOut: ['top'] } })
  expect(steps(first.report)).toMatchObject({ base: 'done', top: 'skipped' })
  expect(await object('deployment', 'top', namespace)).toBeUndefined()
  expect((await run(project, 'deploy')).report.releases).toEqual([
    { name: 'base', revisionBefore: 1, revisionAfter: 2 },
    { name: 'top', revisionBefore: null, revisionAfter: 1 },
  ])
  const both = await snapshot(namespace)

  const green = await run(project, 'deploy', '--release', 'base', ...GREEN)
  expect(green).toMatchObject({ status: 0, report: { releases: [{ name: 'base', revisionAfter: 3 }] } })
  expect([await colour('base', namespace), await colour('top', namespace)]).toEqual(['green', 'blue'])
  expect((await entryOf(project)).releases).toMatchObject([
    { name: 'base', revisionBefore: 2, revisionAfter: 3, leftOut: false },
    { name: 'top', revisionBefore: 1, revisionAfter: 1, leftOut: true },
  ])
  const status = document<{ ready: boolean; stages: { name: string }[] }>(
    await forgeHere(['status', '-e', 'sandbox', '-C', project.dir, '--json']),
  )
  expect([status.ready, status.stages.map(({ name }) => name)]).toEqual([true, ['base', 'top']])
  const mixed = await snapshot(namespace)

  expect((await run(project, 'rollback', '2')).status).toBe(0)
  expect(await snapshot(namespace)).toEqual(both)
  expect((await run(project, 'rollback', '3')).status).toBe(0)
  expect(await snapshot(namespace)).toEqual(mixed)
  expect((await run(project, 'deploy')).report.releases.map(({ name }) => name)).toEqual(['base', 'top'])
  expect(await snapshot(namespace)).toEqual(both)
  expect((await run(project, 'rollback', '1')).status).toBe(0)
  expect((await entryOf(project)).releases.map(({ name }) => name)).toEqual(['base', 'top'])
  expect((await run(project, 'uninstall', '--yes')).report.releases).toHaveLength(2)
  expect(await object('deployment', 'top', namespace)).toBeUndefined()
})

test('a release comes with what it needs, and --set reaches the one that was named', async () => {
  const namespace = freshNamespace('with-needs')
  const project = await twoReleases(namespace)

  const only = await run(project, 'deploy', '--release', 'top', '--only')
  expect(only).toMatchObject({ status: 3, report: { verdict: { code: 'E_RELEASE_NEEDED', where: '--only' } } })
  expect(only.report.verdict?.hint).toBe(`forge deploy --release top -e sandbox -C ${project.dir} --json`)

  expect((await run(project, 'deploy', '--release', 'top', ...GREEN)).status).toBe(0)
  expect([await colour('base', namespace), await colour('top', namespace)]).toEqual(['blue', 'green'])

  const again = await run(project, 'deploy', '--release', 'top', '--only', '--set', 'data.COLOUR=red')
  expect(again.report.releases).toEqual([{ name: 'top', revisionBefore: 1, revisionAfter: 2 }])
})

test('what fails goes back, and the release that was left out is neither touched nor lost', async () => {
  const namespace = freshNamespace('subset-fails')
  const project = await twoReleases(namespace)
  expect((await run(project, 'deploy')).status).toBe(0)
  const before = await snapshot(namespace)

  const failed = await run(project, 'deploy', '--release', 'top', '--only', '--set', 'image=registry.invalid/top:2')

  expect(failed).toMatchObject({ status: 4, report: { outcome: 'restored', verdict: { code: 'E_IMAGE_PULL' } } })
  expect(await snapshot(namespace)).toEqual(before)
  expect((await entryOf(project)).releases.map(({ name }) => name)).toEqual(['top', 'base'])
  expect((await run(project, 'deploy')).report.outcome).toBe('unchanged')
})

test.each([
  [['deploy', '--release', 'tpo'], 2, 'E_RELEASE_UNKNOWN', 'did you mean "top"?'],
  [['deploy', '--release', 'web'], 2, 'E_RELEASE_UNKNOWN', 'there is "base", "top"'],
  [['plan', '--only'], 2, 'E_USAGE', '--release'],
  [['deploy', '--release', 'base', '--set', 'top:image=web:2'], 2, 'E_USAGE', 'top, which --release leaves out'],
])('%j ends with %d', async (args, status, code, says) => {
  const project = await twoReleases(freshNamespace('subset-usage'))
  const ran = await run(project, ...args)
  expect(ran).toMatchObject({ status, report: { verdict: { code } } })
  expect(ran.report.verdict?.message).toContain(says)
})

test('a plan of one release is carried out as it is', async () => {
  const namespace = freshNamespace('subset-plan')
  const project = await twoReleases(namespace)
  expect((await run(project, 'deploy')).status).toBe(0)

  const file = `${project.dir}/p.json`
  const shown = await forgeHere([
    'plan',
    '-e',
    'sandbox',
    '-C',
    project.dir,
    '--release',
    'base',
    ...GREEN,
    '--out',
    file,
  ])
  expect(shown.stdout).toContain('Left out base'.replace('base', 'top: not part of this deploy'))
  const { report } = await run(project, 'deploy', '--plan', file)

  expect(report).toMatchObject({ outcome: 'deployed', leftOut: ['top'] })
  expect([await colour('base', namespace), await colour('top', namespace)]).toEqual(['green', 'blue'])
})

test('only the secrets of the selected releases are asked for, and no restart is promised to the others', async () => {
  const namespace = freshNamespace('subset-secrets')
  const project = await withSecrets(namespace)
  const names = async (): Promise<unknown[]> => {
    const found = ['base-secret', 'top-secret', 'shared-secret'].map((name) => object('secret', name, namespace))
    return (await Promise.all(found)).map((one) => one?.metadata.name)
  }

  expect((await run(project, 'deploy', '--release', 'base')).status).toBe(0)
  expect(await names()).toEqual(['base-secret', undefined, 'shared-secret'])
  expect((await run(project, 'deploy')).report.verdict?.code).toBe('E_SECRET_SOURCE')
  await project.write('top.txt', 'a-long-enough-value')
  expect((await run(project, 'deploy')).status).toBe(0)

  await project.write('shared.txt', 'another-long-value')
  const top = await object('deployment', 'top', namespace)
  const shared = await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir, '--release', 'base'])
  expect(shared.stderr).toContain('secret shared-secret changes, and Deployment/top, which is left out, takes it')
  expect(shared.stdout).not.toMatch(/Restarted.* top /u)
  expect((await object('deployment', 'top', namespace))?.metadata.generation).toBe(top?.metadata.generation)
  const rest = await run(project, 'deploy')
  expect(rest.report.restarted.map(({ workload }) => workload)).toEqual(['top'])
})
