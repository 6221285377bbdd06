import { expect, test } from '@jest/globals'
import { newKey, rehearsalKey } from '../../src/adapters/rehearsal-key.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { keysToSpare } from '../../src/domain/redact/names.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { createDisguise } from '../../src/domain/rehearsal/disguise.ts'

const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'web-tls' }, data: { 'tls.key': '' } }
const volume = { name: 'tls', secret: { secretName: 'web-tls', items: [{ key: 'tls.crt' }] } }
const password = { name: 'P', valueFrom: { secretKeyRef: { name: 'db', key: 'admin-password' } } }
const web: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { template: { spec: { containers: [{ name: 'web', env: [password] }], volumes: [volume] } } },
}

test('what a key of a Secret is called is no secret, though values say it below one', () => {
  const keys = keysToSpare([secret, web])
  expect(keys.toSorted()).toEqual(['admin-password', 'tls.crt', 'tls.key'])
  const redactor = new Redactor()
  redactor.spare(keys)
  const disguise = createDisguise({ keyed: rehearsalKey(newKey()), redactor })
  const values = { secret: { key: 'tls.crt', password: 'tls.crt-and-more-of-it' } }
  const made = disguise.values(values)
  expect(made).toMatchObject({ secret: { key: 'tls.crt' } })
  expect(JSON.stringify(made)).not.toContain('and-more-of-it')
})
