import { expect, test } from '@jest/globals'
import { rehearsalKey } from '../../src/adapters/rehearsal-key.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { createDisguise } from '../../src/domain/rehearsal/disguise.ts'
import { search } from '../support/canaries.ts'

const VALUE = 'Kx7-vQ9zRw2mTp4'
const BASE64 = Buffer.from(`PASSWORD=${VALUE}\n`).toString('base64')
const pod = (container: object, annotations: Readonly<Record<string, string>> = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', annotations },
  spec: { template: { spec: { containers: [{ name: 'main', ...container }] } } },
})
const thing = (spec: object): KubeObject => ({ apiVersion: 'x.dev/v1', kind: 'Thing', metadata: { name: 'x' }, spec })
const configMap = (fields: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x' },
  ...fields,
})
const run = (script: string): KubeObject => pod({ command: ['sh', '-c', script] })
const parameters = { userKey: VALUE }

test.each<[string, KubeObject]>([
  ['a field of a custom resource', thing({ adminPassword: VALUE })],
  ['one deep in it', thing({ config: [{ auth: { token: VALUE } }] })],
  ['a file in it', thing({ config: `user: a\npassword: ${VALUE}\n` })],
  ['a URL in it', thing({ dsn: `postgres://u:${VALUE}@db/shop` })],
  [
    'a header of a probe',
    pod({ livenessProbe: { httpGet: { httpHeaders: [{ name: 'Authorization', value: `Bearer ${VALUE}` }] } } }),
  ],
  ['a variable of a script', run(`PGPASSWORD=${VALUE} psql -h db`)],
  ['one in quotes, in one of several lines', run(`set -e\nexport DB_PASSWORD="${VALUE}"\npsql\n`)],
  ['a flag of a script', run(`redis-cli --password ${VALUE} ping && true`)],
  ['a login', pod({ lifecycle: { preStop: { exec: { command: ['curl', '-u', `admin:${VALUE}`, 'http://x'] } } } })],
  ['an annotation', pod({}, { 'x.dev/auth-token': VALUE })],
  ['a URL in one', pod({}, { 'x.dev/hook': `https://u:${VALUE}@example.test/` })],
  ['binaryData that is text', configMap({ binaryData: { 'app.env': BASE64 } })],
  ['XML', configMap({ data: { 'a.xml': `<db><password>${VALUE}</password></db>` } })],
  ['an attribute', configMap({ data: { 'a.xml': `<db user="app" password="${VALUE}"/>` } })],
  ['a StorageClass', { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'x' }, parameters }],
])('what its place calls secret is made up outside of Secrets: %s', (_, object) => {
  const disguise = createDisguise({ keyed: rehearsalKey(new Uint8Array(32)), redactor: new Redactor() })
  disguise.learn(object)
  const copy = disguise.object(object)
  expect(search('the copy', JSON.stringify(copy), [{ name: 'it', value: VALUE }])).toEqual([])
  expect(JSON.stringify(copy)).not.toContain(BASE64.slice(0, 20))
  expect(JSON.stringify(copy)).toHaveLength(JSON.stringify(object).length)
})

test.each<[string, KubeObject]>([
  ['a reference', run('PGPASSWORD=$DB_PASSWORD psql --password $(cat /run/secrets/db)')],
  ['a name', thing({ secretName: 'web-tls', passwordName: 'web' })],
  ['a user and a group', pod({ command: ['run', '-u', '1000:1000'] })],
  ['a URL without a password', pod({ args: ['--from=https://example.test/a:b'] })],
])('what is none stays: %s', (_, object) => {
  const disguise = createDisguise({ keyed: rehearsalKey(new Uint8Array(32)), redactor: new Redactor() })
  expect(disguise.object(object)).toEqual(object)
})
