import { describe, expect, test } from '@jest/globals'
import type { KubeObject, ManagedFields } from '../../src/domain/kube.ts'
import { asAdopted, asKept, handedBack, toMakeAgain, withoutTool } from '../../src/domain/migrate/adopted.ts'
import { LAST_APPLIED, statedOf } from '../../src/domain/migrate/stated.ts'

const RELEASE = { name: 'shop', namespace: 'prod' }

function live(more: Partial<KubeObject['metadata']> = {}, spec: unknown = {}): KubeObject {
  const metadata = { name: 'web', namespace: 'prod', uid: 'u1', resourceVersion: '7', ...more }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec, status: { replicas: 2 } }
}

const by = (manager: string, fieldsV1: unknown, more: Partial<ManagedFields> = {}): ManagedFields => {
  return { manager, operation: 'Update', fieldsV1, ...more }
}

describe('what was stated of an object before helm', () => {
  test('is what kubectl keeps in it, without what the API server adds', () => {
    const applied = {
      apiVersion: 'apps/v1beta1',
      kind: 'Deployment',
      metadata: { name: 'web', annotations: {} },
      spec: { replicas: 2 },
    }
    const object = live(
      { annotations: { [LAST_APPLIED]: JSON.stringify(applied), 'deployment.kubernetes.io/revision': '3' } },
      { replicas: 5 },
    )
    expect(statedOf(object, undefined)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'prod' },
      spec: { replicas: 2 },
    })
  })

  test('is its source where kubectl kept nothing, or nothing that can be read', () => {
    const source = live({ labels: { app: 'web' } }, { replicas: 3 })
    for (const text of [undefined, '{', '[]', '"text"']) {
      const object = live(text === undefined ? {} : { annotations: { [LAST_APPLIED]: text } }, { replicas: 5 })
      expect(statedOf(object, source)).toMatchObject({ metadata: { labels: { app: 'web' } }, spec: { replicas: 3 } })
    }
  })

  test('is what people and their tools own, where there is no source either', () => {
    const containers = [
      {
        name: 'web',
        image: 'web:1',
        terminationMessagePath: '/dev/termination-log',
        ports: [{ containerPort: 80, protocol: 'TCP' }],
      },
    ]
    const spec = { replicas: 4, progressDeadlineSeconds: 600, template: { spec: { containers } } }
    const managedFields = [
      by('kubectl-create', {
        'f:spec': {
          'f:template': {
            'f:spec': {
              'f:containers': {
                'k:{"name":"web"}': {
                  '.': {},
                  'f:image': {},
                  'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {} } },
                },
              },
            },
          },
        },
      }),
      by('kubectl', { 'f:spec': { 'f:replicas': {} } }, { subresource: 'scale' }),
      by('kube-controller-manager', { 'f:status': {}, 'f:spec': { 'f:progressDeadlineSeconds': {} } }),
      by('kubelet', { 'f:status': {} }, { subresource: 'status' }),
    ]
    expect(statedOf(live({ managedFields }, spec), undefined)['spec']).toEqual({
      replicas: 4,
      template: {
        spec: { containers: [{ name: 'web', image: 'web:1', ports: [{ containerPort: 80, protocol: 'TCP' }] }] },
      },
    })
  })
})

