import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { awaitedText, makersOf, type Wanted } from '../../src/domain/secrets/awaited.ts'
import { APP, pod, replicaSet, set, waiting } from './readiness-objects.ts'
import { failure, installed, notReady, rollingOut } from './readiness-scene.ts'

const WANTED: Wanted = { namespace: 'prod', secret: 'web-tls', key: undefined, by: ['Deployment/web'] }

const made = (apiVersion: string, kind: string, name: string, fields: object, annotations?: object): KubeObject =>
  ({ apiVersion, kind, metadata: { name, namespace: 'prod', annotations }, ...fields }) as KubeObject

const certificate = made('cert-manager.io/v1', 'Certificate', 'cert', { spec: { secretName: 'web-tls' } })
const job = (container: object, more: object = {}): KubeObject =>
  made('batch/v1', 'Job', 'certs', { spec: { template: { spec: { containers: [container], ...more } } } })
const externalSecret = (target: object | undefined, name = 'web-tls'): KubeObject =>
  made('external-secrets.io/v1', 'ExternalSecret', name, { spec: { target } })

const RULES = { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'create'] }
const role = (rule: object): KubeObject => made('rbac.authorization.k8s.io/v1', 'Role', 'writer', { rules: [rule] })
const binding = (roleRef: object = { kind: 'Role', name: 'writer' }): KubeObject =>
  made('rbac.authorization.k8s.io/v1', 'RoleBinding', 'writer', {
    roleRef,
    subjects: [{ kind: 'ServiceAccount', name: 'certs', namespace: 'prod' }],
  })
const account = job({ image: 'certs' }, { serviceAccountName: 'certs' })

