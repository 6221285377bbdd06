import { expect, test } from '@jest/globals'
import { keyOf, type KubeObject } from '../../src/domain/kube.ts'
import { asTheirs, asTheyApply } from '../../src/domain/plan/managed.ts'

const web = (metadata: Partial<KubeObject['metadata']>): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', ...metadata },
  spec: { replicas: 2 },
})
const applied = (rendered: KubeObject, live: KubeObject | undefined): KubeObject['metadata'] | undefined =>
  asTheyApply([{ object: rendered, template: 'web.yaml' }], new Map(live === undefined ? [] : [[keyOf(live), live]]))[0]
    ?.object.metadata

test.each([
  ['of a HelmRelease', { 'helm.toolkit.fluxcd.io/name': 'shop', 'helm.toolkit.fluxcd.io/namespace': 'flux' }],
  ['of a Kustomization', { 'kustomize.toolkit.fluxcd.io/name': 'a', 'kustomize.toolkit.fluxcd.io/namespace': 'b' }],
  ['of an Application', { 'argocd.argoproj.io/instance': 'shop' }],
])('the marks %s are as good as rendered; what somebody else put there is not', (_, labels) => {
  const live = web({ labels: { app: 'web', ...labels, mine: '1' } })
  expect(applied(web({ labels: { app: 'web' } }), live)).toEqual(web({ labels: { app: 'web', ...labels } }).metadata)
})

test.each([
  ['Argo CD wrote, by which it tracks', 'argocd-controller', 'shop'],
  ['somebody else wrote', 'kubectl', undefined],
])('the label of an instance that %s', (_, manager, expected) => {
  const live = web({
    labels: { 'app.kubernetes.io/instance': 'shop' },
    managedFields: [{ manager, operation: 'Apply' as const }],
  })
  expect(applied(web({}), live)?.labels?.['app.kubernetes.io/instance']).toBe(expected)
})

test.each([
  ['shop-1.0.0', 'shop-1.0.0_42d5c1ccf127', 'shop-1.0.0_42d5c1ccf127'],
  ['shop-1.0.0', 'shop-1.0.0+42d5c1ccf127', 'shop-1.0.0+42d5c1ccf127'],
  ['shop-1.1.0', 'shop-1.0.0_42d5c1ccf127', 'shop-1.1.0'],
  ['shop-1.0.0', 'shop-1.0.0-rc.1', 'shop-1.0.0'],
])('a chart %s of which %s is live is %s', (wanted, now, shown) => {
  const chart = (version: string): KubeObject => web({ labels: { 'helm.sh/chart': version } })
  expect(applied(chart(wanted), chart(now))?.labels).toEqual({ 'helm.sh/chart': shown })
})

test('an object that is not there, or has no marks, stays as it is rendered', () => {
  const plain = web({})
  expect([applied(plain, undefined), applied(plain, web({ labels: { mine: '1' } }))]).toEqual([
    plain.metadata,
    plain.metadata,
  ])
})

test("what a controller wrote counts as the release's own", () => {
  const managers = ['helm-controller', 'kustomize-controller', 'argocd-controller', 'kubectl']
  const live = web({ managedFields: managers.map((manager) => ({ manager, operation: 'Apply' as const })) })
  expect(asTheirs(live).metadata.managedFields?.map(({ manager }) => manager)).toEqual([
    'helm',
    'helm',
    'helm',
    'kubectl',
  ])
})
