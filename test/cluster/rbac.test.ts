import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, kubectl, object } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { exampleProject, projectOf } from '../support/project.ts'
import { accountKubeconfig } from '../support/read-only.ts'
import { tinyProject } from '../support/tiny.ts'

interface Told {
  readonly notChecked?: readonly string[]
  readonly verdict: { readonly code: string; readonly message: string } | null
}

interface Role {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly rules?: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[]
}

/** A kubeconfig with what `forge rbac` prints, applied as it stands, and nothing else. */
async function allowed(dir: string, namespace: string, purpose: 'plan' | 'deploy' | 'pause'): Promise<string> {
  const printed = await forgeHere(['rbac', '-C', dir, '--env', 'sandbox', '--for', purpose])
  expect(printed).toMatchObject({ status: 0 })
  await kubectl(['apply', '-f', '-'], printed.stdout)
  const [name] = /forge-\S+/u.exec(printed.stdout) ?? ['']
  return await accountKubeconfig(namespace, name)
}

async function fresh(prefix: string): Promise<string> {
  const namespace = freshNamespace(prefix)
  await kubectl(['create', 'namespace', namespace])
  return namespace
}

test('with exactly the rights of forge rbac the stack is deployed, changed, watched, and rolled back', async () => {
  const namespace = await fresh('rights')
  const { dir } = await exampleProject(namespace)
  const at = ['-C', dir, '--env', 'sandbox', '--kubeconfig', await allowed(dir, namespace, 'deploy')]
  const run = async (...args: string[]) => (await forgeHere([...args, ...at])).status
  expect(await run('plan')).toBe(0)
  expect(await run('deploy')).toBe(0)
  expect(await run('status')).toBe(0)
  expect(await run('deploy', '--set', 'app.replicas=2')).toBe(0)
  expect(await run('rollback')).toBe(0)
  expect(await run('history')).toBe(0)
})

test('with those for a plan all is compared, and nothing can be written', async () => {
  const namespace = await fresh('reading')
  const { dir } = await tinyProject(namespace)
  expect(await forgeHere(['deploy', '-C', dir, '--env', 'sandbox'])).toMatchObject({ status: 0 })
  const at = ['-C', dir, '--env', 'sandbox', '--kubeconfig', await allowed(dir, namespace, 'plan'), '--json']
  const ran = await forgeHere(['plan', ...at, '--set', 'data.COLOUR=red'])
  expect(ran).toMatchObject({ status: 0, stdout: expect.stringContaining('COLOUR') })
  expect(document<Told>(await forgeHere(['deploy', ...at])).verdict).toMatchObject({ code: 'E_FORBIDDEN' })
  // What is approved with these rights is carried out with others.
  const saved = ['--out', join(dir, 'p.json')]
  expect(await forgeHere(['plan', ...at, '--set', 'data.COLOUR=red', ...saved])).toMatchObject({ status: 0 })
  const carried = await forgeHere(['deploy', '-C', dir, '--env', 'sandbox', '--plan', join(dir, 'p.json')])
  expect(carried).toMatchObject({ status: 0 })
  expect(await object('configmap', 'web', namespace)).toMatchObject({ data: { COLOUR: 'red' } })
})

test('with those for a pause all of it rests and wakes; a deploy that wakes first needs them beside its own', async () => {
  const namespace = await fresh('resting')
  const { dir } = await exampleProject(namespace)
  const at = ['-C', dir, '--env', 'sandbox', '--kubeconfig']
  const deploying = await allowed(dir, namespace, 'deploy')
  expect(await forgeHere(['deploy', ...at, deploying])).toMatchObject({ status: 0 })
  const resting = await allowed(dir, namespace, 'pause')
  const run = async (kubeconfig: string, ...args: string[]) => await forgeHere([...args, ...at, kubeconfig])
  expect(await run(resting, 'pause')).toMatchObject({ status: 0 })
  expect(await run(resting, 'status')).toMatchObject({ status: 0, stdout: expect.stringContaining('paused') })
  expect(await run(resting, 'resume')).toMatchObject({ status: 0 })

  expect(await run(resting, 'pause')).toMatchObject({ status: 0 })
  const change = ['--set', 'app.replicas=2', '--resume']
  expect(await run(deploying, 'deploy', ...change)).toMatchObject({ stderr: expect.stringContaining('E_FORBIDDEN') })
  const role = (await object('role', 'forge-api-forge-pause', namespace)) as unknown as Role
  const subjects = [{ kind: 'ServiceAccount', name: 'forge-api-forge-deploy', namespace }]
  const both = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'both', namespace },
    subjects,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role.metadata.name },
  }
  await kubectl(['apply', '-f', '-'], JSON.stringify(both))
  expect(await run(deploying, 'deploy', ...change)).toMatchObject({ status: 0 })
})

