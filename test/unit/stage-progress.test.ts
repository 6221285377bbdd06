import { describe, expect, test } from '@jest/globals'
import type { Judge, Target, Verdict, WorkloadStanding } from '../../src/domain/readiness/model.ts'
import { standsAs } from '../../src/domain/readiness/workload-standing.ts'
import { detailText } from '../../src/screen/detail.ts'
import { waitingText } from '../../src/screen/stage.ts'
import { stageStanding } from '../../src/domain/stages/standing.ts'
import { kubectl } from '../../src/hint.ts'

const READY: Verdict = { state: 'ready', detail: 'done' }
const WAITING: Verdict = { state: 'progressing', reason: 'not created yet' }
const FAILED: Verdict = {
  ...{ state: 'failed', code: 'E_IMAGE_PULL', message: 'it cannot start', brief: 'its image does not exist' },
  ...{ chain: [], hint: kubectl([]), healing: false },
}

/** One target per verdict, named by its place, and a judge that was asked for nothing but these. */
function progress(verdicts: readonly Verdict[], isBlind = false) {
  let looked = 0
  const targets = verdicts.map((_, at) => ({ apiVersion: 'batch/v1', kind: 'Job', name: `job-${at}` }))
  const verdict = ({ name }: { readonly name: string }): Verdict => verdicts[Number(name.slice(4))] ?? WAITING
  const judge: Pick<Judge, 'verdict' | 'standing' | 'restarted'> = {
    verdict,
    standing(target) {
      looked += 1
      return standsAs(target, verdict(target), undefined)
    },
    restarted: () => false,
  }
  const stage = stageStanding(targets, judge, 0, isBlind)
  return { summary: detailText({ stage }), waiting: waitingText({ stage, isStep: true }), looked }
}

const many = (ready: number, waiting: number, failed = 0): Verdict[] => [
  ...Array.from({ length: ready }, () => READY),
  ...Array.from({ length: waiting }, () => WAITING),
  ...Array.from({ length: failed }, () => FAILED),
]

describe('a stage in one line', () => {
  test.each([
    { verdicts: [], summary: 'nothing to wait for' },
    { verdicts: many(1, 1), summary: 'job-0 done, job-1: not created yet' },
    { verdicts: many(8, 0), summary: Array.from({ length: 8 }, (_, at) => `job-${at} done`).join(', ') },
    { verdicts: many(300, 0), summary: '300 of 300 ready' },
    { verdicts: many(299, 1), summary: '299 of 300 ready; job-299: not created yet' },
    {
      verdicts: many(200, 99, 1),
      summary:
        '200 of 300 ready; job-299: its image does not exist, job-200: not created yet, job-201: not created yet, and 97 more',
    },
  ])('$summary', ({ verdicts, summary }) => {
    expect(progress(verdicts).summary).toBe(summary)
  })

  test.each([
    [['web'], 'web: old 2/2 serving, new 0/1: crashing'],
    [['web', 'old'], 'web: old 2/2 serving, new 0/1: crashing, old 0/1: waiting'],
  ])('names those that serve on, where it is not clear which: %j', (names, summary) => {
    const targets = names.map((name) => ({ apiVersion: 'apps/v1', kind: 'Deployment', name }))
    const judge = {
      verdict: () => WAITING,
      standing: ({ kind, name }: Target): WorkloadStanding => {
        const verdict: Verdict = { state: 'progressing', reason: name === 'web' ? 'crashing' : 'waiting' }
        const counts = { ready: 0, wanted: 1 }
        const serving = name === 'web' ? { old: { ready: 2, wanted: 2 }, fresh: counts } : undefined
        return { kind, name, verdict, counts, serving }
      },
      restarted: () => false,
    }
    expect(detailText({ stage: stageStanding(targets, judge, 0, false) })).toBe(summary)
  })

  test('says when nobody can see', () => {
    expect(progress(many(1, 1), true).summary).toBe(
      'job-0 done, job-1: not created yet, the API server does not answer',
    )
  })
})

test('of a big stage only what is told is looked at, however often it changes; the rest is counted', () => {
  const { looked, waiting } = progress(many(100, 199, 1))
  expect(looked).toBe(6)
  expect(waiting?.short).toBe('100 of 300 ready')
  expect([waiting?.rows.length, waiting?.rows[0], waiting?.rows[5]]).toEqual([
    6,
    'job-299: its image does not exist',
    'and 195 more',
  ])
})

test('one line says it all where nothing waits, or where the step is about more than the stage', () => {
  expect(progress(many(2, 0)).waiting).toBeUndefined()
  expect(waitingText('helm upgrade shop')).toBeUndefined()
})