describe('what could make a Secret', () => {
  const makers: [string, KubeObject[], string?][] = [
    ['a Certificate', [certificate], 'Certificate cert'],
    ['an ExternalSecret with a target', [externalSecret({ name: 'web-tls' }, 'other')], 'ExternalSecret other'],
    ['an ExternalSecret by its name', [externalSecret(undefined)], 'ExternalSecret web-tls'],
    ['a SealedSecret', [made('bitnami.com/v1alpha1', 'SealedSecret', 'web-tls', {})], 'SealedSecret web-tls'],
    [
      'a synced class of the CSI driver',
      [
        made('secrets-store.csi.x-k8s.io/v1', 'SecretProviderClass', 'vault', {
          spec: { secretObjects: [{ secretName: 'web-tls' }] },
        }),
      ],
      'SecretProviderClass vault',
    ],
    [
      'an Ingress with an issuer',
      [
        made(
          'networking.k8s.io/v1',
          'Ingress',
          'web',
          { spec: { tls: [{ secretName: 'web-tls' }] } },
          { 'cert-manager.io/issuer': 'own' },
        ),
      ],
      'Ingress web',
    ],
    [
      'a Service that asks for a serving certificate',
      [made('v1', 'Service', 'web', {}, { 'service.beta.openshift.io/serving-cert-secret-name': 'web-tls' })],
      'Service web',
    ],
    [
      "an operator's resource that names it",
      [made('db.example.test/v1', 'Store', 'main', { spec: { output: { secretName: 'web-tls' } } })],
      'Store main',
    ],
    [
      "an operator's resource of whose name it is a part",
      [made('db.example.test/v1', 'Store', 'web', {})],
      'Store web',
    ],
    ['a Job that is told its name', [job({ args: ['create', '--secret-name=web-tls'] })], 'Job certs'],
    ['a Job that may write Secrets', [account, role(RULES), binding()], 'Job certs'],
    ['a Job with a role of the cluster', [account, binding({ kind: 'ClusterRole', name: 'edit' })], 'Job certs'],
    [
      'a Job whose script names it',
      [
        job({}, { volumes: [{ name: 'run', configMap: { name: 'script' } }] }),
        made('v1', 'ConfigMap', 'script', { data: { 'run.sh': 'kubectl create secret tls web-tls --cert=a' } }),
      ],
      'Job certs',
    ],
  ]
  test.each(makers)('%s', (_, objects, name) =>
    expect(makersOf(WANTED, objects, objects).map((ref) => `${ref.kind} ${ref.name}`)).toEqual([name]),
  )

  const none: [string, KubeObject[]][] = [
    [
      'a Certificate for another Secret',
      [made('cert-manager.io/v1', 'Certificate', 'web-tls', { spec: { secretName: 'x' } })],
    ],
    ['a Certificate in another namespace', [{ ...certificate, metadata: { name: 'cert', namespace: 'other' } }]],
    ['an ExternalSecret that makes none', [externalSecret({ creationPolicy: 'None' })]],
    ['an ExternalSecret that only adds', [externalSecret({ name: 'web-tls', creationPolicy: 'Merge' })]],
    [
      'an Ingress without an issuer',
      [made('networking.k8s.io/v1', 'Ingress', 'web', { spec: { tls: [{ secretName: 'web-tls' }] } })],
    ],
    [
      "an operator's resource that reads it",
      [
        made('db.example.test/v1', 'Store', 'main', {
          spec: { auth: { name: 'web-tls', key: 'a' }, imagePullSecrets: ['web-tls'] },
        }),
      ],
    ],
    ['a monitor', [made('monitoring.coreos.com/v1', 'ServiceMonitor', 'web', { spec: { tls: 'web-tls' } })]],
    ['a Job that may only read Secrets', [account, role({ ...RULES, verbs: ['get'] }), binding()]],
    ['a Job that may write other things', [account, role({ ...RULES, resources: ['configmaps'] }), binding()]],
    ['a Job with the role view', [account, binding({ kind: 'ClusterRole', name: 'view' })]],
    [
      'a Job of which no pod is made',
      [
        made('batch/v1', 'Job', 'certs', {
          spec: { suspend: true, template: { spec: { containers: [{ args: ['web-tls'] }] } } },
        }),
      ],
    ],
    [
      'the workload itself',
      [{ ...job({ args: ['web-tls'] }), kind: 'Deployment', metadata: { name: 'web', namespace: 'prod' } }],
    ],
  ]
  test.each(none)('not %s', (_, objects) => expect(makersOf(WANTED, objects, objects)).toEqual([]))

  test('the surest are named', () =>
    expect(makersOf(WANTED, [account, role(RULES), binding(), certificate], [account, role(RULES), binding()])).toEqual(
      [expect.objectContaining({ kind: 'Certificate' })],
    ))

  test('a key may be added to what is there', () => {
    const wanted = { ...WANTED, key: 'tls.crt' }
    const objects = [externalSecret({ name: 'web-tls', creationPolicy: 'Merge' })]
    expect(makersOf(wanted, objects, objects)).toHaveLength(1)
    expect(awaitedText({ ...wanted, makers: makersOf(wanted, objects, objects) }, 'prod')).toBe(
      'waits for key tls.crt of Secret web-tls (made by ExternalSecret web-tls)',
    )
  })
})

describe('a Secret that never comes', () => {
  const broken = pod({
    ...notReady,
    containers: [waiting('CreateContainerConfigError', 'secret "app-tls" not found')],
  })
  const maker = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', namespace: 'prod', name: 'cert' }
  const options = { makers: new Map([['prod/Secret/app-tls', [maker]]]), ownObjects: new Set<string>() }
  const conditions = [{ type: 'Ready', status: 'False', message: 'issuer letsencrypt does not exist' }]
  const cert = { ...certificate, status: { conditions } }

  test('is waited for by the grace, then what should have made it is to blame, with its own words', () => {
    const deploy = installed([APP], set(rollingOut, replicaSet(), broken, cert), options)
    expect(deploy.says(APP, 59_000)).toBe('progressing Secret/app-tls does not exist yet: Certificate/cert makes it')
    expect(failure(deploy, 60_000)).toMatchObject({
      message:
        'app cannot start: Secret/app-tls does not exist: Certificate/cert should have made it, but it does not get ready: issuer letsencrypt does not exist',
      chain: expect.arrayContaining(['Secret/app-tls', 'Certificate/cert']),
      hint: { args: ['describe', 'certificate.cert-manager.io', 'cert'] },
    })
  })

  test('a maker that cannot be seen is named all the same', () => {
    const deploy = installed([APP], set(rollingOut, replicaSet(), broken), options)
    expect(failure(deploy, 60_000).message).toBe(
      'app cannot start: Secret/app-tls does not exist: Certificate/cert should have made it',
    )
  })
})
