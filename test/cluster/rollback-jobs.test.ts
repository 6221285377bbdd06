import { describe, expect, test } from '@jest/globals'
import { freshNamespace, kubectl, objects } from '../support/cluster.ts'
import { deployed, run } from '../support/rollback-run.ts'
import { secretProject } from '../support/with-secret.ts'

describe('a Job that still runs when its deploy fails', () => {
  const broken = ['--set', 'migration=b', '--set', 'image=registry.invalid/web:3']

  test('is waited for: no migration is cut off', async () => {
    const namespace = freshNamespace('waits')
    const project = await secretProject(namespace)
    await deployed(project)

    const { status, report } = await run(project, 'deploy', ...broken, '--set', 'migrationDelay=6s')

    expect({ status, outcome: report.outcome }).toEqual({ status: 4, outcome: 'restored' })
    const events = await kubectl(['get', 'events', '-n', namespace, '-o', 'jsonpath={.items[*].reason}'])
    expect(events).toContain('Completed')
    expect(await objects('jobs', namespace)).toEqual([])
  })

  test('is left alone when its time is up: exit status 5, and nothing was rolled back', async () => {
    const namespace = freshNamespace('runs')
    const project = await secretProject(namespace)
    await deployed(project)

    const { status, report } = await run(
      project,
      'deploy',
      ...broken,
      '--set',
      'migrationDelay=300s',
      '--timeout',
      '2s',
    )

    expect({ status, outcome: report.outcome, code: report.verdict?.code }).toEqual({
      status: 5,
      outcome: 'failed',
      code: 'E_IMAGE_PULL',
    })
    expect(report.verdict?.hint).toMatch(/^kubectl .* wait job\/migrate-b /u)
    expect((await objects('jobs', namespace)).map(({ metadata }) => metadata.name)).toEqual(['migrate-b'])
    expect(report.releases).toEqual([{ name: 'tiny', revisionBefore: 1, revisionAfter: 2 }])

    const back = await run(project, 'rollback', '1', '--timeout', '2s')
    expect({ status: back.status, outcome: back.report.outcome, verdict: back.report.verdict }).toMatchObject({
      status: 5,
      outcome: 'failed',
      verdict: {
        code: 'E_JOB_RUNNING',
        hint: expect.stringMatching(/^kubectl .* wait job\/migrate-b .* && forge rollback 1 /u),
      },
    })
    expect((await objects('jobs', namespace)).map(({ metadata }) => metadata.name)).toEqual(['migrate-b'])
  })
})
