import { describe, expect, test } from '@jest/globals'
import { rehearsalKey } from '../../src/adapters/rehearsal-key.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { createDisguise, type Disguise } from '../../src/domain/rehearsal/disguise.ts'
import { search } from '../support/canaries.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

function disguise(...spared: string[]): Disguise {
  const redactor = new Redactor()
  redactor.spare(spared)
  return createDisguise({ keyed: rehearsalKey(Buffer.from('a key of this test')), redactor })
}

describe('a made-up value has the shape of what it stands for', () => {
  test.each([
    ['letters, digits and signs', 'Hunter2-is/NOT+ok', /^[A-Z][a-z]{5}\d-[a-z]{2}\/[A-Z]{3}\+[a-z]{2}$/u],
    ['a PIN', '471147', /^[1-9]\d{5}$/u],
    ['hexadecimal', 'deadbeef00c0ffee', /^[a-f]{8}\d\d[a-f]\d[a-f]{4}$/u],
    ['with the newline that a program left', 'hunter2\n', /^[a-z]{6}\d\n$/u],
    ['a short word', 'abc', /^[a-z]{3}$/u],
    ['nothing but signs', '#$%&', /^[!-~]{4}$/u],
    [
      'a URL',
      'postgres://app:s3cret@db.example.com:5432/shop?sslmode=require',
      /^postgres:\/\/[a-z]{3}:[a-z]\d[a-z]{4}@[a-z]{2}\.[a-z]{7}\.[a-z]{3}:5432\/[a-z]{4}\?sslmode=require$/u,
    ],
    ['a URL of ordinary words', 'http://localhost:8080', /^http:\/\/[a-z]{9}:8080$/u],
    ['settings', 'PORT=5432\nDEBUG=true\nTOKEN=abc123\n', /^PORT=5432\nDEBUG=true\nTOKEN=[a-z]{3}\d{3}\n$/u],
    [
      'a key in PEM',
      '-----BEGIN PRIVATE KEY-----\nMIGHAg+/\n-----END PRIVATE KEY-----\n',
      /^-----BEGIN PRIVATE KEY-----\n[A-Z]{5}[a-z]\+\/\n-----END PRIVATE KEY-----\n$/u,
    ],
    ['lines that are no settings', 'first line\nsecond line', /^[a-z]{5} [a-z]{4}\n[a-z]{6} [a-z]{4}$/u],
    ['base64 of a text', base64('robot:pull-me'), /^[A-Za-z\d]+={0,2}$/u],
  ])('%s', (_, value, shape) => {
    const made = disguise().text(value)
    expect(made).toMatch(shape)
    expect(made).not.toBe(value)
    expect(made).toHaveLength(value.length)
  })

  test.each(['', ' ', 'true', 'no', '5432', 'postgres', 'localhost', '{}', '{"port":5432}', 'a: 1\nb: true\n'])(
    '%j is no secret and stays',
    (value) => expect(disguise().text(value)).toBe(value),
  )

  test('a login at a registry keeps the registry, and says the same twice', () => {
    const auth = base64('robot:pull-me-2026')
    const login = JSON.stringify({ auths: { 'ghcr.io': { username: 'robot', password: 'pull-me-2026', auth } } })
    const made = JSON.parse(disguise().text(login)) as {
      auths: Record<string, { username: string; password: string; auth: string }>
    }
    const { username, password, auth: encoded } = made.auths['ghcr.io'] ?? { username: '', password: '', auth: '' }
    expect(Buffer.from(encoded, 'base64').toString()).toBe(`${username}:${password}`)
    expect([username, password]).not.toContain('robot')
    expect(search('login', JSON.stringify(made), [{ name: 'password', value: 'pull-me-2026' }])).toEqual([])
  })

  test('a value whose key tells what it says has other keys, too', () => {
    const made = disguise().text('{"token":"Hunter2-x","Hunter2-x":[1]}')
    expect(made).not.toContain('Hunter2')
    expect(Object.keys(JSON.parse(made) as object)).toHaveLength(2)
  })
})

