import { describe, expect, test } from '@jest/globals'
import { disguisedScene } from '../../src/adapters/helm/disguised-record.ts'
import { packRecord, readRecord } from '../../src/adapters/helm/record-content.ts'
import { rehearsalKey } from '../../src/adapters/rehearsal-key.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { createDisguise, type Disguise } from '../../src/domain/rehearsal/disguise.ts'
import { search } from '../support/canaries.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Of a rehearsal in which tonight's project renders these objects. */
function disguise(rendered: readonly object[] = [], more: Parameters<Disguise['open']>[0] = {}): Disguise {
  const one = createDisguise({ keyed: rehearsalKey(), redactor: new Redactor() })
  one.open({ objects: rendered as readonly KubeObject[], definitions: [DEFINITION], ...more })
  return one
}

const configMap = (data: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'shop' },
  data,
})

const deployment = (container: object, annotations: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' }, annotations },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'r.test/web:1.2', ...container }] },
    },
  },
})

const DEFINITION: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'mailers.acme.test' },
  spec: {
    group: 'acme.test',
    names: { kind: 'Mailer', plural: 'mailers' },
    versions: [
      {
        name: 'v1',
        served: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  smtp: { type: 'object', properties: { login: { type: 'string' } } },
                  tier: { type: 'string', enum: ['golden', 'silver'] },
                  code: { type: 'string', pattern: '^[a-z0-9-]+$' },
                  zone: { type: 'string', pattern: '^(north|south)-[0-9]$' },
                  since: { type: 'string', format: 'date-time' },
                  pass: { type: 'string', format: 'password' },
                  way: { type: 'string' },
                  routes: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['id'],
                    items: { type: 'object', properties: { id: { type: 'string' }, hook: { type: 'string' } } },
                  },
                  extra: { type: 'object', additionalProperties: { type: 'string' } },
                  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  secretName: { type: 'string' },
                  every: { type: 'string' },
                },
                'x-kubernetes-validations': [{ rule: "self.way in ['first', 'second']" }],
              },
            },
          },
        },
      },
    ],
  },
}

const mailer = (spec: object): KubeObject => ({
  apiVersion: 'acme.test/v1',
  kind: 'Mailer',
  metadata: { name: 'mail', namespace: 'shop' },
  spec,
})

const record = (content: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'sh.helm.release.v1.web.v2', namespace: 'shop', labels: { name: 'web', version: '2' } },
  type: 'helm.sh/release.v1',
  data: { release: packRecord(content) },
})

/** What people call things that are secret, or hold one, without saying so: of public charts and of lists that leaks are searched by. */
const NAMES = (
  'login licence license url webhook webhookUrl slack_api_url slackUrl endpoint dsn SENTRY_DSN connectionString conn ' +
  'JDBC_URL DATABASE broker amqp redis bind_dn ldap basic user admin account accountId clientId client_id appId app ' +
  'access accessId AWS_ACCESS AWS_ACCESS_KEY_ID sid SID account_sid pat PAT otp pin PIN seed mnemonic phrase recovery ' +
  'htpasswd users realm extra extraConfig config content data value note description comment jaas sasl_jaas_config ' +
  'signature sig hmac cert pem ca private identity session cookie csrf nonce challenge hash digestible code invite ' +
  'activation serial registration enrollment join bootstrap kubeconfig netrc npmrc pypirc dockercfg auth bearer ' +
  'authorization header x-custom api apis integration ingest telemetry dd ntfy gotify pagerduty opsgenie teams discord'
).split(' ')

/** Nobody's form: no rule that looks at a value finds them. */
const VALUES = [
  'hunter2horse',
  'ABCD-1234-EFGH-5678',
  'correct horse battery staple',
  'a1b2',
  'https://hooks.example.test/services/T0ABC/B0DEF/xyzzyplugh',
  'amqp://mq.example.test/?login=xyzzyplugh',
  base64('xyzzyplugh'),
]
const SECRET = /hunter2horse|ABCD-1234|EFGH-5678|battery|a1b2|xyzzyplugh|T0ABC|eHl6enlwbHVnaA/u

describe('what stands in the environment alone is made up, whatever it is called and looks like', () => {
  const cases = NAMES.map((name, at): [string, string] => [name, VALUES[at % VALUES.length] ?? ''])

  test.each(cases)('%s: %s', (name, value) => {
    const objects = [
      deployment({ env: [{ name, value }], args: ['serve', `--${name}`, value, `--${name}=${value}`] }),
      deployment(
        { command: ['sh', '-c', `export ${name}='${value}' && exec serve`] },
        { [`acme.test/${name}`]: value },
      ),
      configMap({ [name]: value, 'all.env': `A=b\n${name}=${value}\n`, 'all.json': JSON.stringify({ [name]: value }) }),
      configMap({ 'all.yaml': `app:\n  ${name}: ${JSON.stringify(value)}\n  list:\n    - ${value}\n` }),
      { ...configMap({}), binaryData: { [name]: base64(value) } },
      mailer({ smtp: { login: value }, extra: { [name]: value }, free: { [name]: [value] } }),
    ]
    const manifest = objects.map((one) => JSON.stringify(one)).join('\n---\n')
    const release = record({ manifest, config: { app: { [name]: value, list: [value] } }, hooks: [{ manifest }] })
    const made = disguisedScene([...objects, release], disguise())
    const packed = made.objects.at(-1)?.['data'] as { release: string }
    expect(made.left).toEqual([])
    expect(JSON.stringify([made.objects.slice(0, -1), readRecord(packed.release)])).not.toMatch(SECRET)
    expect(search('scene', JSON.stringify(made.objects), [{ name: 'value', value }])).toEqual([])
  })
})

