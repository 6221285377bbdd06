import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { KubeObject } from '../../../src/domain/kube.ts'
import {
  applied,
  fieldsOf,
  legacyShop,
  marksIn,
  migrating,
  SOURCE,
  undoes,
} from '../../support/fake-cluster/legacy-shop.ts'
import type { Shop } from '../../support/fake-cluster/shop.ts'

/** One more object of the namespace, and who knows of it. */
interface Extra {
  readonly kind: 'ConfigMap' | 'Service' | 'Deployment'
  /** As a generator names it. */
  readonly hash: string
  readonly label: boolean
  readonly inSource: boolean
  readonly inChart: boolean
  /** By whom it was made: `kubectl apply` leaves a note. */
  readonly noted: boolean
  /** Since it was applied. */
  readonly changed: boolean
}

const extra: fc.Arbitrary<Extra> = fc.record({
  kind: fc.constantFrom('ConfigMap', 'Service', 'Deployment'),
  hash: fc.constantFrom('', '-7g4kb2', '-h9d8c2t'),
  ...{ label: fc.boolean(), inSource: fc.boolean(), inChart: fc.boolean(), noted: fc.boolean(), changed: fc.boolean() },
})

function objectOf({ kind, hash, label }: Extra, at: number): KubeObject {
  const name = `extra-${at}${hash}`
  const labels = { app: name }
  const metadata = { name, namespace: 'shop', ...(label ? { labels } : {}) }
  const template = { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a:1' }] } }
  if (kind === 'ConfigMap') return { apiVersion: 'v1', kind, metadata, data: { a: '1' } }
  if (kind === 'Service') return { apiVersion: 'v1', kind, metadata, spec: { selector: labels } }
  return { apiVersion: 'apps/v1', kind, metadata, spec: { replicas: 1, selector: { matchLabels: labels }, template } }
}

function changedBy(object: KubeObject): KubeObject {
  const { labels, managedFields = [] } = object.metadata
  const fieldsV1 = { 'f:metadata': { 'f:labels': { 'f:hand': {} } } }
  const entry = { manager: 'kubectl-label', operation: 'Update', fieldsV1 } as const
  const noted = managedFields.length === 0 ? [] : [...managedFields, entry]
  return { ...object, metadata: { ...object.metadata, labels: { ...labels, hand: 'made' }, managedFields: noted } }
}

function versions(shop: Shop, names: ReadonlySet<string>): unknown[] {
  const found = shop.cluster.store.all().filter(({ metadata }) => names.has(metadata.name))
  return found.map(({ kind, metadata }) => [kind, metadata.name, metadata.uid, metadata.resourceVersion])
}

test('whatever a namespace holds: what is foreign is not touched, nothing is lost, and all of it comes back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(extra, { maxLength: 6 }), async (extras) => {
      const made = extras.map((one, at) => ({ one, object: objectOf(one, at) }))
      const shop = legacyShop(made.flatMap(({ one, object }) => (one.inChart ? object : [])))
      for (const { one, object } of made) {
        const live = one.noted ? applied(object) : object
        shop.cluster.store.put(one.changed ? changedBy(live) : live)
      }
      const source = made.flatMap(({ one, object }) =>
        one.inSource ? { object, at: { file: 'more.yaml', line: 1 } } : [],
      )
      const theirs = made.filter(({ one }) => !one.inChart && (!one.inSource || !one.noted || one.changed))
      const names = new Set(theirs.map(({ object }) => object.metadata.name))
      const [before, untouched] = [fieldsOf(shop), versions(shop, names)]
      const migrates = migrating({}, [...SOURCE, ...source])

      expect((await migrates(shop.run())).report.outcome).toBe('deployed')
      expect(versions(shop, names)).toEqual(untouched)
      expect((await migrates(shop.run())).report.outcome).toBe('unchanged')
      expect((await undoes(shop.run())).report.outcome).toBe('rolled-back')
      expect(fieldsOf(shop)).toEqual(before)
      expect(marksIn(shop)).toEqual([])
      expect(versions(shop, names)).toEqual(untouched)
    }),
    { numRuns: 15 },
  )
})
