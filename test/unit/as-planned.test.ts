import { expect, test } from '@jest/globals'
import { differenceOf, type Written } from '../../src/domain/plan/as-planned.ts'
import type { FieldChange, ObjectPlan } from '../../src/domain/plan/model.ts'
import type { KubeObject } from '../../src/domain/kube.ts'

const REF = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' }

function web(spec: Readonly<Record<string, unknown>>, metadata: object = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop', uid: 'u1', ...metadata },
    spec,
  }
}

function ownedBy(manager: string, field: string): object {
  return { managedFields: [{ manager, operation: 'Update', fieldsV1: { 'f:spec': { [`f:${field}`]: {} } } }] }
}

function planned(
  action: ObjectPlan['action'],
  changes: readonly FieldChange[] = [],
  more: Partial<ObjectPlan> = {},
): ObjectPlan {
  return { ref: REF, release: 'shop', action, changes, drift: [], conflicts: [], template: '', ...more }
}

const TO_TWO: FieldChange = { path: 'spec.replicas', before: 1, after: 2 }
const BASE: Written = {
  plan: planned('change', [TO_TWO]),
  sent: web({ replicas: 2 }),
  before: web({ replicas: 1 }),
  after: web({ replicas: 2, paused: false }),
  free: [],
}

test.each<[string, Partial<Written>, Partial<ReturnType<typeof differenceOf>>]>([
  ['as predicted, with defaults', {}, {}],
  ['left as it was', { after: web({ replicas: 1 }) }, { odd: ['spec.replicas'] }],
  ['made something third', { after: web({ replicas: 5 }) }, { odd: ['spec.replicas'] }],
  ['an autoscaler decides', { after: web({ replicas: 5 }), free: ['spec.replicas'] }, {}],
  ['a controller wrote since', { after: web({ replicas: 5 }, ownedBy('operator', 'replicas')) }, {}],
  [
    'what was to be overwritten stays',
    { after: web({ replicas: 1 }, ownedBy('kubectl', 'replicas')) },
    { odd: ['spec.replicas'] },
  ],
  ['the dry run had said so', { plan: planned('change', [{ ...TO_TWO, after: 5 }]), after: web({ replicas: 5 }) }, {}],
  ['the dry run had left it as it was', { plan: planned('change'), after: web({ replicas: 1 }) }, {}],
  [
    'nobody could say',
    { plan: planned('change', [TO_TWO], { notChecked: 'x' }), after: web({ replicas: 1 }) },
    { asks: ['spec.replicas'] },
  ],
  [
    'made, and stored otherwise',
    { plan: planned('create'), before: undefined, after: web({ replicas: 5 }) },
    { asks: ['spec.replicas'] },
  ],
  ['made, and gone', { plan: planned('create'), before: undefined, after: undefined }, { odd: ['is not there'] }],
  ['a Job made, and gone', { plan: planned('create', [], { ref: { ...REF, kind: 'Job' } }), after: undefined }, {}],
  ['on its way out', { after: web({ replicas: 1 }, { deletionTimestamp: '2026-01-01T00:00:00Z' }) }, {}],
  ['deleted', { plan: planned('delete'), sent: undefined, after: undefined }, {}],
  ['deleted, and still there', { plan: planned('delete'), sent: undefined }, { odd: ['is still there'] }],
  ['deleted, and made anew', { plan: planned('delete'), sent: undefined, after: web({}, { uid: 'u2' }) }, {}],
  [
    'a field that was to go stays',
    {
      plan: planned('change', [{ path: 'spec.paused', before: true, after: undefined }]),
      before: web({ replicas: 2, paused: true }),
      after: web({ replicas: 2, paused: true }),
    },
    { odd: ['spec.paused'] },
  ],
  ['unchanged', { plan: planned('unchanged'), after: web({ replicas: 9 }) }, {}],
])('%s', (_, written, difference) => {
  expect(differenceOf({ ...BASE, ...written })).toEqual({ odd: [], asks: [], ...difference })
})
