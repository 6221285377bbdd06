import { expect, test } from '@jest/globals'
import type { KubeObject, ManagedFields } from '../../src/domain/kube.ts'
import { inPlaceOfGitops } from '../../src/domain/rehearsal/in-place-of.ts'

const FLUX = { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' }
const AT = '2026-11-28T20:00:00.000Z'

const service = (name: string, metadata: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop', ...metadata },
  spec: { type: 'ClusterIP', clusterIP: '10.96.0.9', selector: { app: name } },
})
const applied: ManagedFields = {
  ...{ manager: 'kustomize-controller', operation: 'Apply', apiVersion: 'v1' },
  fieldsV1: { 'f:spec': { 'f:selector': {} }, 'f:metadata': { 'f:labels': { 'f:app': {} } } },
}

test('what a GitOps tool applied stands as if helm had, with a record of what was stated', () => {
  const edge = service('edge', { labels: { ...FLUX, app: 'edge' }, managedFields: [applied] })
  const marks = { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': 'shop' }
  const web = service('web', { labels: { 'helm.toolkit.fluxcd.io/name': 'web' }, annotations: marks })
  const release = (name: string, history: readonly unknown[], object: KubeObject) => ({
    ...{ release: { name, namespace: 'shop' }, history },
    rendered: [{ object, template: '' }],
  })
  const releases = [release('plain', [], edge), release('web', ['a record'], web), release('new', [], service('none'))]
  const { objects, records } = inPlaceOfGitops(releases, [edge, web, service('beside')], AT)
  expect(objects.map(({ metadata }) => [metadata.name, metadata.labels, metadata.annotations])).toEqual([
    [
      'edge',
      { app: 'edge', 'app.kubernetes.io/managed-by': 'Helm' },
      { 'meta.helm.sh/release-name': 'plain', 'meta.helm.sh/release-namespace': 'shop' },
    ],
    ['web', undefined, marks],
    ['beside', undefined, undefined],
  ])
  expect(objects[0]?.metadata.managedFields).toEqual([{ ...applied, manager: 'helm' }])
  expect(records).toMatchObject([{ namespace: 'shop', record: { name: 'plain', revision: 1, status: 'deployed' } }])
  const manifest = records[0]?.record.manifest ?? ''
  expect([manifest.includes('selector'), manifest.includes('10.96'), manifest.includes('toolkit')]).toEqual([
    true,
    false,
    false,
  ])
})
