import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kubectl } from './cluster.ts'

/** A kubeconfig of somebody who may read the namespace and write nothing; without `secrets`, as Kubernetes' role `view`. */
export async function readOnlyKubeconfig(
  namespace: string,
  { secrets }: { readonly secrets: boolean },
): Promise<string> {
  const name = secrets ? 'reader' : 'viewer'
  const base = { namespace, name }
  const subjects = [{ kind: 'ServiceAccount', name, namespace }]
  const roleRef = secrets
    ? { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name }
    : { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }
  const items = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: base },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: base,
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }],
    },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: base, roleRef, subjects },
  ]
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  return await accountKubeconfig(namespace, name)
}

/** A kubeconfig of this service account. `there`: in another cluster than the sandbox. */
export async function accountKubeconfig(namespace: string, name: string, there = kubectl): Promise<string> {
  const token = (await there(['create', 'token', name, '-n', namespace])).trim()
  const config = JSON.parse(await there(['config', 'view', '--raw', '-o', 'json'])) as {
    clusters: { cluster: unknown }[]
  }
  const file = join(await mkdtemp(join(tmpdir(), 'forge-reader-')), 'kubeconfig')
  await writeFile(
    file,
    JSON.stringify({
      ...config,
      users: [{ name, user: { token } }],
      contexts: [{ name, context: { cluster: (config.clusters[0] as { name?: string }).name, user: name, namespace } }],
      'current-context': name,
    }),
    { mode: 0o600 },
  )
  return file
}
