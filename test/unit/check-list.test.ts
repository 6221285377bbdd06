import { expect, test } from '@jest/globals'
import { Shop } from '../support/fake-cluster/shop.ts'
import type { SavedPlan } from '../../src/domain/plan/saved.ts'
import { BEFORE_DEPLOY, BEFORE_ROLLBACK, beforeSaved } from '../../src/flows/plan/check-list.ts'
import { checkPlannedNames } from '../../src/flows/desire/planned-names.ts'
import { OF_JOURNAL, OF_PROJECT } from '../../src/flows/observe/observe.ts'
import { checkLeftOut } from '../../src/flows/observe/left-out.ts'

const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' } }
const storage = { ...claim, spec: { storageClassName: 'none', resources: { requests: { storage: '1Gi' } } } }
const odd = { apiVersion: 'x.io/v1', kind: 'Odd', metadata: { name: 'odd' } }
const own = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }
const away = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'away', namespace: 'elsewhere' } }
const twice = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'top' } }

test.each([
  ['E_STORAGE_CLASS', [away, storage]],
  ['E_CRD_MISSING', [away, storage, odd]],
  ['E_OWN_NAMESPACE', [away, storage, odd, own]],
  ['E_OBJECT_TWICE', [away, storage, odd, own, twice]],
])('of several refusals %s is told, in the order of the list', async (code, more) => {
  const shop = new Shop().set('base', { more })
  const [deployed, planned] = [await shop.copy().run().deploy(), await shop.copy().run().plan()]
  expect([deployed.error?.code, planned.error?.code]).toEqual([code, code])
})

test('a saved plan is compared before drift is told, and its names were looked at when it was made', () => {
  const { rendered, foreseen } = beforeSaved({} as SavedPlan)
  expect(rendered).toEqual(BEFORE_DEPLOY.rendered.filter((one) => one !== checkPlannedNames))
  expect(foreseen.filter((one) => BEFORE_DEPLOY.foreseen.includes(one))).toEqual(BEFORE_DEPLOY.foreseen)
  expect([foreseen.length, foreseen.at(-1)]).toEqual([BEFORE_DEPLOY.foreseen.length + 1, BEFORE_DEPLOY.foreseen.at(-1)])
})

test('what goes back is checked in the order of a deploy', () => {
  for (const moment of ['found', 'compared', 'asking', 'foreseen'] as const) {
    const back: readonly unknown[] = BEFORE_ROLLBACK[moment]
    expect(BEFORE_DEPLOY[moment].filter((one) => back.includes(one))).toEqual(back)
  }
})

test('what forge.yaml leaves out is no matter of what ran once', () => {
  expect(OF_JOURNAL).toEqual(OF_PROJECT.filter((one) => one !== checkLeftOut))
})
