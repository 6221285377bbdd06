import { expect, test } from '@jest/globals'
import { isBack, type BackEnd } from '../../src/domain/restore/model.ts'
import { backWords } from '../../src/screen/way-back.ts'
import { hintLine } from '../../src/hint.ts'

const scene = { environment: 'test', namespace: 'shop', live: 41 }
const here = { typed: [], given: {}, cluster: undefined, helm: undefined, conceals: () => false }
const ran = { deploy: 41, revisions: [{ release: 'app', revision: 3 }] }
const whole = { kind: 'restored', ran, revisions: [], retained: [], missing: [], hooks: [] } as const
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'public', namespace: 'shop', deletionTimestamp: '2026-11-27T10:00:00Z', finalizers: ['a/b'] },
}

test.each<[BackEnd['back'], string, string, string | undefined]>([
  [whole, 'test runs #41 again, proven', 'secrets as they were', undefined],
  [
    {
      ...whole,
      revisions: [{ release: 'app', made: 5, as: 3 }],
      ...{ retained: ['StatefulSet/db'], missing: ['ConfigMap/a'], hooks: ['Job/one', 'Job/two'] },
    },
    'test runs #41 again, proven; the claims of StatefulSet/db stay (whenScaled: Retain, until the next deploy)',
    'app revision 5 (as 3), secrets as they were, the claims of StatefulSet/db stay (whenScaled: Retain, until the next deploy), not there before, nor now: ConfigMap/a, 2 hooks stay: Job/one, Job/two',
    undefined,
  ],
  [
    { kind: 'differs', ran: { ...ran, deploy: undefined }, objects: ['ConfigMap/a'], fresh: ['new'] },
    'rolled back to app revision 3 and ready, but not as before: ConfigMap/a, release new (new, stays)',
    'not as before: ConfigMap/a, release new (new, stays)',
    undefined,
  ],
  [
    { kind: 'leaving', objects: [service] },
    'rolled back and ready, but Service/public is being deleted (finalizer a/b)',
    'not as before: Service/public is being deleted (finalizer a/b)',
    'kubectl -n shop wait --for=delete service/public --timeout=10m && forge rollback 41 --env test',
  ],
  [
    { kind: 'not-ready', why: 'web is not ready' },
    'rolled back, but not ready: web is not ready',
    'rolled back, not ready: web is not ready',
    undefined,
  ],
  [
    { kind: 'first-install', releases: ['app', 'db'], overwritten: ['login'], refusing: [] },
    'app, db was never deployed before, so there is nothing to return to: what was made stays, with its evidence, until the next deploy takes it up; login holds again what was there before',
    'nothing to return to: the first install stays',
    undefined,
  ],
  [
    { kind: 'refusing', keys: ['login password'] },
    'login password may not go back (rollback: refuse): nothing was rolled back, what was deployed stays as it is until mended code is deployed',
    'not done: login password may not go back',
    'forge deploy --env test',
  ],
  [
    { kind: 'data-loss', losses: ['going back would delete a'] },
    'going back would delete a: nothing was rolled back, what was deployed stays as it is',
    'not done: it would delete data',
    'forge rollback 41 --env test --dry-run',
  ],
  [
    { kind: 'job-runs', jobs: ['Job/migrate'] },
    'Job/migrate still runs past its deadline, and a migration is not cut off in its middle: nothing was rolled back',
    'not done: Job/migrate still runs',
    'kubectl -n shop wait job/migrate --for=condition=complete --timeout=1h && forge rollback --env test',
  ],
  [
    { kind: 'schema', release: 'app', version: 7 },
    'the schema of app is at 7 and #41 cannot read it (E_SCHEMA_GATE): nothing was rolled back, the new release stays as it is until mended code that reads schema 7 is deployed',
    'not done: #41 cannot read schema 7',
    'forge deploy --env test',
  ],
  [
    { kind: 'broke-off', why: 'nothing is not a function', file: '/evidence/stack.txt' },
    'the rollback failed: nothing is not a function (/evidence/stack.txt)',
    '',
    undefined,
  ],
  [{ kind: 'lock-lost' }, 'the lock was lost, so nothing more was touched', '', undefined],
  [{ kind: 'not-asked', ran }, '--no-rollback: helm had changed no object yet, and #41 runs', '', undefined],
  [{ kind: 'not-asked', ran: undefined }, '--no-rollback: what was deployed stays as it is', '', undefined],
])('%j', (back, now, detail, hint) => {
  const words = backWords({ back, definitions: [] }, scene)
  expect({ ...words, hint: words.hint && hintLine(words.hint, here) }).toEqual({ now, detail, hint })
})

test('definitions that are not as they were are named, and one that could not go back is no restored state', () => {
  const definitions = [
    { name: 'CustomResourceDefinition/a', how: 'made' },
    { name: 'CustomResourceDefinition/b', how: 'stuck', why: { kind: 'gone' } },
  ] as const
  expect(backWords({ back: whole, definitions }, scene).now).toBe(
    'test runs #41 again, proven; CustomResourceDefinition/a, which this deploy made, stays; CustomResourceDefinition/b stays as this deploy made it: it is gone',
  )
  expect([isBack({ back: whole, definitions: [] }), isBack({ back: whole, definitions })]).toEqual([true, false])
  const kept = ['a', 'b'].map((name) => ({ name, how: 'kept' as const }))
  expect(backWords({ back: { kind: 'lock-lost' }, definitions: kept }, scene).now).toBe(
    'the lock was lost, so nothing more was touched; a, b of crds/ stay as this deploy made it',
  )
})
