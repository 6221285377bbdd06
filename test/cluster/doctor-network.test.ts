import { beforeAll, expect, test } from '@jest/globals'
import { secretMaker } from '../../src/adapters/files/secret-maker.ts'
import { freshNamespace, kubectl } from '../support/cluster.ts'
import { examine, examineSmall, type Line } from '../support/examined.ts'
import * as sample from '../support/manifests.ts'
import { readOnlyKubeconfig } from '../support/read-only.ts'
import { withPod } from '../support/pool.ts'
import { smallProject, type Manifest } from '../support/small.ts'

const namespace = freshNamespace('net')
const DAY = 86_400_000
const HOST = 'shop.example.test'

beforeAll(async () => {
  await kubectl(['create', 'namespace', namespace])
  const issuer = await secretMaker.authority({ name: 'ca', now: Date.now(), days: 90 })
  const pair = async (hosts: string[], days: number, ago = 0): Promise<Record<string, string>> => {
    const made = await secretMaker.server({ hosts, issuer, now: Date.now() - ago * DAY, days })
    return { 'tls.crt': made.certificate, 'tls.key': made.key }
  }
  const good = await pair([HOST], 80)
  const other = await pair([HOST], 80)
  const items = [
    sample.secret('good-tls', good, 'kubernetes.io/tls'),
    sample.secret('wildcard-tls', await pair(['*.example.test'], 80), 'kubernetes.io/tls'),
    sample.secret('other-host-tls', await pair(['other.example.test'], 80), 'kubernetes.io/tls'),
    sample.secret('ended-tls', await pair([HOST], 5, 9), 'kubernetes.io/tls'),
    sample.secret('ending-tls', await pair([HOST], 5), 'kubernetes.io/tls'),
    sample.secret('other-key-tls', { ...good, 'tls.key': other['tls.key'] ?? '' }, 'kubernetes.io/tls'),
    sample.secret('opaque', { password: 'x' }),
  ]
  await kubectl(['apply', '-n', namespace, '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
})

const web = withPod(
  sample.web({ env: { DATABASE_URL: 'postgres://me:secret-word@db:5432/shop' } }),
  {},
  { ports: [{ name: 'http', containerPort: 8080 }] },
)
const db = withPod(sample.web({ name: 'db' }), {}, { ports: [{ name: 'pg', containerPort: 5432 }] })
const shop = [
  ...[web, db, sample.service('web', { ports: [{ port: 80, targetPort: 'http' }] })],
  sample.service('db', { ports: [{ port: 5432, targetPort: 'pg' }] }),
]

function policy(app: string, spec: object): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `${app}-wall` },
    spec: { podSelector: { matchLabels: { app } }, ...spec },
  }
}

function ingress(secretName: string | undefined, more: object = {}): Manifest {
  const backend = { service: { name: 'web', port: { number: 80 } } }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web', ...more },
    spec: {
      ingressClassName: 'edge',
      ...(secretName === undefined ? {} : { tls: [{ hosts: [HOST], secretName }] }),
      rules: [{ host: HOST, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  }
}
/** The chart brings the class of its Ingress, so that no test needs one of the cluster. */
const edge: Manifest = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'edge' },
  spec: { controller: 'example.test/edge' },
}

const to = (app: string): object => ({ podSelector: { matchLabels: { app } } })
const dns = { ports: [{ protocol: 'UDP', port: 53 }] }
const WALL = { group: 'network', where: 'NetworkPolicy/db-wall' }
const DOOR = { group: 'network', where: 'Ingress/web' }

