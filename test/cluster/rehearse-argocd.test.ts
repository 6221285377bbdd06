import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { defineKind, freshNamespace, kubectl, snapshot } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { ANYTHING, configMap, definitionOf, job, service, web } from '../support/manifests.ts'
import { smallProject, type Manifest, type Small } from '../support/small.ts'
import type { RehearsalReport } from '../../src/flows/rehearse/rehearse.ts'

// What Argo CD has applied: forge deploys nothing there, and rehearses what Argo CD will.
const ARGO = freshNamespace('argocd')

beforeAll(async () => {
  // The real one has no subresource either.
  await defineKind(definitionOf('argoproj.io', 'Application', { name: 'v1alpha1', schema: ANYTHING }))
  await kubectl(['create', 'namespace', ARGO])
  const name = 'argocd-application-controller'
  const { spec } = web({ name }) as Manifest & { readonly spec: object }
  const controller = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name },
    spec: { ...spec, serviceName: name },
  }
  await kubectl(['apply', '-n', ARGO, '-f', '-'], JSON.stringify(controller))
  await kubectl(['rollout', 'status', `statefulset/${name}`, '-n', ARGO, '--timeout=30s'])
}, 60_000)

afterAll(async () => {
  await kubectl(['delete', 'namespace', ARGO, '--wait=false'])
  await kubectl(['delete', 'crd', 'applications.argoproj.io', '--ignore-not-found', '--wait=false'])
})

/** How an object tells whose it is (application.resourceTrackingMethod). */
type Marks = (object: Manifest, namespace: string) => { readonly labels?: object; readonly annotations?: object }

const byAnnotation: Marks = ({ apiVersion, kind, metadata: { name } }, namespace) => {
  const [group = ''] = String(apiVersion).includes('/') ? String(apiVersion).split('/') : []
  return { annotations: { 'argocd.argoproj.io/tracking-id': `shop:${group}/${kind}:${namespace}/${name}` } }
}
const byLabel: Marks = () => ({ labels: { 'app.kubernetes.io/instance': 'shop' } })

/** A sync, by its controller: on the server, or as kubectl applies. */
async function argoApplies(
  namespace: string,
  objects: readonly Manifest[],
  marks: Marks,
  onServer: boolean,
): Promise<void> {
  for (const one of objects) {
    const { labels = {}, annotations = {} } = marks(one, namespace)
    const had = one.metadata as { readonly labels?: object; readonly annotations?: object }
    const metadata = {
      ...one.metadata,
      labels: { ...had.labels, ...labels },
      annotations: { ...had.annotations, ...annotations },
    }
    const how = onServer ? ['--server-side'] : []
    await kubectl(
      ['apply', ...how, '--field-manager=argocd-controller', '-n', namespace, '-f', '-'],
      JSON.stringify({ ...one, metadata }),
    )
  }
}

const application = (status?: object): Manifest => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'shop' },
  spec: { project: 'default', source: { repoURL: 'https://git.example.test/shop', path: 'chart' } },
  ...(status === undefined ? {} : { status }),
})

const objectsOf = (level: string, ...more: readonly Manifest[]): Manifest[] => [
  configMap('settings', { level }),
  service('web'),
  web({ probe: true, replicas: 2, env: { LEVEL: level } }),
  ...more,
]

async function standing(prefix: string, marks: Marks, onServer: boolean): Promise<Small> {
  const namespace = freshNamespace(prefix)
  const small = await smallProject(namespace, 4, objectsOf('1'))
  await small.project.configure(['environments', 'test', 'managedBy'], 'argocd')
  await small.project.configure(['stages'], { app: { wait: ['Deployment/web'], timeout: '30s' } })
  await kubectl(['create', 'namespace', namespace])
  await argoApplies(namespace, objectsOf('1'), marks, onServer)
  await kubectl(['rollout', 'status', 'deployment/web', '-n', namespace, '--timeout=30s'])
  const whole = { sync: { status: 'Synced' }, health: { status: 'Healthy' } }
  const { spec } = application() as Manifest & { readonly spec: object }
  const destination = { server: 'https://kubernetes.default.svc', namespace }
  await kubectl(
    ['apply', '-n', ARGO, '-f', '-'],
    JSON.stringify({ ...application(whole), metadata: { name: `shop-${prefix}` }, spec: { ...spec, destination } }),
  )
  return small
}

async function rehearse(small: Small, ...flags: string[]): Promise<RehearsalReport> {
  return document<RehearsalReport>(await small.run('rehearse' as 'plan', ['--json', ...flags]))
}

const said = ({ outcome, verdict, rehearsal }: RehearsalReport): unknown => ({
  outcome,
  verdict,
  summary: rehearsal?.summary,
})

describe.each<[string, Marks, boolean]>([
  ['annotations, on the server', byAnnotation, true],
  ['labels, as kubectl applies', byLabel, false],
])('what Argo CD has applied, tracked by %s', (_, marks, onServer) => {
  test('goes through without a change and with one, and comes back after a failure', async () => {
    const small = await standing(onServer ? 'argo-server' : 'argo-client', marks, onServer)
    const before = await snapshot(small.namespace)
    const same = await rehearse(small)
    const summary = expect.stringMatching(/^rehearsed: the deploy changes nothing, and proves that in/u)
    expect(said(same)).toEqual({ outcome: 'rehearsed', verdict: null, summary })
    expect(same.restarted).toEqual([])
    expect(same.rehearsal?.scene.notRehearsed.filter((text) => /planned otherwise|not there/u.test(text))).toEqual([])
    await small.render(objectsOf('2', configMap('more', { a: 'b' })))
    expect(said(await rehearse(small, '--fail', 'web=crash-loop', '--kill-at', 'upgrade'))).toEqual({
      outcome: 'rehearsed',
      verdict: null,
      summary: 'rehearsed: 2 failures, 2 explained, 2 restored',
    })
    expect(await snapshot(small.namespace)).toEqual(before)
  }, 240_000)
})

test('a deploy that would fail is told, with an Application of its own and a hook', async () => {
  const small = await standing('argo-fails', byAnnotation, true)
  const hook = {
    ...job('migrate', 'example.test/web:1'),
    metadata: { name: 'migrate', annotations: { 'argocd.argoproj.io/hook': 'PreSync' } },
  }
  await small.render(objectsOf('2', application(), hook))
  await small.project.configure(['stages'], {
    app: { wait: ['Deployment/web', 'Application/shop'], timeout: '30s' },
  })
  expect(said(await rehearse(small))).toMatchObject({ outcome: 'rehearsed', verdict: null })
  await small.render([
    configMap('settings', { level: '3' }),
    service('web'),
    web({ probe: true, image: 'gone.invalid/web:9' }),
  ])
  await small.project.configure(['stages'], { app: { wait: ['Deployment/web'], timeout: '30s' } })
  const failed = await rehearse(small)
  expect(failed.rehearsal?.deploy).toMatchObject({ outcome: 'rolled-back', verdict: { code: 'E_IMAGE_PULL' } })
  expect(said(failed)).toMatchObject({
    outcome: 'would-fail',
    summary: expect.stringContaining('web cannot pull image'),
  })
}, 180_000)
