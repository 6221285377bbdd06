import { describe, expect, test } from '@jest/globals'
import type { Project } from '../../src/domain/config/model.ts'
import { waitsFor } from '../../src/domain/rehearsal/failures.ts'
import { budgetOf, hastened } from '../../src/domain/rehearsal/hastened.ts'
import { FAILURE_KINDS, type FailureKind } from '../../src/domain/rehearsal/model.ts'
import { at, workload } from '../support/tonight.ts'

test.each<[what: string, seconds: number, budgetMs: number]>([
  ['which are quick', 0.4, 8000],
  ['of which one takes long', 21, 63_000],
])('stages %s: nothing good fails before its time', (_, seconds, budgetMs) => {
  const steps = [
    { name: 'upgrade', seconds: 90 },
    { name: 'databases', seconds },
    { name: 'app', seconds: 0.1 },
  ]
  expect(budgetOf(steps, [{ name: 'databases' }, { name: 'app' }])).toBe(budgetMs)
})

describe('less patience', () => {
  const project = (stages: Project['stages'], limitMs?: number): Pick<Project, 'stages' | 'limitMs'> =>
    limitMs === undefined ? { stages } : { stages, limitMs }
  const stage = (name: string, wait: string[], timeoutMs = 300_000) => ({ name, wait, optional: [], timeoutMs, at })
  const both = [stage('db', ['StatefulSet/db']), stage('app', ['Deployment/app'])]
  const hasten = (kind: FailureKind, name: string, of = project(both)): unknown[] => {
    const object = workload(name, { kind: name === 'db' ? 'StatefulSet' : 'Deployment' })
    const { stages, limitMs } = hastened(of, { kind, workload: object }, 4000)
    return stages.length === 0 ? [limitMs] : stages.map(({ timeoutMs, rules = {} }) => [timeoutMs, rules])
  }

  test.each<[FailureKind, string, unknown[]]>([
    [
      'oom',
      'app',
      [
        [300_000, {}],
        [300_000, {}],
      ],
    ],
    [
      'never-ready',
      'app',
      [
        [300_000, {}],
        [4000, {}],
      ],
    ],
    [
      'flapping',
      'db',
      [
        [4000, {}],
        [300_000, {}],
      ],
    ],
    [
      'never-ready',
      'of no stage',
      [
        [300_000, {}],
        [4000, {}],
      ],
    ],
    [
      'image-network',
      'app',
      [
        [300_000, {}],
        [300_000, { pullGraceMs: 4000 }],
      ],
    ],
    [
      'config-error',
      'app',
      [
        [300_000, {}],
        [300_000, { missingGraceMs: 4000 }],
      ],
    ],
    [
      'unschedulable',
      'app',
      [
        [300_000, {}],
        [300_000, { unschedulableGraceMs: 4000 }],
      ],
    ],
    [
      'provisioning',
      'db',
      [
        [300_000, { volumeGraceMs: 4000 }],
        [300_000, {}],
      ],
    ],
  ])('%s of %s', (kind, name, stages) => expect(hasten(kind, name)).toEqual(stages))

  test('never more', () => {
    expect(hasten('never-ready', 'app', project([stage('app', ['Deployment/app'], 1000)]))).toEqual([[1000, {}]])
    const quick = [{ ...stage('app', ['Deployment/app']), rules: { pullGraceMs: 100, crashesAllowed: 5 } }]
    expect(hasten('image-network', 'app', project(quick))).toEqual([[300_000, { pullGraceMs: 100, crashesAllowed: 5 }]])
  })

  test('without stages', () => {
    expect(hasten('never-ready', 'app', project([]))).toEqual([4000])
    expect(hasten('image-network', 'app', project([], 1000))).toEqual([1000])
    expect(hasten('oom', 'app', project([]))).toEqual([undefined])
  })

  test('is for those that are told at once not needed', () => {
    expect(FAILURE_KINDS.filter((kind) => waitsFor(kind) === 'at once')).toEqual([
      'image-pull',
      'image-denied',
      'crash-loop',
      'init',
      'oom',
      'start',
      'liveness',
      'job',
    ])
  })
})
