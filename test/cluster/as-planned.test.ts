import { afterAll, expect, test } from '@jest/globals'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshNamespace, kubectl, object } from '../support/cluster.ts'
import { helmOf } from '../support/helms.ts'
import { varyingProject } from '../support/varying.ts'

const undo: (() => Promise<unknown>)[] = []
afterAll(async () => {
  await Promise.all(undo.map(async (one) => await one()))
})

/** A helm that upgrades with a value of its own, as long as the file that it looks for is there. */
async function wilfulHelm(major: 3 | 4): Promise<{ readonly path: string; readonly wilful: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'forge-wilful-'))
  undo.push(async () => await rm(dir, { recursive: true }))
  const [path, wilful] = [join(dir, 'helm'), join(dir, 'wilful')]
  const helm = await helmOf(major)
  const script = `#!/bin/sh
case "$*" in *--dry-run*) exec ${helm} "$@" ;; esac
if [ "$1" = upgrade ] && [ -e ${wilful} ]; then exec ${helm} "$@" --set replicas=7; fi
exec ${helm} "$@"
`
  await writeFile(path, script)
  await chmod(path, 0o755)
  return { path, wilful }
}

test.each([3, 4] as const)('what helm %i wrote down otherwise than planned is taken back', async (major) => {
  const { path, wilful } = await wilfulHelm(major)
  const namespace = freshNamespace(`wilful${major}`)
  const { deploy } = await varyingProject(namespace, path, {})
  expect(await deploy()).toMatchObject({ status: 0, outcome: 'deployed' })
  await writeFile(wilful, '')
  const { report, ...end } = await deploy('--set', 'image=web:2')
  expect(end).toEqual({ status: 4, outcome: 'restored', code: 'E_NOT_AS_PLANNED' })
  expect(report.verdict?.message).toBe('helm has not made what was planned: Deployment/web')
  const { replicas, template } = (await object('deployment', 'web', namespace))?.spec as {
    replicas: number
    template: { spec: { containers: { image: string }[] } }
  }
  expect([replicas, template.spec.containers[0]?.image]).toEqual([1, 'web:1'])
})

/** The cluster makes five replicas of whatever runs web:2, but does not say so in a dry run. */
function secretPolicy(name: string, namespace: string): string {
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      matchConstraints: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        resourceRules: [
          { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] },
        ],
      },
      matchConditions: [
        { name: 'real', expression: '!request.dryRun' },
        { name: 'web2', expression: 'object.spec.template.spec.containers[0].image == "web:2"' },
      ],
      mutations: [
        {
          patchType: 'ApplyConfiguration',
          applyConfiguration: { expression: 'Object{spec: Object.spec{replicas: 5}}' },
        },
      ],
    },
  }
  const binding = {
    apiVersion: policy.apiVersion,
    kind: 'MutatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name },
  }
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [policy, binding] })
}

/** The API server takes up a policy a moment after it was made. */
async function inForce(namespace: string): Promise<void> {
  for (let replicas: unknown = 1; replicas !== 5;) {
    await kubectl(['create', 'deployment', 'probe', '--image=web:2', '--namespace', namespace])
    replicas = (await object('deployment', 'probe', namespace))?.spec?.['replicas']
    await kubectl(['delete', 'deployment', 'probe', '--namespace', namespace])
  }
}

test.each([3, 4] as const)(
  'what the cluster made otherwise of it than its dry run said is taken back (helm %i)',
  async (major) => {
    const namespace = freshNamespace(`secretly${major}`)
    const { deploy } = await varyingProject(namespace, major, {})
    expect(await deploy()).toMatchObject({ status: 0, outcome: 'deployed' })
    const policy = secretPolicy(namespace, namespace)
    undo.push(async () => await kubectl(['delete', '-f', '-'], policy))
    await kubectl(['apply', '-f', '-'], policy)
    await inForce(namespace)
    const { report, ...end } = await deploy('--set', 'image=web:2')
    expect(end).toEqual({ status: 4, outcome: 'restored', code: 'E_NOT_AS_PLANNED' })
    expect(report.verdict?.message).toBe('helm has not made what was planned: Deployment/web replicas')
    expect((await object('deployment', 'web', namespace))?.spec?.['replicas']).toBe(1)
  },
)
