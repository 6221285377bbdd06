import { afterAll, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { kubectl } from '../support/cluster.ts'
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
  /** What happened since it was applied. */
  readonly since?: (namespace: string) => Promise<unknown>
  /** Makes the chart another one. */
  readonly chart: (stack: SmallLegacy) => Promise<void>
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
]

test.each(SHAPES)(
  '$what: it all comes back, after a failure and on demand',
  async ({ old = SMALL_OBJECTS, since, chart }) => {
    const stack = await smallLegacy(old)
    const { namespace } = stack
    made.push(namespace)
    await since?.(namespace)
    await chart(stack)
    const fields = await stated(namespace)

    const failed = await migrate(stack, '--from', 'old', '--set', 'image=registry.invalid/web:2')
    expect(failed).toMatchObject({ status: 4, report: { outcome: 'restored', verdict: { code: 'E_IMAGE_PULL' } } })
    expect(await stated(namespace)).toEqual(fields)
    expect(await helmRecords(namespace)).toBe(0)

    const first = await migrate(stack, '--from', 'old')
    expect({ status: first.status, verdict: first.report.verdict }).toEqual({ status: 0, verdict: null })
    expect((await migrate(stack, '--from', 'old')).report.outcome).toBe('unchanged')

    const undone = await migrate(stack, '--undo')
    expect({ status: undone.status, verdict: undone.report.verdict }).toEqual({ status: 0, verdict: null })
    expect(await stated(namespace)).toEqual(fields)
    expect(await helmRecords(namespace)).toBe(0)
  },
)
