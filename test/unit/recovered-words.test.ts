import { expect, test } from '@jest/globals'
import type { NotAsBefore, RecoveryPlan } from '../../src/domain/recovery/model.ts'
import { recoveredDetail, whyNotBack } from '../../src/screen/recovered.ts'

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'public', deletionTimestamp: '2026-11-27T10:00:00Z', finalizers: ['a/b'] },
}
const forward = 'what ran before cannot read the schema that the database has now; deploy code that can'

test.each<[RecoveryPlan['end'], NotAsBefore | undefined, string | undefined, string]>([
  ['restored', undefined, undefined, 'app revision 3, as before'],
  ['restored', { kind: 'not-ready', message: 'web crashes' }, 'web crashes', 'app revision 3, not ready: web crashes'],
  [
    'restored',
    { kind: 'not-ready', message: undefined },
    'another stage failed',
    'app revision 3, not ready: another stage failed',
  ],
  [
    'restored',
    { kind: 'leaving', objects: [service] },
    'Service/public is being deleted (finalizer a/b)',
    'app revision 3, not ready: Service/public is being deleted (finalizer a/b)',
  ],
  [
    'restored',
    { kind: 'left-behind', objects: [service] },
    'Service/public of the interrupted deploy did not go',
    'app revision 3, not ready: Service/public of the interrupted deploy did not go',
  ],
  ['forward', undefined, forward, 'app revision 3, what was made stays'],
  ['deployed', undefined, undefined, 'app revision 3, complete and ready'],
])('%s, %j', (end, why, said, detail) => {
  expect(whyNotBack({ end }, why)).toBe(said)
  expect(recoveredDetail({ end }, new Map([['app', 3]]), why)).toBe(detail)
})
