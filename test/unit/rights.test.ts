import { describe, expect, test } from '@jest/globals'
import { askingFor, missingPermissions, showPermission, type Permission } from '../../src/domain/access/permissions.ts'
import { rehearsalRights } from '../../src/domain/access/rehearsal-rights.ts'
import { deployRights, planRights, type Place, type Work } from '../../src/domain/access/rights.ts'
import { rolesFor } from '../../src/domain/access/roles.ts'
import type { Project } from '../../src/domain/config/model.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { neededPermissions } from '../../src/flows/observe/permissions.ts'

const RBAC = 'rbac.authorization.k8s.io/v1'
const resource = (apiVersion: string, kind: string, plural: string, namespaced = true) => {
  return { apiVersion, kind, plural, namespaced, verbs: [] }
}
const RESOURCES = [
  resource('v1', 'ConfigMap', 'configmaps'),
  resource('v1', 'Pod', 'pods'),
  resource('v1', 'Event', 'events'),
  resource('v1', 'Namespace', 'namespaces', false),
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].map((kind) =>
    resource('apps/v1', kind, `${kind.toLowerCase()}s`),
  ),
  resource('batch/v1', 'Job', 'jobs'),
  resource('db.dev/v1', 'Cluster', 'clusters'),
  resource(RBAC, 'Role', 'roles'),
  resource(RBAC, 'RoleBinding', 'rolebindings'),
  resource(RBAC, 'ClusterRole', 'clusterroles', false),
]

const object = (apiVersion: string, kind: string, more: object = {}, namespace = 'home'): KubeObject => {
  return { apiVersion, kind, metadata: { name: 'x', namespace }, ...more }
}
const everywhere = (apiVersion: string, kind: string, more: object = {}): KubeObject => {
  return { apiVersion, kind, metadata: { name: 'x' }, ...more }
}

const work = (objects: readonly KubeObject[], more: Partial<Work> = {}): Work => ({
  ...{ home: 'home', namespaces: ['home'], objects, definitions: [], stages: [], verify: [] },
  ...{ provesCluster: false, resources: RESOURCES, ...more },
})

function at(places: readonly Place[], namespace: string | undefined): string[] {
  const found = places.find((one) => one.namespace === namespace)
  return [...(found?.permissions ?? []), ...(found?.comparing ?? [])].map(showPermission)
}

