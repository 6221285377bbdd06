import { afterAll, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { kubectl, object } from '../support/cluster.ts'
import { identities } from '../support/legacy-stack.ts'
import { helmRecords, migrate, stated } from '../support/migrating.ts'
import { SMALL_OBJECTS, smallLegacy, type SmallLegacy } from '../support/small-legacy.ts'

// Charts that differ from the old stack as charts of the world do: nothing of it is lost, and all of it comes back.
const made: string[] = []

afterAll(async () => {
  if (made.length > 0) await kubectl(['delete', 'namespace', ...made, '--wait=false'])
})

interface Shape {
  readonly what: string
  /** What was applied, by the name of its file. */
  readonly old?: Readonly<Record<string, object>>
  /** `apply` where nothing else is said. */
  readonly how?: readonly string[]
  /** What happened since it was applied. */
  readonly since?: (namespace: string) => Promise<unknown>
  /** Makes the chart another one. */
  readonly chart?: (stack: SmallLegacy) => Promise<void>
  readonly args?: readonly string[]
  /** Once it is migrated. */
  readonly now?: (namespace: string) => Promise<void>
}

const AUTOSCALER = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 2, maxReplicas: 4 },
}
const { replicas: _replicas, ...uncounted } = SMALL_OBJECTS.deployment.spec
const scaled = async (namespace: string): Promise<void> => {
  await kubectl(['-n', namespace, 'wait', 'deployment/web', '--for=jsonpath={.spec.replicas}=2', '--timeout=60s'])
  await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web'])
}

const LABELS = { app: 'store' }
const claimed = (words: object): object => ({
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...words },
})
const store = (words: object = {}, ofClaim: object = {}): object => ({
  ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'store' } },
  spec: {
    ...{ serviceName: 'store', selector: { matchLabels: LABELS }, ...words },
    template: {
      metadata: { labels: LABELS },
      spec: { containers: [{ name: 'store', image: 'store:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }] },
    },
    volumeClaimTemplates: [claimed(ofClaim)],
  },
})
const SECRET = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'store' }, stringData: { A: 'not-so-secret' } }

const BY_HAND = [
  ['set', 'image', 'deployment/web', 'web=web:1-hand'],
  ['set', 'env', 'deployment/web', 'BY_HAND=1'],
  ['set', 'resources', 'deployment/web', '--limits=cpu=100m'],
  ['scale', 'deployment/web', '--replicas=0'],
  ['scale', 'deployment/web', '--replicas=2'],
  ['annotate', 'deployment/web', 'who=me'],
  ['label', 'service/web', 'who=me'],
  ['patch', 'service/web', '--patch', '{"spec":{"sessionAffinity":"ClientIP"}}'],
  ['patch', 'configmap/web', '--patch', '{"data":{"COLOUR":"red","MORE":"1"}}'],
  ['rollout', 'restart', 'deployment/web'],
]
const byHand = async (namespace: string): Promise<void> => {
  for (const args of BY_HAND) await kubectl(['-n', namespace, ...args])
  await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web'])
}
/** Its own words, otherwise than the old stack has them. */
const differs = async ({ project }: SmallLegacy): Promise<void> => {
  await project.edit(
    'chart/templates/deployment.yaml',
    'readinessProbe:',
    'securityContext: { runAsUser: 7 }\n          readinessProbe:',
  )
  await project.edit('chart/templates/service.yaml', 'name: http\n', 'name: http\n      appProtocol: http\n')
}

