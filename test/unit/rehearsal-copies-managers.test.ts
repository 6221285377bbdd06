import { describe, expect, test } from '@jest/globals'
import type { KubeObject, ManagedFields, ObjectMeta } from '../../src/domain/kube.ts'
import { statusLike, withManagers, withoutGitops } from '../../src/domain/rehearsal/managers.ts'

const object = (kind: string, fields: Record<string, unknown>, metadata: Partial<ObjectMeta> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'web', namespace: 'shop', ...metadata },
  ...fields,
})
const owns = (manager: string, fieldsV1: unknown, more: Partial<ManagedFields> = {}): ManagedFields =>
  ({
    manager,
    operation: 'Apply',
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...more,
  }) as ManagedFields

describe('marks of GitOps tools', () => {
  const FLUX = { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' }
  const argo = owns('argocd-controller', { 'f:data': {} })
  test.each<[string, Partial<ObjectMeta>, Partial<ObjectMeta>]>([
    ['of Flux', { labels: { ...FLUX, app: 'web' } }, { labels: { app: 'web' } }],
    ['of a HelmRelease', { labels: { 'helm.toolkit.fluxcd.io/name': 'web' } }, {}],
    ['tracked by Argo CD', { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:/ConfigMap:shop/web' } }, {}],
    [
      'written by Argo CD',
      { labels: { 'app.kubernetes.io/instance': 'shop' }, managedFields: [argo, owns('helm', {})] },
      { labels: { 'app.kubernetes.io/instance': 'shop' }, managedFields: [owns('helm', {})] },
    ],
    [
      'none',
      { labels: { app: 'web' }, annotations: { 'argocd.argoproj.io/sync-wave': '1' } },
      { labels: { app: 'web' }, annotations: { 'argocd.argoproj.io/sync-wave': '1' } },
    ],
  ])('%s', (_, metadata, expected) => {
    expect(withoutGitops(object('ConfigMap', {}, metadata))).toEqual(object('ConfigMap', {}, expected))
  })
})

test('a copy is owned as its original is, but for what controllers say of it', () => {
  const theirs = [owns('helm', { 'f:data': {} }), owns('kubectl-edit', { 'f:spec': {} }, { operation: 'Update' })]
  const status = owns('kube-controller-manager', { 'f:status': {} }, { subresource: 'status' })
  const scale = owns('kubectl', { 'f:spec': {} }, { subresource: 'scale' })
  const here = owns('kube-controller-manager', { 'f:status': { 'f:here': {} } }, { subresource: 'status' })
  const created = object('Deployment', {}, { resourceVersion: '9', managedFields: [owns('forge', {}), here] })
  const original = object('Deployment', {}, { managedFields: [...theirs, status, scale] })
  expect(withManagers(created, original).metadata).toMatchObject({
    resourceVersion: '9',
    managedFields: [...theirs, scale, here],
  })
  expect(withManagers(created, object('Deployment', {}))).toBe(created)
})

describe('a status', () => {
  const live = (status: unknown, apiVersion = 'example.test/v1'): KubeObject => ({
    ...object('Cluster', { status }, { generation: 7 }),
    apiVersion,
  })
  const created = object('Cluster', {}, { generation: 1, uid: 'here' })
  test.each<[string, KubeObject, unknown]>([
    [
      'of this spec',
      live({ observedGeneration: 7, conditions: [{ type: 'Ready', status: 'True', observedGeneration: 7 }] }),
      { observedGeneration: 1, conditions: [{ type: 'Ready', status: 'True', observedGeneration: 1 }] },
    ],
    ['of an older one', live({ observedGeneration: 6 }), { observedGeneration: 0 }],
    ['without', live({ phase: 'Running' }), { phase: 'Running' }],
    [
      'per parent',
      live({ parents: [{ conditions: [{ observedGeneration: 7 }] }, { conditions: [{ observedGeneration: 3 }] }] }),
      { parents: [{ conditions: [{ observedGeneration: 1 }] }, { conditions: [{ observedGeneration: 0 }] }] },
    ],
    [
      'of External Secrets',
      live({ syncedResourceVersion: '7-abc' }, 'external-secrets.io/v1'),
      { syncedResourceVersion: '1-abc' },
    ],
  ])('%s', (_, given, expected) => {
    expect(statusLike(given, created)).toEqual({ ...created, status: expected })
  })
  test('none is none', () => {
    expect(statusLike(object('Cluster', {}), created)).toBe(created)
  })
})
