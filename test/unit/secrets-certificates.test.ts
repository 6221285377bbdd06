import { beforeAll, describe, expect, test } from '@jest/globals'
import { certificates } from '../../src/adapters/files/certificates.ts'
import { secretMaker } from '../../src/adapters/files/secret-maker.ts'
import type { CertificatePair } from '../../src/ports.ts'
import { failure } from '../support/project-ports.ts'
import { now, resolve } from '../support/secrets.ts'

describe('certificates', () => {
  let root: CertificatePair,
    middle: CertificatePair,
    server: CertificatePair,
    old: CertificatePair,
    soon: CertificatePair
  beforeAll(async () => {
    root = await secretMaker.authority({ name: 'root', now, days: 3650 })
    middle = await secretMaker.authority({ name: 'middle', issuer: root, now, days: 1825 })
    server = await secretMaker.server({
      hosts: ['postgres', '127.0.0.1', '*.demo-ns.svc'],
      issuer: middle,
      now,
      days: 365,
    })
    old = await secretMaker.server({ hosts: ['postgres'], issuer: middle, now: now - 40 * 86_400_000, days: 30 })
    soon = await secretMaker.server({ hosts: ['postgres'], issuer: middle, now: now - 80 * 86_400_000, days: 90 })
  })
  const tls = (generate = ''): string => `  s: { type: tls, cert: c.crt, key: c.key${generate} }\n`

  test('a right chain', async () => {
    const { warnings } = await resolve(tls(', generate: { ca: ca, hosts: [postgres, "x.{namespace}.svc"] }'), {
      'c.crt': server.certificate + middle.certificate,
      'c.key': server.key,
    })
    expect(warnings).toEqual([])
    expect(certificates.chain(server.certificate)).toMatchObject({
      certificates: [
        {
          subject: 'CN=postgres',
          issuer: 'CN=middle',
          isAuthority: false,
          hosts: ['postgres', '127.0.0.1', '*.demo-ns.svc'],
        },
      ],
    })
  })

  test.each<[string, () => [string, string], string]>([
    ['another key', () => [server.certificate, old.key], 'c.crt: certificate CN=postgres belongs to another key'],
    ['expired', () => [old.certificate, old.key], 'c.crt: certificate CN=postgres expired on 2026-11-10'],
    [
      'the wrong order',
      () => [middle.certificate + server.certificate, server.key],
      "c.crt: begins with the CA CN=middle; the server's own certificate must come first",
    ],
    [
      'a hole in the chain',
      () => [server.certificate + root.certificate, server.key],
      'c.crt: certificate 1 (CN=postgres) is not signed by the next one (CN=root); the chain is out of order',
    ],
    [
      'a key that cannot be parsed',
      () => [server.certificate, '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
      'c.key: holds no private key that can be parsed (secret s, key tls.key)',
    ],
  ])('%s', async (_, files, message) => {
    const [crt, key] = files()
    const { code, problems } = await failure(resolve(tls(), { 'c.crt': crt, 'c.key': key }))
    expect(code).toBe('E_SECRET_INVALID')
    expect(problems.map((problem) => problem.replace(/^forge\.yaml:6:\d+: /u, ''))).toContain(message)
  })

  test.each<[string, string, string]>([
    [
      'a host',
      ', generate: { ca: ca, hosts: [postgres, "db.{namespace}"] }',
      'c.crt: certificate CN=postgres does not name db.demo-ns',
    ],
    ['of the Service', ', service: postgres', 'c.crt: certificate CN=postgres does not name postgres.demo-ns'],
  ])('a name is missing: %s', async (_, more, message) => {
    const { code, problems } = await failure(resolve(tls(more), { 'c.crt': server.certificate, 'c.key': server.key }))
    expect(code).toBe('E_SECRET_INVALID')
    expect(problems.map((problem) => problem.replace(/^forge\.yaml:6:\d+: /u, ''))).toEqual([message])
  })

  test.each<[string, () => string, string[]]>([
    ['the root is in the bundle', () => root.certificate, []],
    ['the issuer is in the bundle', () => middle.certificate, []],
    [
      'somebody else is in the bundle',
      () => soon.certificate,
      ['c.crt: its issuer CN=root is not in ca.crt, so clients refuse it'],
    ],
  ])('%s', async (_, bundle, expected) => {
    const files = { 'c.crt': server.certificate + middle.certificate, 'c.key': server.key, 'ca.crt': bundle() }
    const resolved = resolve(tls(', ca: ca.crt'), files)
    if (expected.length === 0) expect((await resolved).warnings.map(({ message }) => message)).toEqual([])
    else {
      const { problems } = await failure(resolved)
      expect(problems.map((problem) => problem.replace(/^forge\.yaml:6:\d+: /u, ''))).toEqual(expected)
    }
  })

  test('the bundle of the CA that signs counts where the secret has none of its own', async () => {
    const { problems } = await failure(
      resolve(tls(', generate: { ca: pki, hosts: [postgres] }'), {
        'c.crt': server.certificate + middle.certificate,
        'c.key': server.key,
        'pki/ca-bundle.crt': old.certificate,
      }),
    )
    expect(problems).toEqual([
      'forge.yaml:6:25: c.crt: its issuer CN=root is not in pki/ca-bundle.crt, so clients refuse it',
    ])
  })

  test('a warning: it expires soon', async () => {
    const { warnings } = await resolve(tls(), { 'c.crt': soon.certificate, 'c.key': soon.key })
    expect(warnings.map(({ message }) => message)).toEqual([
      'c.crt: certificate CN=postgres expires on 2026-11-30, in 10 days',
    ])
  })

  test('certificates are not masked, keys are', async () => {
    const { redact } = await resolve(tls(), { 'c.crt': server.certificate, 'c.key': server.key })
    expect(redact.values).toEqual(expect.arrayContaining([server.key]))
    expect(redact.values.join('')).not.toContain('BEGIN CERTIFICATE')
  })
})
