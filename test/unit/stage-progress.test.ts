import { describe, expect, test } from '@jest/globals'
import type { Judge, Verdict } from '../../src/domain/readiness/model.ts'
import { summaryOf } from '../../src/domain/readiness/summary.ts'
import { progressOf, type StageProgress } from '../../src/flows/stage-progress.ts'
import { kubectl } from '../../src/hint.ts'

const READY: Verdict = { state: 'ready', detail: 'done' }
const WAITING: Verdict = { state: 'progressing', reason: 'not created yet' }
const FAILED: Verdict = {
  ...{ state: 'failed', code: 'E_IMAGE_PULL', message: 'it cannot start', brief: 'its image does not exist' },
  ...{ chain: [], hint: kubectl([]), healing: false },
}

/** One target per verdict, named by its place, and a judge that was asked for nothing but these. */
function progress(verdicts: readonly Verdict[], isBlind = false): StageProgress & { readonly said: number } {
  let said = 0
  const targets = verdicts.map((_, at) => ({ apiVersion: 'batch/v1', kind: 'Job', name: `job-${at}` }))
  const verdict = ({ name }: { readonly name: string }): Verdict => verdicts[Number(name.slice(4))] ?? WAITING
  const judge: Pick<Judge, 'verdict' | 'summary' | 'servesOn' | 'restarted'> = {
    verdict,
    summary(target) {
      said += 1
      return summaryOf(target, verdict(target), undefined)
    },
    servesOn: () => false,
    restarted: () => false,
  }
  const found = progressOf(targets, judge, 0, isBlind)
  return { ...found, said }
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
    [['web'], 'old 2/2 serving, new 0/1: crashing'],
    [['web', 'old'], 'web: old 2/2 serving, new 0/1: crashing, old 0/1: waiting'],
  ])('names those that serve on, where it is not clear which: %j', (names, summary) => {
    const targets = names.map((name) => ({ apiVersion: 'apps/v1', kind: 'Deployment', name }))
    const judge = {
      verdict: () => WAITING,
      summary: ({ name }: { readonly name: string }) =>
        name === 'web' ? 'old 2/2 serving, new 0/1: crashing' : 'old 0/1: waiting',
      servesOn: ({ name }: { readonly name: string }) => name === 'web',
      restarted: () => false,
    }
    expect(progressOf(targets, judge, 0, false).summary).toBe(summary)
  })

  test('says when nobody can see', () => {
    expect(progress(many(1, 1), true).summary).toBe(
      'job-0 done, job-1: not created yet, the API server does not answer',
    )
  })
})

test('of a big stage only what is shown is put into words, however often it changes', () => {
  const { said, waiting, ready, all } = progress(many(100, 200))
  expect({ said, waiting: waiting.length, ready, all }).toEqual({ said: 6, waiting: 6, ready: 100, all: 300 })
})