test.each<[string, readonly Manifest[], Partial<Line>, RegExp]>([
  [
    'a NetworkPolicy that lets the app not in to its database',
    [policy('db', { policyTypes: ['Ingress'], ingress: [{ from: [to('worker')] }] })],
    WALL,
    /^Deployment\/web may not reach Service\/db:5432, which it names in DATABASE_URL: NetworkPolicy\/db-wall lets no such pod in to Deployment\/db$/u,
  ],
  [
    'one that opens another port',
    [policy('db', { ingress: [{ from: [to('web')], ports: [{ port: 5433 }] }] })],
    WALL,
    /may not reach Service\/db:5432/u,
  ],
  [
    'one that lets the app out to somewhere else',
    [policy('web', { policyTypes: ['Egress'], egress: [{ to: [to('redis')] }, dns] })],
    { group: 'network', where: 'NetworkPolicy/web-wall' },
    /NetworkPolicy\/web-wall lets it out to none of its pods at port 5432$/u,
  ],
  [
    'one that forgets DNS',
    [policy('web', { policyTypes: ['Egress'], egress: [{ to: [to('db')], ports: [{ port: 5432 }] }] })],
    { group: 'network', where: 'NetworkPolicy/web-wall' },
    /^Deployment\/web may not ask for names: .*port 53 \(UDP\) nowhere$/u,
  ],
  [
    'an Ingress into pods that let nobody in',
    [edge, ingress(undefined), policy('web', { policyTypes: ['Ingress'] })],
    DOOR,
    /^Ingress\/web leads to Service\/web:80, and NetworkPolicy\/web-wall lets nobody in at port 8080$/u,
  ],
  [
    'a TLS Secret that is not there',
    [edge, ingress('no-such-tls')],
    DOOR,
    /^Ingress\/web names Secret\/no-such-tls for TLS, which is not there: there is no certificate for shop\.example\.test$/u,
  ],
  ['a TLS Secret that is none', [edge, ingress('opaque')], DOOR, /names for TLS, has no tls\.crt and no tls\.key$/u],
  [
    'a certificate for another host',
    [edge, ingress('other-host-tls')],
    DOOR,
    /certificate \S+ does not name shop\.example\.test$/u,
  ],
  ['a certificate that has ended', [edge, ingress('ended-tls')], DOOR, /expired on \d{4}-/u],
  ['a certificate about to end', [edge, ingress('ending-tls')], DOOR, /expires on \S+, in 4 days$/u],
  ['a certificate of another key', [edge, ingress('other-key-tls')], DOOR, /belongs to another key$/u],
  [
    'a port that no pod names',
    [sample.service('more', { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'htttp' }] })],
    { group: 'network', where: 'Service/more' },
    /^Service\/more leads to port htttp, which no pod behind it names/u,
  ],
])('finds %s', async (_, objects, line, text) => {
  const { status, ready, ills } = await examineSmall(namespace, [...shop, ...objects])
  expect(ills).toEqual([
    expect.objectContaining({
      ...{ ...line, state: 'warning', hint: expect.any(String), text: expect.stringMatching(text) },
    }),
  ])
  expect(JSON.stringify(ills)).not.toContain('secret-word')
  expect({ status, ready }).toEqual({ status: 0, ready: true })
})

test('invents nothing of a project that is well, before its first deploy and after', async () => {
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } },
  }
  const issued = { ...ingress('later-tls', { annotations: { 'cert-manager.io/cluster-issuer': 'x' } }) }
  Object.assign(issued.metadata, { name: 'issued' })
  const from = [to('web'), { namespaceSelector: { matchLabels: { team: 'ops' } } }]
  const objects = [
    ...[...shop, edge, ingress('wildcard-tls'), issued, budget],
    policy('db', { policyTypes: ['Ingress', 'Egress'], ingress: [{ from, ports: [{ port: 'pg' }] }], egress: [] }),
    policy('web', {
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 8080 }] }],
      egress: [{ to: [to('db')], ports: [{ port: 5432 }] }, dns],
    }),
  ]
  // Its name is for the whole cluster.
  const named = freshNamespace('edge')
  const renamed = JSON.parse(
    JSON.stringify(objects).replaceAll('"name":"edge"', `"name":"${named}"`).replaceAll('"edge"', `"${named}"`),
  ) as Manifest[]
  const small = await smallProject(namespace, 4, renamed)
  expect((await examine(small.project.dir, 'test')).ills).toEqual([])
  expect(await small.deploy()).toMatchObject({ status: 0 })
  expect((await examine(small.project.dir, 'test')).ills).toEqual([])
  await small.run('uninstall', ['--yes'])
})

test.each([true, false])(
  'of what a reader (secrets: %s) may not look at nothing is said to be wrong, nor to be well',
  async (secrets) => {
    const kubeconfig = await readOnlyKubeconfig(namespace, { secrets })
    const walls = [policy('db', { ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'shop' } } }] }] })]
    const objects = [...shop, ingress('good-tls'), sample.autoscaler('web'), ...walls]
    const small = await smallProject(namespace, 4, objects)
    await small.project.configure(['requirements'], { nodes: [{ selector: { pool: 'no-such-pool' } }] })
    const { status, lines } = await examine(small.project.dir, 'test', '--kubeconfig', kubeconfig)
    const texts = (state: Line['state']): string[] =>
      lines.filter((one) => one.state === state && one.group !== 'rights').map(({ text }) => text)
    // What may be looked at is judged all the same: the labels of its own namespace, and that the sandbox serves no metrics.
    expect(texts('warning').filter((text) => !text.startsWith('kubectl'))).toEqual([
      expect.stringMatching(/^Deployment\/web may not reach Service\/db:5432/u),
      expect.stringMatching(/the cluster does not serve metrics\.k8s\.io$/u),
    ])
    expect(texts('problem')).toEqual([])
    expect(texts('unchecked')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^nodes pool=no-such-pool: you may not list nodes$/u),
        expect.stringMatching(/^IngressClasses of the Ingresses: /u),
        expect.stringMatching(/^room on the nodes: /u),
        ...(secrets
          ? []
          : [expect.stringMatching(/^certificate of Ingress\/web \(Secret\/good-tls\): you may not get secrets/u)]),
      ]),
    )
    expect(texts('ok').filter((text) => text.startsWith('the Ingress has')).length).toBe(secrets ? 1 : 0)
    expect(status).toBe(3)
  },
)