test('bytes that are no text are as many others, and in base64 wherever they are told', () => {
  const secret = Buffer.from([0xff, 0xfe, 0, 1, 2, 3, 200, 201, 202, 203, 204, 205])
  const one = disguise()
  const made = Buffer.from(one.bytes(secret))
  expect([made.length, made.equals(secret)]).toEqual([12, false])
  expect(one.known(`it is ${secret.toString('base64')}!`)).toBe(`it is ${made.toString('base64')}!`)
  expect(Buffer.from(one.original(made))).toEqual(secret)
})

test('equal values stay equal and others differ, within a run; of another run nothing is the same', () => {
  const [one, other] = [disguise(), createDisguise({ keyed: rehearsalKey(), redactor: new Redactor() })]
  const values = Array.from({ length: 3000 }, (_, at) => String(10_000_000 + at))
  const made = values.map((value) => one.text(value))
  expect(new Set(made).size).toBe(values.length)
  expect(values.map((value) => one.text(value))).toEqual(made)
  expect(made.filter((text) => values.includes(text))).toEqual([])
  expect(values.map((value) => Buffer.from(one.original(Buffer.from(one.text(value)))).toString())).toEqual(values)
  expect(other.text('a long enough value')).not.toBe(one.text('a long enough value'))
})

const deployment = (container: object, more: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web', 'pod-template-hash': '5d4f8c7b9' }, uid: 'a-1' },
  spec: { template: { spec: { containers: [{ name: 'web', image: 'ghcr.io/acme/web:1', ...container }], ...more } } },
})

describe('what a name says to be secret is changed', () => {
  const kept = { name: 'MODE', value: 'production mode' }
  test.each([
    ['a variable', deployment({ env: [{ name: 'API_TOKEN', value: 'Hunter2-x' }, kept] })],
    ['an option', deployment({ args: ['--password=Hunter2-x', '--mode', 'production mode'] })],
    ['a word behind an option', deployment({ command: ['run', '--password', 'Hunter2-x', 'production mode'] })],
    ['an entry of a ConfigMap', configMap({ 'api-token': 'Hunter2-x', mode: 'production mode' })],
    ['a line in a file of one', configMap({ 'app.yaml': 'mode: production mode\ndb:\n  password: "Hunter2-x"\n' })],
    ['a field in JSON of one', configMap({ 'app.json': '{"mode":"production mode","db":{"password":"Hunter2-x"}}' })],
    ['a URL', deployment({ env: [{ name: 'DATABASE', value: 'postgres://app:Hunter2-x@db/production mode' }] })],
  ])('%s', (_, object) => {
    const made = JSON.stringify(disguise().object(object))
    expect(made).not.toContain('Hunter2')
    expect(made).toHaveLength(JSON.stringify(object).length)
  })
})

test.each([
  ['.npmrc', '//registry.example.com/:_authToken=Hunter2-x\n'],
  ['redis.conf', 'port 6379\nrequirepass Hunter2-x\n'],
  ['.pgpass', 'db:5432:app:app:Hunter2-x\n'],
  ['.netrc', 'machine db login app password Hunter2-x\n'],
  ['INI', '[db]\nuser = app\npassword = Hunter2-x\n'],
  ['XML', '<db>\n<password>Hunter2-x</password>\n</db>\n'],
  ['one line of dotenv', "export DB_PASSWORD='Hunter2-x'"],
  ['names and values', 'env:\n  - name: DB_PASSWORD\n    value: Hunter2-x\n'],
  ['flow of YAML', 'db: {password: Hunter2-x, user: app}\n'],
  ['a list in JSON', '[{"password":"Hunter2-x"}]'],
  ['JSON by lines', '{"token":"Hunter2-x"}\n{"token":"Hunter2-x"}\n'],
  ['a URL in prose', 'see postgres://app:Hunter2-x@db/app\nand more\n'],
  ['a header', 'Authorization: Bearer Hunter2-x\n'],
  ['a script', '#!/bin/sh\nexport PGPASSWORD=Hunter2-x\nrun --password Hunter2-x --verbose\n'],
  ['a connection string', 'Server=db;User Id=app;Password=Hunter2-x'],
])('a file of a ConfigMap, a variable or an option has no secret left: %s', (_, text) => {
  const objects = [configMap({ file: text }), deployment({ env: [{ name: 'X', value: text }], args: ['-c', text] })]
  const made = objects.map((object) => disguise().object(object))
  expect(JSON.stringify(made)).not.toContain('Hunter2')
  expect(JSON.stringify(made)).toHaveLength(JSON.stringify(objects).length)
})