const HARD = (namespace: string, away: string): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: ${namespace} }
rules:
  - { apiGroups: [''], resources: [nodes], verbs: [get, list] }
  - { nonResourceURLs: [/metrics, /healthz/*], verbs: [get] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: ${namespace} }
subjects: [{ kind: ServiceAccount, name: db, namespace: ${namespace} }]
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${namespace} }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: seen }
subjects: [{ kind: ServiceAccount, name: db }]
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: far, namespace: ${away} }
data: { a: {{ .Values.a | quote }} }
---
apiVersion: batch/v1
kind: Job
metadata: { name: first, annotations: { helm.sh/hook: 'pre-install,pre-upgrade,pre-rollback', helm.sh/hook-delete-policy: before-hook-creation } }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: a, image: a:1 }] } } }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  serviceName: db
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db }, annotations: {{ toJson .Values.annotations }} }
    spec: { containers: [{ name: db, image: 'db:1', readinessProbe: { httpGet: { path: /, port: 80 } } }] }
`

test('so it is with roles, cluster roles, definitions, hooks, and an object elsewhere; and where a deploy fails', async () => {
  const [namespace, away] = [await fresh('hard'), await fresh('far')]
  const plural = `things.${namespace}.dev`
  const { dir } = await projectOf({
    'forge.yaml': `version: 1
project: hard
environments: { sandbox: { cluster: sandbox, namespace: ${namespace} } }
releases: { hard: { chart: ./chart } }
stages: { db: { wait: [StatefulSet/db], timeout: 30s } }
`,
    'chart/Chart.yaml': 'apiVersion: v2\nname: hard\nversion: 1.0.0\n',
    'chart/values.yaml': 'a: one\nannotations: {}\n',
    'chart/templates/all.yaml': HARD(namespace, away),
    'chart/crds/thing.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${plural} }
spec:
  group: ${namespace}.dev
  names: { kind: Thing, plural: things }
  scope: Namespaced
  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }]
`,
  })
  const at = ['-C', dir, '--env', 'sandbox', '--kubeconfig', await allowed(dir, namespace, 'deploy')]
  const run = async (...args: string[]) => await forgeHere([...args, ...at])
  expect(await run('deploy')).toMatchObject({ status: 0 })
  expect(await run('deploy', '--set', 'a=two')).toMatchObject({ status: 0 })
  const crash = '--set=annotations.sandbox\\.forge\\.api-forge\\.io/fail=crash-loop'
  expect(await run('deploy', '--set', 'a=three', crash)).toMatchObject({ status: 4 })
  expect(await object('configmap', 'far', away)).toMatchObject({ data: { a: 'two' } })
  expect(await run('rollback', '1')).toMatchObject({ status: 0 })
  for (const kind of ['crd', 'clusterrole', 'clusterrolebinding'])
    await kubectl(['delete', kind, '--ignore-not-found', kind === 'crd' ? plural : namespace])
})

test.each([
  ['create', 'secrets'],
  ['patch', 'configmaps'],
  ['delete', 'deployments'],
  ['watch', 'statefulsets'],
  ['get', 'pods/log'],
  ['update', 'leases'],
])('one verb less (%s %s), and the deploy is refused by name before anything is written', async (verb, resource) => {
  const namespace = await fresh('less')
  const { dir } = await tinyProject(namespace)
  const kubeconfig = await allowed(dir, namespace, 'deploy')
  const role = (await object('role', 'forge-tiny-deploy', namespace)) as unknown as Role
  const rules = (role.rules ?? []).flatMap((rule) =>
    rule.resources.flatMap((one) => {
      const verbs = one === resource ? rule.verbs.filter((other) => other !== verb) : rule.verbs
      return verbs.length === 0 ? [] : [{ ...rule, resources: [one], verbs }]
    }),
  )
  await kubectl(['apply', '-f', '-'], JSON.stringify({ ...role, rules }))
  const at = ['-C', dir, '--env', 'sandbox', '--kubeconfig', kubeconfig, '--json']
  const { verdict } = document<Told>(await forgeHere(['deploy', ...at]))
  expect(verdict).toMatchObject({ code: 'E_FORBIDDEN', message: expect.stringContaining(`${verb} ${resource}`) })
  expect(await object('configmap', 'web', namespace)).toBeUndefined()
})
