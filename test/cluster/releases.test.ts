import { expect, test } from '@jest/globals'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import { forgeHere, freshNamespace, object, snapshot } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { twoReleases, type TestProject } from '../support/tiny.ts'

const DELAY = 'annotations: { sandbox.forge.api-forge.io/delay: 3s }\n'

async function deploy(project: TestProject): Promise<{ status: number | undefined; report: DeployReport }> {
  const ran = await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir, '--json'])
  return { status: ran.status, report: document<DeployReport>(ran) }
}

test('a release waits until those that it needs are ready', async () => {
  const namespace = freshNamespace('needs')
  const project = await twoReleases(namespace)
  await project.write('base.yaml', DELAY)

  const { status, report } = await deploy(project)

  expect({ status, releases: report.releases.map(({ name }) => name) }).toEqual({
    status: 0,
    releases: ['base', 'top'],
  })
  const [base, top] = [await object('deployment', 'base', namespace), await object('deployment', 'top', namespace)]
  const conditions = base?.status?.['conditions'] as { type: string; lastTransitionTime: string }[]
  const readyAt = Date.parse(conditions.find(({ type }) => type === 'Available')?.lastTransitionTime ?? '')
  expect(Date.parse(top?.metadata.creationTimestamp ?? '')).toBeGreaterThanOrEqual(readyAt)
})

test('when a later release fails, those before it are rolled back too', async () => {
  const namespace = freshNamespace('back')
  const project = await twoReleases(namespace)
  expect((await deploy(project)).status).toBe(0)
  const before = await snapshot(namespace)
  await project.write('base.yaml', 'data: { COLOUR: green }\n')
  await project.write('top.yaml', 'image: registry.invalid/top:2\n')

  const { status, report } = await deploy(project)

  expect({ status, outcome: report.outcome, code: report.verdict?.code }).toEqual({
    status: 4,
    outcome: 'restored',
    code: 'E_IMAGE_PULL',
  })
  expect(report.verdict?.where).toBe('top.yaml:1  image=registry.invalid/top:2')
  expect(report.releases).toEqual([
    { name: 'base', revisionBefore: 1, revisionAfter: 3 },
    { name: 'top', revisionBefore: 1, revisionAfter: 3 },
  ])
  expect(await snapshot(namespace)).toEqual(before)
})
