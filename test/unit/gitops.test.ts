import { expect, test } from '@jest/globals'
import { gitopsOwned, gitopsOwner, ownerName } from '../../src/domain/gitops.ts'
import type { KubeObject, ObjectMeta } from '../../src/domain/kube.ts'

const web = (metadata: Partial<ObjectMeta>): KubeObject => {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop', ...metadata } }
}
const label = (labels: Record<string, string>, manager = 'helm'): KubeObject => {
  return web({ labels, managedFields: [{ manager, operation: 'Apply' }] })
}
const tracked = (id: string, metadata: Partial<ObjectMeta> = {}): KubeObject =>
  web({ ...metadata, annotations: { 'argocd.argoproj.io/tracking-id': id } })

const KUSTOMIZE = {
  'kustomize.toolkit.fluxcd.io/name': 'apps',
  'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
}
const HELM = { 'helm.toolkit.fluxcd.io/name': 'web', 'helm.toolkit.fluxcd.io/namespace': 'shop' }

test.each<[string, KubeObject, string | undefined]>([
  ['nothing', web({}), undefined],
  ['a Kustomization', label(KUSTOMIZE), 'Kustomization flux-system/apps'],
  ['a HelmRelease', label(HELM), 'HelmRelease shop/web'],
  ['a HelmRelease in what a Kustomization made', label({ ...KUSTOMIZE, ...HELM }), 'HelmRelease shop/web'],
  ['half of the marks', label({ 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' }), undefined],
  ['a name alone', label({ 'kustomize.toolkit.fluxcd.io/name': 'apps' }), 'Kustomization apps'],
  ['an Application', tracked('shop:apps/Deployment:shop/web'), 'Application shop'],
  ['an Application in another namespace', tracked('team_shop:apps/Deployment:shop/web'), 'Application team/shop'],
  ['a mark that was copied from its owner', tracked('shop:apps/Deployment:shop/other'), undefined],
  ['one copied from another kind', tracked('shop:apps/StatefulSet:shop/web'), undefined],
  ['one copied from another group', tracked('shop:/Deployment:shop/web'), undefined],
  ['one copied from another namespace', tracked('shop:apps/Deployment:edge/web'), undefined],
  ['a mark that nobody can read', tracked('shop'), 'Application shop'],
  [
    'the label of charts, written by helm',
    label({ 'app.kubernetes.io/instance': 'shop', 'app.kubernetes.io/managed-by': 'Helm' }),
    undefined,
  ],
  [
    'the same, written by Argo CD',
    label({ 'app.kubernetes.io/instance': 'shop' }, 'argocd-controller'),
    'Application shop',
  ],
  ['written by Argo CD once, and no label any more', label({}, 'argocd-controller'), undefined],
  [
    'restarted by hand in the screen of Argo CD',
    label({ 'app.kubernetes.io/instance': 'shop' }, 'argocd-server'),
    undefined,
  ],
  ['its own label', label({ 'argocd.argoproj.io/instance': 'team_shop' }), 'Application team/shop'],
  ['an annotation for its order alone', web({ annotations: { 'argocd.argoproj.io/sync-wave': '1' } }), undefined],
])('%s', (_, object, expected) => {
  const owner = gitopsOwner(object)
  expect(owner === undefined ? undefined : ownerName(owner)).toBe(expected)
})

test('what has no namespace, and a name with a colon', () => {
  const role: KubeObject = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: {
      name: 'shop:reader',
      annotations: { 'argocd.argoproj.io/tracking-id': 'shop:rbac.authorization.k8s.io/ClusterRole:shop/shop:reader' },
    },
  }
  expect(gitopsOwner(role)).toMatchObject({ kind: 'Application', name: 'shop' })
})

test('of each owner one object is told', () => {
  const more = { ...label(KUSTOMIZE), kind: 'StatefulSet' }
  const found = gitopsOwned([web({}), label(KUSTOMIZE), more, label(HELM)])
  expect(found.map(({ object, owner }) => [object.kind, ownerName(owner)])).toEqual([
    ['Deployment', 'Kustomization flux-system/apps'],
    ['Deployment', 'HelmRelease shop/web'],
  ])
})
