import { describe, expect, test } from '@jest/globals'
import type { RehearsalScene, RehearsedDeploy, RehearsedFailure } from '../../src/domain/rehearsal/model.ts'
import { nextAfter } from '../../src/domain/rehearsal/next.ts'
import { isGood, summaryOf } from '../../src/domain/rehearsal/summary.ts'
import { rehearsalRows, type RehearsalDocument } from '../../src/screen/rehearsal.ts'

const SCENE: RehearsalScene = {
  kubernetes: { environment: '1.36.2', sandbox: '1.36' },
  copied: { nodes: 3, namespaces: 2, storageClasses: 1, definitions: 0, objects: 41, secrets: 6, records: 4 },
  notRehearsed: [],
}
const DEPLOYED: RehearsedDeploy = { outcome: 'deployed', seconds: 4.1, deploy: 43, verdict: null }
const UNCHANGED: RehearsedDeploy = { outcome: 'unchanged', seconds: 0.6, deploy: null, verdict: null }
const TOO_LARGE = {
  code: 'E_UNSCHEDULABLE',
  sentence: 'worker fits on no node: no node has enough free memory, the largest has 3.1Gi and it asks for 8Gi',
}
const FAILED: RehearsedDeploy = { outcome: 'rolled-back', seconds: 12.3, deploy: 43, verdict: TOO_LARGE }

function failure(
  name: string,
  code: string | null = 'E_OOM_KILLED',
  more: Partial<RehearsedFailure> = {},
): RehearsedFailure {
  const verdict = code === null ? null : { code, sentence: 'app runs out of memory: it is killed, 2 times' }
  const seconds = code === null ? null : 2.5
  return {
    failure: name,
    where: 'Deployment/app',
    verdict,
    remark: null,
    seconds,
    explained: true,
    restored: true,
    why: null,
    ...more,
  }
}

const GOOD = failure('app=oom')
const MISTOLD = failure('app=oom', 'E_CRASH_LOOP', {
  explained: false,
  why: 'expected E_OOM_KILLED: the verdict names another failure than the one that was let happen',
})
const UNSEEN = failure('app=flapping', null, { explained: false, why: 'the deploy went through all the same' })
const LEFT = failure('app=init', 'E_INIT_FAILED', { restored: false, why: 'Service/app-metrics is still there' })

function screen(about: Partial<RehearsalDocument>, width = 80): string[] {
  const { deploy = DEPLOYED, failures = [] } = about
  const head = { project: 'api-forge', environment: 'prod', cluster: 'prod-eu', namespace: 'api-forge-prod' }
  return rehearsalRows(
    {
      ...{ apiVersion: 'forge/v1', command: 'rehearse', ...head, scene: SCENE, deploy, failures, notProvoked: [] },
      ...{ summary: summaryOf(deploy, failures), next: 'forge deploy --env prod', ...about },
    },
    width,
  )
}

describe('the last line', () => {
  test.each<[RehearsedDeploy, RehearsedFailure[], string, boolean]>([
    [DEPLOYED, [], 'rehearsed: the deploy reaches the new state in 4.1 s', true],
    [UNCHANGED, [], 'rehearsed: the deploy changes nothing, and proves that in 0.6 s', true],
    [DEPLOYED, [GOOD, GOOD], 'rehearsed: 2 failures, 2 explained, 2 restored', true],
    [DEPLOYED, [GOOD], 'rehearsed: 1 failure, 1 explained, 1 restored', true],
    [
      DEPLOYED,
      [GOOD, MISTOLD],
      'rehearsed: 2 failures, 1 explained, 2 restored: app=oom was told as E_CRASH_LOOP',
      false,
    ],
    [DEPLOYED, [UNSEEN], 'rehearsed: 1 failure, 0 explained, 1 restored: app=flapping was not noticed', false],
    [DEPLOYED, [LEFT], 'rehearsed: 1 failure, 1 explained, 0 restored: after app=init not all is as it was', false],
    [
      DEPLOYED,
      [{ ...MISTOLD, restored: false }, LEFT, GOOD],
      'rehearsed: 3 failures, 2 explained, 1 restored: app=oom was told as E_CRASH_LOOP, and not all is as it was, and 1 more went wrong',
      false,
    ],
    [FAILED, [GOOD], `tonight's deploy would fail: ${TOO_LARGE.sentence}`, false],
    [{ ...FAILED, outcome: 'refused' }, [], `tonight's deploy would be refused: ${TOO_LARGE.sentence}`, false],
    [{ ...FAILED, verdict: null }, [], "tonight's deploy would fail", false],
  ])('%#: %j', (deploy, failures, line, good) => {
    expect(summaryOf(deploy, failures)).toBe(line)
    expect(isGood({ deploy, failures })).toBe(good)
  })
})