test.each([
  '# The password is in a file.\nexport SQL_PASSWORD="$(cat /run/secrets/db)"\n',
  "ALTER ROLE app PASSWORD 'see below';\n-- token: none\n",
  'password_encryption = scram-sha-256\nssl_key_file = /etc/tls/tls.key\n',
  'password: ${DB_PASSWORD}\ntoken: {{ .Values.token }}\nexistingSecret: web-secrets\n',
])('what only speaks of secrets stays: %j', (text) => {
  expect(disguise().object(configMap({ file: text }))).toEqual(configMap({ file: text }))
})

function configMap(data: Record<string, string>): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'shop' }, data }
}

test.each([
  [
    'what names a Secret, or its key',
    deployment(
      { env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'web-secrets', key: 'db-password' } } }] },
      {
        volumes: [{ name: 'secret', secret: { secretName: 'web-secrets', items: [{ key: 'token', path: 'token' }] } }],
        imagePullSecrets: [{ name: 'pull-secret' }],
      },
    ),
  ],
  [
    'what pods are placed by',
    deployment(
      {},
      {
        tolerations: [{ key: 'dedicated-key', operator: 'Exists' }],
        affinity: {
          matchExpressions: [{ key: 'zone-key', operator: 'In', values: ['a-zone'] }],
          topologyKey: 'kubernetes.io/hostname',
        },
        automountServiceAccountToken: false,
      },
    ),
  ],
  [
    'a variable that quotes another',
    deployment({
      env: [
        { name: 'DB_PASSWORD', value: '$(OTHER_PASSWORD)' },
        { name: 'DB_URL', value: 'postgres://app:$(DB_PASSWORD)@db/app' },
      ],
    }),
  ],
  ['digests', deployment({ image: `ghcr.io/acme/web@sha256:${'0123456789abcdef'.repeat(4)}` })],
  [
    'marks and checksums',
    {
      ...deployment({}),
      metadata: {
        name: 'web',
        annotations: { 'checksum/config': 'f'.repeat(64), 'forge.api-forge.io/secret-x': 'h-0123456789abcdef' },
      },
    },
  ],
])('%s stays', (_, object) => expect(disguise().object(object)).toEqual(object))

test('what a Secret holds is replaced by the same in what other objects tell of it, but not in names', () => {
  const one = disguise('storefront')
  const [secret, web] = [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'web', namespace: 'shop' },
      data: { password: base64('Hunter2-x+y'), host: base64('storefront'), user: base64('acmeuser') },
    },
    deployment({
      env: [
        { name: 'X', value: `a Hunter2-x+y ${encodeURIComponent('Hunter2-x+y')} ${base64('Hunter2-x+y')}` },
        { name: 'Y', value: 'storefront' },
      ],
      image: 'ghcr.io/acmeuser/storefront:1',
    }),
  ]
  one.learn(secret)
  one.learn(web)
  const { password = '', host = '' } = one.object(secret)['data'] as Record<string, string>
  const made = Buffer.from(password, 'base64').toString()
  expect(host).not.toBe(base64('storefront'))
  expect(one.object(web)).toEqual(
    deployment({
      env: [
        { name: 'X', value: `a ${made} ${encodeURIComponent(made)} ${password}` },
        { name: 'Y', value: 'storefront' },
      ],
      image: 'ghcr.io/acmeuser/storefront:1',
    }),
  )
})