const SHAPES: readonly Shape[] = [
  {
    what: 'pods get an account of their own',
    chart: async ({ project }) => {
      const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web' } }
      await project.write('chart/templates/account.yaml', stringify(account))
      await project.edit('chart/templates/deployment.yaml', 'containers:', 'serviceAccountName: web\n      containers:')
    },
  },
  {
    what: 'pods lose their account, and a Secret a text',
    old: {
      ...SMALL_OBJECTS,
      account: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web' } },
      deployment: JSON.parse(
        JSON.stringify(SMALL_OBJECTS.deployment).replace('"containers"', '"serviceAccountName":"web","containers"'),
      ) as object,
      secret: { ...SECRET, stringData: { ...SECRET.stringData, B: 'not-so-secret-2' } },
    },
    chart: async ({ project }) => {
      await project.write('chart/templates/secret.yaml', stringify({ ...SECRET, stringData: { C: 'not-so-secret-3' } }))
    },
    now: async (namespace) => {
      const { template } = (await object('deployment', 'web', namespace))?.spec as { template: { spec: object } }
      expect(template.spec).not.toHaveProperty('serviceAccountName')
      expect(await object('serviceaccount', 'web', namespace)).toBeUndefined()
      expect(Object.keys((await object('secret', 'store', namespace))?.data ?? {})).toEqual(['C'])
    },
  },
  {
    what: 'an autoscaler stays with the old stack, and the chart has a count',
    old: { ...SMALL_OBJECTS, deployment: { ...SMALL_OBJECTS.deployment, spec: uncounted }, autoscaler: AUTOSCALER },
    since: scaled,
    chart: async ({ project }) => await project.edit('chart/values.yaml', 'replicas: 1', 'replicas: 2'),
  },
  {
    what: 'an autoscaler comes along, and the chart has no count',
    old: { ...SMALL_OBJECTS, autoscaler: AUTOSCALER },
    since: scaled,
    chart: async ({ project }) => {
      await project.edit('chart/templates/deployment.yaml', 'replicas: {{ .Values.replicas }}', 'minReadySeconds: 1')
      await project.write('chart/templates/autoscaler.yaml', stringify(AUTOSCALER))
    },
  },
  {
    what: 'the chart says what the API server had said, and gives up what that had given',
    old: {
      ...{ ...SMALL_OBJECTS, store: store(), secret: SECRET },
      service: { ...SMALL_OBJECTS.service, spec: { ...SMALL_OBJECTS.service.spec, type: 'NodePort' } },
    },
    since: async (namespace) => await kubectl(['-n', namespace, 'rollout', 'status', 'statefulset/store']),
    chart: async ({ project }) => {
      const words = { podManagementPolicy: 'OrderedReady', updateStrategy: { type: 'RollingUpdate' } }
      await project.write('chart/templates/store.yaml', stringify(store(words, { volumeMode: 'Filesystem' })))
      await project.write('chart/templates/secret.yaml', stringify({ ...SECRET, type: 'Opaque' }))
    },
  },
  { what: 'made by kubectl create', how: ['create'], chart: differs },
  { what: 'applied on the server', how: ['apply', '--server-side'], chart: differs },
  { what: 'changed by hand', since: byHand, args: ['--overwrite-drift'], chart: differs },
  {
    ...{ what: 'made by kubectl create, and changed by hand', how: ['create'], since: byHand },
    ...{ args: ['--overwrite-drift'], chart: differs },
  },
  {
    ...{ what: 'applied on the server, and changed by hand', how: ['apply', '--server-side'], since: byHand },
    ...{ args: ['--overwrite-drift'], chart: differs },
  },
]

test.each(SHAPES)('$what: it all comes back, after a failure and on demand', async (shape) => {
  const { old = SMALL_OBJECTS, how, since, chart, args = [], now } = shape
  const stack = await smallLegacy(old, how)
  const { namespace } = stack
  made.push(namespace)
  await since?.(namespace)
  await chart?.(stack)
  const [fields, before] = [await stated(namespace), await uids(namespace)]

  const failed = await migrate(stack, '--from', 'old', ...args, '--set', 'image=registry.invalid/web:2')
  expect(failed).toMatchObject({ status: 4, report: { outcome: 'restored', verdict: { code: 'E_IMAGE_PULL' } } })
  expect(await stated(namespace)).toEqual(fields)
  expect(await uids(namespace)).toEqual(before)
  expect(await helmRecords(namespace)).toBe(0)

  const first = await migrate(stack, '--from', 'old', ...args)
  expect({ status: first.status, verdict: first.report.verdict }).toEqual({ status: 0, verdict: null })
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => first.report.adopted.includes(name)))
  expect(await uids(namespace)).toMatchObject(kept)
  await now?.(namespace)
  expect((await migrate(stack, '--from', 'old')).report.outcome).toBe('unchanged')

  const undone = await migrate(stack, '--undo')
  expect({ status: undone.status, verdict: undone.report.verdict }).toEqual({ status: 0, verdict: null })
  expect(await stated(namespace)).toEqual(fields)
  expect(await uids(namespace)).toMatchObject(kept)
  expect(await helmRecords(namespace)).toBe(0)
})

async function uids(namespace: string): Promise<Record<string, string>> {
  return Object.fromEntries([...(await identities(namespace))].map(([name, { uid }]) => [name, uid]))
}