test('a comment of an old manifest is not kept, one that tonight has is', () => {
  const [old, now] = ['# was hunter2horse\n', '# kept\n'].map(
    (comment) => `${comment}apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { a: "true" }\n`,
  )
  const [one] = disguisedScene(
    [record({ manifest: `---\n${old ?? ''}---\n${now ?? ''}` })],
    disguise([], { manifests: [now ?? ''] }),
  ).objects
  const { manifest = '' } = readRecord((one?.['data'] as { release: string }).release)
  expect(manifest).not.toContain('hunter2')
  expect(manifest).toContain('# kept')
})

describe("what tonight's project has itself stays, so that what does not change does not change there", () => {
  const same = [
    deployment(
      { env: [{ name: 'MODE', value: 'quick as can be' }], args: ['--mode', 'quick'] },
      { 'acme.test/x': 'as is' },
    ),
    configMap({ 'app.yaml': 'mode: quick\nlogin: horse\n', url: 'https://shop.example.test/a' }),
    mailer({ smtp: { login: 'horse' }, extra: { any: 'thing' } }),
  ]

  test.each(same.map((one): [string, KubeObject] => [one.kind, one]))('%s', (_, object) => {
    const [made] = disguisedScene([object], disguise(same)).objects
    expect(made).toEqual(object)
  })

  test('of a file the lines that it has in common', () => {
    const one = disguise([configMap({ file: 'mode: quick\nlogin: tonight\n' })])
    const { data } = one.object(configMap({ file: 'mode: quick\nlogin: hunter2horse\n' })) as never as {
      data: { file: string }
    }
    expect(data.file).toMatch(/^mode: quick\n.*\n$/u)
    expect(data.file).not.toContain('hunter2')
    expect(data.file).toHaveLength('mode: quick\nlogin: hunter2horse\n'.length)
  })

  test('equal values stay equal', () => {
    const one = disguise()
    const [a, b] = [1, 2].map(() => one.object(deployment({ env: [{ name: 'LOGIN', value: 'hunter2horse' }] })))
    expect(a).toEqual(b)
  })
})

test.each([
  [
    'numbers, switches and words',
    deployment({
      env: [
        { name: 'A', value: '8080' },
        { name: 'B', value: 'on' },
        { name: 'C', value: 'info' },
      ],
    }),
  ],
  ['names of objects', deployment({ env: [{ name: 'DB', value: 'storefront' }] })],
  ['references', deployment({ env: [{ name: 'DB', value: '$(OTHER)' }] })],
  [
    'what Kubernetes and helm go by',
    deployment(
      {},
      { 'kubernetes.io/ingress.class': 'traefik', 'helm.sh/hook': 'pre-install', 'meta.helm.sh/release-name': 'any' },
    ),
  ],
  [
    'images, ports, paths and probes',
    deployment({
      ports: [{ name: 'web', containerPort: 80 }],
      livenessProbe: { httpGet: { path: '/healthy', port: 'web' } },
      volumeMounts: [{ name: 'x', mountPath: '/data/x' }],
    }),
  ],
  [
    'what a definition limits',
    mailer({ tier: 'golden', zone: 'north-1', since: '2026-01-01T00:00:00Z', way: 'first', routes: [{ id: 'one' }] }),
  ],
  ['what names something, and sizes and times', mailer({ secretName: 'a-login', every: '90s' })],
])('%s stay', (_, object) => {
  const one = createDisguise({ keyed: rehearsalKey(), redactor: withNames('storefront') })
  one.open({ definitions: [DEFINITION] })
  const [made] = disguisedScene([object], one).objects
  expect(made).toEqual(object)
})

test('what fits the pattern of a definition is made up all the same', () => {
  const [made] = disguisedScene(
    [mailer({ code: 'hunter2-horse', pass: 'hunter2horse', routes: [{ id: 'a', hook: 'hunter2horse' }] })],
    disguise(),
  ).objects
  expect(JSON.stringify(made)).not.toContain('hunter2')
  expect((made?.['spec'] as { code: string }).code).toMatch(/^[a-z0-9-]{13}$/u)
})

function withNames(...names: string[]): Redactor {
  const redactor = new Redactor()
  redactor.spare(names)
  return redactor
}
