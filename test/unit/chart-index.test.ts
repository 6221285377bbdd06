import { expect, test } from '@jest/globals'
import { digestInIndex } from '../../src/domain/helm/chart-index.ts'
import { missingDependencies } from '../../src/domain/helm/dependencies.ts'
import { sha256 } from '../../src/adapters/helm/fetched-charts.ts'

const INDEX = `apiVersion: v1
entries:
  db:
  - name: db
    version: 1.2.3
    digest: aaaa1111
  - name: db
    version: v1.2.4
    digest: sha256:bbbb2222
  db-tools:
  - name: db-tools
    version: 1.2.3
    digest: cccc3333
generated: "2026-11-28T00:00:00Z"
`

test.each([
  ['db', '1.2.3', 'aaaa1111'],
  ['db', '1.2.4', 'bbbb2222'],
  ['db-tools', '1.2.3', 'cccc3333'],
  ['db', '9.9.9', undefined],
  ['cache', '1.2.3', undefined],
])('the digest of %s %s', (name, version, digest) => {
  expect(digestInIndex(INDEX, { name, version })).toBe(digest)
  // Written by another program: as JSON.
  const json = '{"entries":{"db":[{"version":"1.2.3","digest":"aaaa1111"}]}}'
  if (name === 'db' && version === '1.2.3') expect(digestInIndex(json, { name, version })).toBe(digest)
})

/** Written by helm 3.22 for this Chart.yaml. */
const CHART = `apiVersion: v2
name: x
version: 0.1.0
dependencies:
  - name: inner
    version: ">=1.0.0 <2"
    repository: file://../inner
    condition: inner.enabled
    tags: [a]
    import-values: [data, { parent: p, child: c }]
    alias: other
  - name: inner
    version: 1.x.x
    repository: file://../inner
`

const LOCK = `dependencies:
- name: inner
  repository: file://../inner
  version: 1.2.3
- name: inner
  repository: file://../inner
  version: 1.2.3
digest: sha256:16916cda2c78c12274406d82b71561df6c0f90442c9627f18972bcdf7da49506
generated: "2026-11-28T05:00:50.943555027Z"
`

const locked = (chart: string, lock: string) => {
  const files = [
    { name: 'Chart.yaml', text: () => chart },
    { name: 'Chart.lock', text: () => lock },
  ]
  const [first] = missingDependencies(files)
  return first?.lock === undefined ? undefined : first.lock.digest === `sha256:${sha256(first.lock.of)}`
}

test('a lock is that of its Chart.yaml by the digest that helm makes', () => {
  expect(locked(CHART, LOCK)).toBe(true)
  expect(locked(CHART.replace('<2', '<3'), LOCK)).toBe(false)
  expect(locked(CHART.replace('alias: other', 'alias: another'), LOCK)).toBe(false)
  expect(locked(CHART, LOCK.replace('1.2.3', '1.2.4'))).toBe(false)
  expect(locked(CHART, 'dependencies: []\n')).toBeUndefined()
})