describe('an object that is taken over', () => {
  const managedFields = [
    by('kubectl-client-side-apply', { 'f:spec': {} }),
    by('kubectl', { 'f:spec': {} }, { operation: 'Apply' }),
    by('kubectl-edit', { 'f:spec': {} }),
    by('kubectl', { 'f:spec': {} }, { subresource: 'scale' }),
  ]
  const managers = (object: KubeObject | undefined): unknown =>
    object?.metadata.managedFields?.map(({ manager }) => manager)

  test("counts as helm's, but for what a person changed since", () => {
    const object = asAdopted(
      live({ managedFields, annotations: { [LAST_APPLIED]: JSON.stringify(live()) } }),
      RELEASE,
      false,
    )
    expect(managers(object)).toEqual(['helm', 'helm', 'kubectl-edit', 'kubectl'])
    expect(object.metadata.labels).toEqual({ 'app.kubernetes.io/managed-by': 'Helm' })
    expect(object.metadata.annotations).toMatchObject({
      'meta.helm.sh/release-name': 'shop',
      'meta.helm.sh/release-namespace': 'prod',
    })
  })

  test('where nothing tells what was stated from what was changed since, all is stated', () => {
    expect(managers(asAdopted(live({ managedFields }), RELEASE, false))).toEqual(['helm', 'helm', 'helm', 'kubectl'])
    expect(managers(asAdopted(live({ managedFields }), RELEASE, true))).toEqual([
      'helm',
      'helm',
      'kubectl-edit',
      'kubectl',
    ])
  })

  test('loses what kubectl left in it, and nothing else', () => {
    const object = withoutTool(live({ managedFields, annotations: { [LAST_APPLIED]: '{}', mine: '1' } }))
    expect(managers(object)).toEqual(['kubectl-edit', 'kubectl'])
    expect(object?.metadata.annotations).toEqual({ mine: '1' })
    expect(withoutTool(live({ managedFields: [by('helm', {})] }))).toBeUndefined()
  })

  test('a claim is told to stay once', () => {
    const kept = asKept(live())
    expect(kept?.metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' })
    expect(kept === undefined ? undefined : asKept(kept)).toBeUndefined()
  })
})

describe('an object that is given back', () => {
  test('has the labels and annotations that it had, and what controllers noted since', () => {
    const before = live({
      labels: { app: 'web' },
      annotations: { mine: '1', 'deployment.kubernetes.io/revision': '1' },
    })
    const now = asAdopted(live({ annotations: { 'deployment.kubernetes.io/revision': '3' } }), RELEASE, true)
    expect(handedBack(now, before, 'marks')?.metadata).toMatchObject({
      labels: { app: 'web' },
      annotations: { mine: '1', 'deployment.kubernetes.io/revision': '3' },
    })
    expect(handedBack(before, before, 'marks')).toBeUndefined()
  })

  test('has the managers that it had, and who tells its status', () => {
    const status = { ...by('kube-controller-manager', {}), subresource: 'status' }
    const before = live({ managedFields: [by('kubectl', {}), { ...status, time: '2026-01-01T00:00:00Z' }] })
    const now = live({ managedFields: [by('helm', {}), by('forge', {}), status] })
    const given = handedBack(now, before, 'managers')
    expect(given?.metadata.managedFields).toEqual([by('kubectl', {}), status])
    expect(given === undefined ? undefined : handedBack(given, before, 'managers')).toBeUndefined()
  })

  test('is made again without what the cluster gave it', () => {
    const { metadata, ...rest } = toMakeAgain(
      live({ ownerReferences: [], generation: 4, labels: { app: 'web' } }, { replicas: 2 }),
    )
    expect(metadata).toEqual({ name: 'web', namespace: 'prod', labels: { app: 'web' } })
    expect(rest).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 2 } })
  })

  test('a Job that had ended does not run once more', () => {
    const labels = { 'controller-uid': 'u', 'batch.kubernetes.io/job-name': 'j', own: '1' }
    const job = (status: object): KubeObject => ({
      ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j', namespace: 'prod', labels } },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: {} } },
      status,
    })
    for (const type of ['Complete', 'Failed']) {
      const ended = toMakeAgain(job({ conditions: [{ type, status: 'True' }] }))
      expect(ended['spec']).toEqual({ template: { metadata: { labels: { own: '1' } }, spec: {} }, suspend: true })
      expect(ended.metadata.labels).toEqual({ own: '1' })
    }
    expect(toMakeAgain(job({}))['spec']).toEqual({ template: { metadata: { labels: { own: '1' } }, spec: {} } })
  })
})
