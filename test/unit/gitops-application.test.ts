import { describe, expect, test } from '@jest/globals'
import { isOver, mostTelling, waitsText } from '../../src/domain/gitops/judge.ts'
import type { Standing } from '../../src/domain/gitops/standing.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { forge } from '../../src/hint.ts'
import { made, NEW, OLD, told, judge, WANTED, type Status } from '../support/gitops-standing.ts'

describe('an Application', () => {
  const app = (status: Status, spec: object = { syncPolicy: { automated: {} } }): KubeObject => ({
    ...made('argoproj.io/v1alpha1', 'Application', spec, {}, { namespace: 'argocd', generation: 7 }),
    status,
  })
  test.each<[string, KubeObject, Record<string, unknown>]>([
    ['synced', app({ sync: { status: 'Synced', revision: WANTED } }), { state: 'applied' }],
    ['of several sources', app({ sync: { status: 'Synced', revisions: ['1.2.3', WANTED] } }), { state: 'applied' }],
    [
      'synced, and a hook of it runs',
      app({
        sync: { status: 'Synced', revision: WANTED },
        operationState: { phase: 'Running', message: 'waiting for hook', syncResult: { revision: WANTED } },
      }),
      { state: 'waiting' },
    ],
    [
      'out of sync',
      app({ sync: { status: 'OutOfSync', revision: WANTED } }),
      { state: 'waiting', why: 'Application argocd/shop has looked at 1a2b3c4d5e6f (OutOfSync)' },
    ],
    ['behind', app({ sync: { status: 'Synced', revision: OLD } }), { state: 'waiting' }],
    ['overtaken', app({ sync: { status: 'Synced', revision: NEW } }), { state: 'superseded' }],
    [
      'failed',
      app({
        sync: { status: 'OutOfSync', revision: WANTED },
        operationState: {
          phase: 'Failed',
          message: 'one or more objects failed to apply',
          syncResult: { revision: WANTED },
        },
      }),
      { state: 'failing', reason: 'sync Failed', why: 'one or more objects failed to apply' },
    ],
    [
      'failed before it began',
      app({
        sync: { revision: WANTED },
        operationState: { phase: 'Error', message: 'rpc error', operation: { sync: { revision: WANTED } } },
      }),
      { state: 'failing', reason: 'sync Error' },
    ],
    [
      'failed with the one before',
      app({
        sync: { status: 'OutOfSync', revision: WANTED },
        operationState: { phase: 'Failed', syncResult: { revision: OLD } },
      }),
      { state: 'waiting' },
    ],
    [
      'not compared',
      app({
        sync: { status: 'Unknown', revision: WANTED },
        conditions: [{ type: 'ComparisonError', message: 'app path does not exist' }],
      }),
      { state: 'failing', reason: 'ComparisonError' },
    ],
    [
      'not compared, of whichever revision',
      app({
        sync: { status: 'Unknown' },
        conditions: [{ type: 'ComparisonError', message: 'app path does not exist' }],
      }),
      { state: 'waiting', why: expect.stringContaining('app path does not exist') },
    ],
    ['that syncs by hand', app({ sync: { status: 'OutOfSync', revision: WANTED } }, {}), { state: 'held' }],
    [
      'that syncs by hand, and is',
      app(
        {
          sync: { status: 'OutOfSync', revision: WANTED },
          operationState: { phase: 'Running', operation: { sync: { revision: WANTED } } },
        },
        { syncPolicy: { automated: { enabled: false } } },
      ),
      { state: 'waiting' },
    ],
    [
      'without a status',
      { ...app({}), status: undefined },
      { state: 'waiting', why: 'Application argocd/shop has looked at nothing yet' },
    ],
  ])('%s', (_, object, expected) => expect(told(judge([object]))).toMatchObject(expected))
})

test('what is told first, when a failure counts, and what is waited for in one line', () => {
  const own = { on: { apiVersion: 'x/v1', kind: 'X', name: 'x' }, chain: [] }
  const failing: Standing = { ...own, state: 'failing', reason: 'A', why: 'a', lastsMs: 10 }
  const waiting: Standing = { ...own, state: 'waiting', why: 'b' }
  const held: Standing = { ...own, state: 'held', why: 'c', resume: forge('resume') }
  expect(mostTelling([waiting, failing, held], () => 0)).toBe(held)
  expect(mostTelling([waiting, failing, held], () => 10)).toBe(failing)
  expect([isOver(failing, 9), isOver(failing, 10), isOver(held, 10)]).toEqual([false, true, false])
  expect(waitsText([waiting, failing, waiting])).toBe('b; X x: A: a')
})