describe('a deploy needs', () => {
  test('each kind that the charts render, once, where it is', () => {
    const places = deployRights(work([object('v1', 'ConfigMap'), object('v1', 'ConfigMap', {}, 'away')]))
    const each = ['get', 'create', 'patch', 'delete', 'list'].map((verb) => `${verb} configmaps`)
    expect(at(places, 'home').filter((one) => one.endsWith('configmaps'))).toEqual(each)
    expect(at(places, 'away')).toEqual(each)
    expect(at(places, undefined)).toEqual([])
  })

  test('to watch what its stages name, and to end a pod in the way of a StatefulSet', () => {
    const custom = object('db.dev/v1', 'Cluster')
    const watching = 'watch clusters.db.dev'
    expect(at(deployRights(work([custom])), 'home')).not.toContain(watching)
    const named = [{ wait: ['Cluster/x'], optional: [] }]
    expect(at(deployRights(work([custom], { stages: named })), 'home')).toContain(watching)
    expect(at(deployRights(work([])), 'home')).not.toContain('delete pods')
    expect(at(deployRights(work([object('apps/v1', 'StatefulSet')])), 'home')).toContain('delete pods')
  })

  test('of the cluster as little as there can be: objects by name, and kube-system where it proves who the cluster is', () => {
    const places = deployRights(work([everywhere('v1', 'Namespace')], { provesCluster: true }))
    expect(at(places, undefined)).toEqual([
      'get namespaces x',
      'patch namespaces x',
      'delete namespaces x',
      'create namespaces',
    ])
    expect(at(places, 'kube-system')).toEqual(['get namespaces kube-system'])
  })

  test('to ask what verify asks, on that port alone', () => {
    const places = deployRights(work([], { verify: [{ service: 'web', port: 8000 }] }))
    expect(at(places, 'home')).toContain('get services/proxy web:8000')
  })

  test('the rights of the roles that it makes or binds, or to be let', () => {
    const rules = [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }]
    const role = everywhere(RBAC, 'ClusterRole', { rules })
    const own = object(RBAC, 'RoleBinding', { roleRef: { kind: 'ClusterRole', name: 'x' } })
    const foreign = object(RBAC, 'RoleBinding', { roleRef: { kind: 'ClusterRole', name: 'view' } })
    const places = deployRights(work([role, own, foreign]))
    expect(at(places, undefined)).toContain('get nodes')
    expect(at(places, 'home')).toContain('get nodes')
    const home = places.find(({ namespace }) => namespace === 'home')
    expect(home?.looking.map(showPermission)).toEqual(['bind clusterroles.rbac.authorization.k8s.io view'])
    const nodes = home?.permissions.filter((one) => one.resource === 'nodes') ?? []
    const binder = { verbs: ['bind'], apiGroups: ['*'], resources: ['clusterroles'] }
    expect(missingPermissions(nodes, { rules: [] })).toEqual(nodes)
    expect(missingPermissions(nodes, { rules: [binder] })).toEqual([])
  })

  test('paths of the API server that a role of the chart names, by a ClusterRole alone', () => {
    const role = everywhere(RBAC, 'ClusterRole', {
      rules: [{ nonResourceURLs: ['/metrics', '/healthz/*'], verbs: ['get'] }],
    })
    const own = object(RBAC, 'RoleBinding', { roleRef: { kind: 'ClusterRole', name: 'x' } })
    const places = deployRights(work([role, own]))
    expect(at(places, undefined)).toContain('get /metrics')
    const roles = rolesFor(places, 'ci', { kind: 'Group', name: 'ci' }, 'home')
    const rules = roles.map(({ kind, rules: some }) => [kind, JSON.stringify(some ?? [])] as const)
    const granting = rules.filter(([, text]) => text.includes('nonResourceURLs'))
    expect(granting).toEqual([
      ['ClusterRole', expect.stringContaining('{"nonResourceURLs":["/metrics","/healthz/*"],"verbs":["get"]}')],
    ])
    const paths = places.flatMap(({ permissions }) => permissions.filter(({ url }) => url !== undefined))
    const nothing = { apiGroups: [], resources: [] }
    expect(missingPermissions(paths, { rules: [] })).toEqual(paths)
    for (const nonResourceURLs of [['*'], ['/metrics', '/healthz/*'], ['/m*', '/healthz*']])
      expect(missingPermissions(paths, { rules: [{ ...nothing, verbs: ['get'], nonResourceURLs }] })).toEqual([])
    expect(missingPermissions(paths, { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['get'] }] })).toEqual(
      paths,
    )
  })
})

test('what the nodes pull with is looked at: an account, and elsewhere the secrets that pods name', () => {
  const pod = (spec: object, namespace: string): KubeObject =>
    object('apps/v1', 'DaemonSet', { spec: { template: { spec } } }, namespace)
  const all = [
    pod({}, 'home'),
    pod({ serviceAccountName: 'jobs' }, 'home'),
    pod({ imagePullSecrets: [{ name: 'pull' }] }, 'home'),
    pod({ imagePullSecrets: [{ name: 'pull' }] }, 'away'),
  ]
  const looked = (namespace: string): string[] => {
    const place = deployRights(work(all)).find((one) => one.namespace === namespace)
    return (place?.looking ?? []).map(showPermission).filter((one) => /serviceaccounts|secrets/u.test(one))
  }
  expect(looked('home')).toEqual(['get serviceaccounts default', 'get serviceaccounts jobs'])
  expect(looked('away')).toEqual(['get secrets pull'])
  expect(at(planRights(work(all)), 'away')).toContain('get secrets pull')
  expect(at(planRights(work(all)), 'home')).toContain('get serviceaccounts jobs')
})

test('a pod that Vault’s agent is to be in is tried by a dry run, which is a right to make pods', () => {
  const pod = (annotations: Record<string, string>, namespace: string): KubeObject =>
    object('apps/v1', 'DaemonSet', { spec: { template: { metadata: { annotations }, spec: {} } } }, namespace)
  const all = [pod({ 'vault.hashicorp.com/agent-inject': 'true' }, 'home'), pod({}, 'away')]
  const looked = deployRights(work(all)).map(({ namespace, looking }) => [namespace, looking.map(showPermission)])
  expect(looked.filter(([, some]) => some?.includes('create pods')).map(([namespace]) => namespace)).toEqual(['home'])
})

test.each([
  [false, ['get services/proxy web:80']],
  [true, []],
])('what verify asks is no matter of a run that skips it (%s)', async (skipVerify, wanted) => {
  const verify = [{ service: 'web', port: 80 }]
  const project = { environment: { namespace: 'home', cluster: { sandbox: true } }, stages: [], verify }
  const rules = { incomplete: false, rules: [] }
  const scene = {
    project: project as unknown as Project,
    facts: { namespaces: [{ name: 'home', object: undefined, rules }] as const, resources: RESOURCES },
    cluster: { rules: async () => await Promise.resolve(rules) },
    options: { skipVerify },
  }
  const found = { objects: [], definitions: [], compares: true }
  const [home] = await neededPermissions(scene, found, new AbortController().signal)
  const asked = home?.permissions.filter(({ resource: name }) => name === 'services/proxy') ?? []
  expect(asked.map(showPermission)).toEqual(wanted)
})