describe('what comes next', () => {
  test.each<[RehearsedDeploy, RehearsedFailure[], string]>([
    [DEPLOYED, [GOOD], 'deploy --env prod'],
    [UNCHANGED, [], 'deploy --env prod'],
    [FAILED, [UNSEEN], 'rehearse --env prod'],
    [DEPLOYED, [GOOD, UNSEEN, LEFT], 'rehearse --env prod --fail app=flapping'],
    [DEPLOYED, [{ ...LEFT, failure: 'kill-at=upgrade' }], 'rehearse --env prod --kill-at upgrade'],
  ])('%#: %j', (deploy, failures, args) =>
    expect(nextAfter({ deploy, failures }, 'prod')).toEqual({ kind: 'forge', args: args.split(' ') }),
  )
})

describe('the screen', () => {
  test('of a rehearsal without failures', () => {
    expect(screen({})).toEqual([
      'api-forge → prod   cluster prod-eu   namespace api-forge-prod',
      'Kubernetes     1.36, as prod (1.36.2)',
      'copied         3 nodes, 2 namespaces, 1 StorageClass, 41 objects, 6 Secrets with',
      '               made-up values, 4 helm records',
      '',
      '✔ deploy #43 reaches the new state, 4.1s',
      '',
      'rehearsed: the deploy reaches the new state in 4.1 s',
      'next    forge deploy --env prod',
    ])
  })

  test('has a row for each failure, and below what went wrong', () => {
    const scene = {
      ...SCENE,
      notRehearsed: ['no image is pulled or run: whether one works, only real containers show'],
    }
    const notProvoked = [
      { failure: 'liveness', why: 'no workload has a probe' },
      { failure: 'job', why: "no Job runs in tonight's deploy" },
      { failure: 'never-ready', why: 'no workload has a probe' },
    ]
    const failures = [failure('app=start', 'E_CONTAINER_START'), MISTOLD, UNSEEN, LEFT, { ...LEFT, failure: 'app=job' }]
    expect(screen({ scene, failures, notProvoked }).slice(7, -3)).toEqual([
      '  Failure       Verdict            After  Restored',
      '✔ app=start     E_CONTAINER_START   2.5s  yes',
      '✖ app=oom       E_CRASH_LOOP        2.5s  yes',
      '✖ app=flapping  none                      yes',
      '✖ app=init      E_INIT_FAILED       2.5s  NO',
      '✖ app=job       E_INIT_FAILED       2.5s  NO',
      '',
      'not provoked   liveness, never-ready: no workload has a probe',
      "               job: no Job runs in tonight's deploy",
      'not rehearsed  no image is pulled or run: whether one works, only real',
      '                 containers show',
      '',
      '✖ app=oom, at Deployment/app',
      '  expected E_OOM_KILLED: the verdict names another failure than the one that was',
      '  let happen',
      '  forge said: app runs out of memory: it is killed, 2 times (E_CRASH_LOOP)',
      '✖ app=flapping, at Deployment/app',
      '  the deploy went through all the same',
      '✖ app=init, app=job, at Deployment/app',
      '  Service/app-metrics is still there',
      '',
    ])
  })

  test.each<[RehearsalScene['kubernetes'], string]>([
    [{ environment: '1.36.2', sandbox: '1.36' }, '1.36, as prod (1.36.2)'],
    [{ environment: '1.3.1', sandbox: '1.36' }, '1.36, but prod has 1.3.1'],
    [{ environment: '1.33.4', sandbox: '1.37' }, '1.37, but prod has 1.33.4'],
  ])('says which Kubernetes it was: %j', (kubernetes, text) =>
    expect(screen({ scene: { ...SCENE, kubernetes } })[1]).toBe(`Kubernetes     ${text}`),
  )

  test('says why the deploy itself fails', () => {
    expect(screen({ deploy: FAILED }).slice(5, 9)).toEqual([
      '✖ deploy #43 fails, and goes back, 12.3s',
      '  worker fits on no node: no node has enough free memory, the largest has 3.1Gi',
      '  and it asks for 8Gi',
      '  E_UNSCHEDULABLE',
    ])
  })

  test('says it where nothing was there to copy', () => {
    const copied = { nodes: 0, namespaces: 0, storageClasses: 0, definitions: 0, objects: 0, secrets: 0, records: 0 }
    expect(screen({ scene: { ...SCENE, copied } })[2]).toBe('copied         nothing: there is nothing yet')
  })

  test.each([60, 80, 120])('keeps to %i columns', (width) => {
    const name = `StatefulSet/${'shop-'.repeat(5)}db=image-network`
    const failures = [{ ...LEFT, failure: name }, MISTOLD]
    const rows = screen({ failures, scene: { ...SCENE, notRehearsed: [TOO_LARGE.sentence] } }, width)
    expect(rows.filter((row) => row.length > width)).toEqual([])
    expect(rows.filter((row) => row.includes(name)).length).toBeGreaterThan(1)
  })
})
