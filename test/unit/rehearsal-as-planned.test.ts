import { expect, test } from '@jest/globals'
import { plannedOtherwise, type Doing } from '../../src/domain/rehearsal/as-planned.ts'
import { keyOf } from '../../src/domain/kube.ts'
import type { Action } from '../../src/domain/plan/model.ts'

const ref = (name: string, namespace = 'shop') => ({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name })
const plan = (name: string, action: Action, ...paths: string[]) => ({
  ref: ref(name),
  action,
  changes: paths.map((path) => ({ path, before: 'one', after: 'other' })),
})
const NONE: Doing = { plans: [], restarts: [], secrets: [] }
const between = (there: Partial<Doing>, here: Partial<Doing>): string[] =>
  plannedOtherwise({ ...NONE, ...there }, { ...NONE, ...here }, 'shop')

test('what is done in both is not spoken of, in whatever order, and whatever the values are', () => {
  const restarts = [{ ref: ref('app'), because: ['app-env A', 'app-env B'] }]
  const turned = [{ ref: ref('app'), because: ['app-env B', 'app-env A'] }]
  const secrets = [{ name: 'keys', action: 'change', changedKeys: ['a', 'b'] }]
  const there = { plans: [plan('app', 'change', 'spec.a', 'spec.b'), plan('web', 'unchanged')], restarts, secrets }
  const changes = [
    { path: 'spec.b', before: 1, after: 2 },
    { path: 'spec.a', before: 3, after: 4 },
  ]
  expect(between(there, { plans: [{ ...plan('app', 'change'), changes }], restarts: turned, secrets })).toEqual([])
})

test.each<[what: string, there: Partial<Doing>, here: Partial<Doing>, says: string]>([
  [
    'an object that would stay as it is',
    { plans: [plan('app', 'unchanged')] },
    { plans: [plan('app', 'change', 'spec.replicas')] },
    'Deployment/app is planned otherwise in the sandbox: change (spec.replicas) instead of nothing',
  ],
  [
    'one that is not there',
    { plans: [plan('app', 'change', 'spec.replicas')] },
    { plans: [plan('app', 'create')] },
    'Deployment/app is planned otherwise in the sandbox: create instead of change (spec.replicas)',
  ],
  [
    'a restart that is missing',
    { restarts: [{ ref: ref('app', 'edge'), because: ['image 2'] }] },
    {},
    'Deployment/app in namespace edge is planned otherwise in the sandbox: nothing instead of a restart for image 2',
  ],
  [
    'a Secret with more keys that change',
    { secrets: [{ name: 'keys', action: 'change', changedKeys: ['a'] }] },
    { secrets: [{ name: 'keys', action: 'change', changedKeys: ['b', 'a'] }] },
    'Secret/keys is planned otherwise in the sandbox: change a b instead of change a',
  ],
])('%s is told', (_, there, here, says) => {
  expect(between(there, here)).toEqual([says])
})

test('what may not be read in the environment is not compared', () => {
  expect(between({ plans: [plan('app', 'unknown')] }, { plans: [plan('app', 'change', 'spec.replicas')] })).toEqual([])
})

test('of many the first are named', () => {
  const plans = Array.from({ length: 8 }, (_, at) => plan(`app-${at}`, 'create'))
  const told = between({}, { plans })
  expect(told).toHaveLength(6)
  expect(told.at(-1)).toBe('3 more are planned otherwise in the sandbox')
})

test('a field that a sandbox has otherwise is not compared, and all else of its object is', () => {
  const fitted = new Map([[keyOf(ref('app')), ['spec.conversion']]])
  const compared = (there: Partial<Doing>, here: Partial<Doing>): string[] =>
    plannedOtherwise({ ...NONE, ...there }, { ...NONE, ...here }, 'shop', fitted)
  const whole = plan('app', 'change', 'spec.conversion.webhook.clientConfig.caBundle', 'spec.names')
  expect(compared({ plans: [plan('app', 'change', 'spec.conversion.webhook.clientConfig.caBundle')] }, {})).toEqual([])
  expect(compared({}, { plans: [plan('app', 'change', 'spec.conversion')] })).toEqual([])
  expect(compared({ plans: [whole] }, { plans: [plan('app', 'change', 'spec.names')] })).toEqual([])
  expect(compared({ plans: [whole] }, {})).toEqual([
    'Deployment/app is planned otherwise in the sandbox: nothing instead of change (spec.names)',
  ])
  expect(compared({ plans: [plan('app', 'replace', 'spec.conversion')] }, {})).toHaveLength(1)
})
