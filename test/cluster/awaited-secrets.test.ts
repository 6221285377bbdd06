import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { defineKind, freshNamespace, kubectl, object, objects } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { ANYTHING, configMap, definitionOf } from '../support/manifests.ts'
import { smallProject, type Manifest, type Small } from '../support/small.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

/** A kind of this run's own: an operator that would make the Secret that a Store names. */
const GROUP = `${freshNamespace('makes')}.example.test`
const STORES = `stores.${GROUP}`

beforeAll(async () => {
  await defineKind(definitionOf(GROUP, 'Store', { schema: ANYTHING }))
})

afterAll(async () => {
  await kubectl(['delete', 'crd', STORES, '--wait=false'])
})

const store: Manifest = {
  apiVersion: `${GROUP}/v1`,
  kind: 'Store',
  metadata: { name: 'db' },
  spec: { output: { secretName: 'db-login' } },
  status: { conditions: [{ type: 'Ready', status: 'False', message: 'no room on any disk' }] },
}

const web = (secrets: readonly string[], name = 'web'): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [
          { name: 'web', image: 'nginx', envFrom: secrets.map((secret) => ({ secretRef: { name: secret } })) },
        ],
        // A pod starts without them.
        imagePullSecrets: [{ name: 'no-such-registry' }],
        volumes: [{ name: 'more', projected: { sources: [{ secret: { name: 'no-such-option', optional: true } }] } }],
      },
    },
  },
})

const ingress: Manifest = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web' },
  spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } }, tls: [{ secretName: 'no-such-tls' }] },
}

async function waitsFor(missing: string, ...manifests: Manifest[]): Promise<Small> {
  const small = await smallProject(freshNamespace('awaited'), 4, manifests)
  await small.project.configure(['stages'], { web: { wait: ['Deployment/web'], timeout: '30s', grace: { missing } } })
  return small
}

test("an operator's Secret is waited for, the plan says whose, and pods that began with it restart only when it changes", async () => {
  const small = await waitsFor('20s', store, web(['db-login']), ingress)
  const { namespace } = small
  expect((await small.run('plan', [])).stdout).toContain('Deployment/web  waits for Secret db-login (made by Store db)')
  expect((await small.plan()).waits).toEqual([
    expect.objectContaining({ secret: 'db-login', namespace, makers: [expect.objectContaining({ kind: 'Store' })] }),
  ])
  const deploy = small.deploy()
  while ((await objects('pods', namespace).catch(() => [])).length === 0)
    await new Promise((resolve) => setTimeout(resolve, 100))
  await kubectl(['create', 'secret', 'generic', 'db-login', '-n', namespace, '--from-literal=a=b'])
  expect(await deploy).toMatchObject({ status: 0 })
  const again = async (): Promise<unknown> => {
    const { status, report } = await small.deploy()
    return [status, report.outcome, report.restarted.map(({ workload }) => workload)]
  }
  const unchanged = [0, 'unchanged', []]
  expect(await again()).toEqual(unchanged)
  await small.render([store, web(['db-login']), ingress, configMap('more', { a: 'b' })])
  expect([await again(), await again()]).toEqual([[0, 'deployed', []], unchanged])
  await kubectl(['patch', 'secret', 'db-login', '-n', namespace, '-p', '{"stringData":{"a":"c"}}'])
  expect([await again(), await again()]).toEqual([[0, 'deployed', ['web']], unchanged])
})

test('one that never comes is told with what should have made it, and what that says', async () => {
  const small = await waitsFor('500ms', store, web(['db-login']))
  const { status, report } = await small.deploy()
  expect({ status, verdict: report.verdict }).toMatchObject({
    status: 5,
    verdict: {
      code: 'E_CONTAINER_CONFIG',
      message: expect.stringContaining(
        'Secret/db-login does not exist: Store/db should have made it, and is not ready: no room on any disk',
      ),
      chain: expect.arrayContaining(['Secret/db-login', 'Store/db']),
    },
  })
})

test('what is in the cluster already may make it too', async () => {
  const small = await waitsFor('500ms', web(['db-login']))
  const { namespace } = small
  await kubectl(['create', 'namespace', namespace])
  await kubectl(['apply', '-n', namespace, '-f', '-'], JSON.stringify(store))
  expect((await small.plan()).waits).toEqual([expect.objectContaining({ secret: 'db-login' })])
})

test('a hook that may write Secrets may make it', async () => {
  const hook = (name: string, kind: string, fields: object): Manifest => ({
    apiVersion: kind === 'Job' ? 'batch/v1' : kind === 'ServiceAccount' ? 'v1' : 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name, annotations: { 'helm.sh/hook': 'pre-install,pre-upgrade' } } as Manifest['metadata'],
    ...fields,
  })
  const small = await waitsFor(
    '500ms',
    hook('certs', 'ServiceAccount', {}),
    hook('certs', 'Role', { rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['create'] }] }),
    hook('certs', 'RoleBinding', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'certs' },
      subjects: [{ kind: 'ServiceAccount', name: 'certs', namespace: 'default' }],
    }),
    hook('certs', 'Job', {
      spec: {
        template: {
          spec: {
            restartPolicy: 'Never',
            serviceAccountName: 'certs',
            containers: [{ name: 'certs', image: 'certs' }],
          },
        },
      },
    }),
    web(['admission']),
  )
  // The account of another namespace.
  expect(await small.deploy()).toMatchObject({ status: 3 })
  const text = await small.project.read('values.yaml')
  await small.project.write('values.yaml', text.replaceAll('namespace: default', `namespace: ${small.namespace}`))
  const { status, report } = await small.deploy()
  expect({ status, message: report.verdict?.message }).toEqual({
    status: 5,
    message: expect.stringContaining('Secret/admission does not exist: Job/certs should have made it'),
  })
})

test('what nothing makes is refused, all of it at once', async () => {
  const small = await waitsFor('500ms', store, web(['passwrod', 'db-login', 'token']), web(['token'], 'worker'))
  const ran = await small.run('deploy', ['--json'])
  const { verdict } = document<DeployReport>(ran)
  expect(ran.status).toBe(3)
  expect(verdict?.problems?.map(({ message }) => message)).toEqual([
    `Deployment/web needs Secret passwrod, which is neither in forge.yaml nor in namespace ${small.namespace}`,
    `Deployment/web needs Secret token, which is neither in forge.yaml nor in namespace ${small.namespace} (so does Deployment/worker)`,
  ])
  expect(await object('namespace', small.namespace, small.namespace)).toBeUndefined()
})
