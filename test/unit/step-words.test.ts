import { expect, test } from '@jest/globals'
import type { Detail } from '../../src/domain/events/model.ts'
import { detailText } from '../../src/screen/detail.ts'

const leaving = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'public', deletionTimestamp: '2026-11-03T12:00:00Z', finalizers: ['x/y'] },
}
const upgrade = { op: 'upgrade', release: 'shop' } as const
const moved = { what: 'revision', release: 'shop', from: 3, to: 4, hooks: [] } as const

test.each<[string, Detail]>([
  ['not reached', 'not reached'],
  ['helm upgrade shop', { doing: 'operation', operation: upgrade }],
  [
    'app-secrets r1 → r2, helm upgrade shop: hook migrate 1 running, hook seed done',
    {
      doing: 'operation',
      operation: upgrade,
      done: [{ what: 'secret', name: 'app-secrets', from: 1, to: 2 }],
      hooks: [
        { name: 'migrate', how: '1 running' },
        { name: 'seed', how: 'done' },
      ],
    },
  ],
  ['helm rollback shop 2', { doing: 'operation', operation: { op: 'rollback', release: 'shop', to: 2 } }],
  [
    'definitions of shop',
    { doing: 'operation', operation: { op: 'write-definitions', release: 'shop', names: ['a'] } },
  ],
  [
    'shop from revision 4 back to 3',
    {
      doing: 'recovery',
      action: { kind: 'roll-back', release: 'shop', from: 4, to: 3, because: { kind: 'ran-before' } },
    },
  ],
  ['secrets as they were', { doing: 'secrets-back' }],
  ['shop to revision 3', { doing: 'release-back', release: 'shop', to: 3 }],
  ['waiting until all is ready again', { doing: 'until-ready' }],
  ['hook Job/x, left from before, is deleted: helm could not go back', { doing: 'free-hook', hook: 'Job/x' }],
  ['Service/public is being deleted (finalizer x/y): waiting', { doing: 'until-gone', objects: [leaving] }],
  ['migrate, seed still runs: waiting for its end', { doing: 'until-ended', jobs: ['migrate', 'seed'] }],
  ['shop revision 3 → 4', { wrote: [moved] }],
  ['shop revision 1', { wrote: [{ ...moved, from: undefined, to: 1 }] }],
  ['shop revision 3 → ? (as 2)', { wrote: [{ ...moved, to: undefined, as: 2 }] }],
  [
    '2 secrets made, shop revision 3 → 4, hook a done, hook b done',
    {
      wrote: [
        { what: 'secrets-made', count: 2 },
        { ...moved, hooks: ['a', 'b'] },
      ],
    },
  ],
  ['shop revision 3 → 4, 3 hooks done', { wrote: [{ ...moved, hooks: ['a', 'b', 'c'] }] }],
])('%s', (text, detail) => expect(detailText(detail)).toBe(text))
