import { describe, expect, test } from '@jest/globals'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { secretsGiven } from '../../src/domain/values/secret-path.ts'
import type { Setting } from '../../src/domain/values/settings.ts'

const given = (text: string, flag: Setting['flag'] = '--set'): string[] => secretsGiven({ flag, text }, ['db'])

describe('what --set and its kin give is a secret', () => {
  test.each([
    ['auth.password=hunter2-horse', ['hunter2-horse']],
    ['db:auth.password=hunter2-horse', ['hunter2-horse']],
    ['redis.auth.adminPasswords[0]=hunter2,redis.port=6379', ['hunter2']],
    ['apiKey=abcdef', ['abcdef']],
    ['app.env.SESSION_SIGNING_SECRET=abcdef', ['abcdef']],
    ['secrets.db=abcdef', ['abcdef']],
    ['sentryDsn=https://a@sentry.example/1', ['https://a@sentry.example/1']],
    ['database=postgres://app:hunter2@db/app', ['postgres://app:hunter2@db/app']],
    ['x=ghp_0123456789012345678901234567', ['ghp_0123456789012345678901234567']],
  ])('%s', (text, found) => expect(given(text)).toEqual(found))

  test('as text, and in a document', () => {
    expect(given('a.token=12345678', '--set-string')).toEqual(['12345678'])
    expect(given('{"auth":{"token":"abcdef","user":"app"}}', '--set-json')).toEqual(['abcdef'])
    expect(given('auth={"password":"abcdef"}', '--set-json')).toEqual(['abcdef'])
  })
})

test.each([
  'image.tag=0123456789abcdef0123456789abcdef01234567',
  'auth.existingSecret=db-login',
  'auth.secretKeys.adminPasswordKey=postgres-password',
  'secretName=db-login',
  'imagePullSecrets[0].name=registry',
  'imagePullSecrets[0]=registry',
  'secret.create=true',
  'secret.annotations.owner=team-a',
  'tokenTTL=15m',
  'token.audience=https://vault.example',
  'keyPrefix=forge:',
  'env[0].valueFrom.secretKeyRef.key=password',
  'replicas=3',
])('%s is none', (text) => expect(given(text)).toEqual([]))

test('what was given is masked, and may stand in chart values', () => {
  const redactor = new Redactor()
  redactor.conceal('correct-Horse-42-battery')
  expect(redactor.text('a correct-Horse-42-battery')).toBe('a •••')
  expect(redactor.reveals('a correct-Horse-42-battery')).toBe(false)
  redactor.add('correct-Horse-42-battery')
  redactor.conceal('correct-Horse-42-battery')
  expect(redactor.reveals('a correct-Horse-42-battery')).toBe(true)
})