test('a plan needs to read, and nothing else', () => {
  const rules = [{ apiGroups: [''], resources: ['nodes'], verbs: ['patch'] }]
  const all = [object('v1', 'ConfigMap'), object(RBAC, 'Role', { rules }), everywhere(RBAC, 'ClusterRole', { rules })]
  const places = planRights(work(all, { provesCluster: true }))
  const used = new Set(
    places.flatMap(({ permissions, looking }) => [...permissions, ...looking]).map(({ verb }) => verb),
  )
  expect([...used].sort()).toEqual(['get', 'list'])
  expect(at(places, undefined)).toEqual(['get clusterroles.rbac.authorization.k8s.io x'])
})

test('a rehearsal lists what stands beside in the namespaces of the releases, and wants nothing of the whole cluster', () => {
  const all = [object('v1', 'ConfigMap'), object('apps/v1', 'Deployment', {}, 'away')]
  const [plan, rehearsal] = [planRights(work(all)), rehearsalRights(work(all))]
  const looked = rehearsal.map(({ namespace, looking }) => [namespace, looking.map(showPermission).toSorted()])
  expect(looked).toEqual([
    [
      'home',
      ['limitranges', 'persistentvolumeclaims', 'resourcequotas', 'serviceaccounts', 'services'].map(
        (name) => `list ${name}`,
      ),
    ],
    ['away', []],
  ])
  // Who has only those for a plan is not refused anything.
  expect(rehearsal.map(({ permissions }) => permissions)).toEqual(plan.map(({ permissions }) => permissions))
})

describe('as roles', () => {
  const objects = [
    ...['Deployment', 'StatefulSet'].map((kind) => object('apps/v1', kind)),
    object('v1', 'ConfigMap'),
    object(RBAC, 'Role', {
      rules: [{ apiGroups: [''], resources: ['secrets'], resourceNames: ['a'], verbs: ['get'] }],
    }),
    everywhere('v1', 'Namespace'),
  ]
  const places = deployRights(work(objects, { verify: [{ service: 'web', port: 80 }] }))
  const roles = rolesFor(places, 'forge-x-deploy', { kind: 'User', name: 'jane' }, 'home')
  type Rules = Parameters<typeof missingPermissions>[1]['rules']
  const rulesAt = (namespace: string | undefined): Rules => {
    const role = roles.find(
      ({ kind, metadata }) => ['Role', 'ClusterRole'].includes(kind) && metadata.namespace === namespace,
    )
    return role?.['rules'] as Rules
  }

  test('they grant all of it, and no verb of them too much', () => {
    for (const { namespace, ...place } of places) {
      const permissions = [...place.permissions, ...place.comparing]
      const rules = rulesAt(namespace)
      expect(missingPermissions(permissions, { rules })).toEqual([])
      for (const [index, rule] of rules.entries())
        for (const verb of rule.verbs) {
          const less = rules.with(index, { ...rule, verbs: rule.verbs.filter((one) => one !== verb) })
          expect(missingPermissions(permissions, { rules: less }).map((one) => one.verb)).toContain(verb)
        }
    }
  })

  test('each is bound to whom it is for', () => {
    const bindings = roles.filter(({ kind }) => kind.endsWith('Binding'))
    expect(bindings).toMatchObject([
      {
        kind: 'RoleBinding',
        metadata: { name: 'forge-x-deploy', namespace: 'home' },
        subjects: [{ kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' }],
        roleRef: { kind: 'Role', name: 'forge-x-deploy' },
      },
      { kind: 'ClusterRoleBinding', metadata: { name: 'forge-x-deploy-home' } },
    ])
  })
})

test.each<[Permission, string]>([
  [{ verb: 'get', group: '', resource: 'pods/log' }, 'auth can-i get pods --subresource=log'],
  [{ verb: 'create', group: 'apps', resource: 'deployments' }, 'auth can-i create deployments.apps'],
  [{ verb: 'get', group: '', resource: 'namespaces', name: 'kube-system' }, 'auth can-i get namespaces/kube-system'],
])('kubectl is asked for %j by %s', (permission, line) => {
  expect(askingFor(permission).join(' ')).toBe(line)
})
