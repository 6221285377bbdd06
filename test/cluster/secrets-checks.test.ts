import { beforeAll, describe, expect, test } from '@jest/globals'
import { secretMaker } from '../../src/adapters/files/secret-maker.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import type { CertificatePair } from '../../src/ports.ts'
import { freshNamespace, kubectl } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { deployedShop, versions, type Shop } from '../support/shop.ts'

const DAY_MS = 86_400_000

/** Files that replace the right ones, by path. */
type Wrong = Readonly<Record<string, string>>

describe('a wrong file is refused before any object is touched', () => {
  let shop: Shop
  let right: Record<string, string>
  let issuer: CertificatePair
  beforeAll(async () => {
    shop = await deployedShop(freshNamespace('checks'))
    const { read } = shop.project
    const files = ['keys/session.txt', 'certs/web.crt', 'certs/web.key']
    right = Object.fromEntries(await Promise.all(files.map(async (file) => [file, await read(file)] as const)))
    issuer = {
      certificate: await read('certs/ca/intermediate-ca.crt'),
      key: await read('certs/ca/intermediate-ca.key'),
    }
  }, 60_000)

  const server = async (
    hosts: readonly string[],
    options: { now?: number; by?: CertificatePair } = {},
  ): Promise<Wrong> => {
    const by = options.by ?? issuer
    const made = await secretMaker.server({ hosts, issuer: by, now: options.now ?? Date.now(), days: 90 })
    return { 'certs/web.crt': made.certificate + by.certificate, 'certs/web.key': made.key }
  }
  const names = (): string[] => ['web', `web.${shop.namespace}`, `web.${shop.namespace}.svc`]
  const session = (text: string) => (): Promise<Wrong> => Promise.resolve({ 'keys/session.txt': text })

  const cases: [what: string, wrong: () => Promise<Wrong>, code: string, message: RegExp][] = [
    ['empty', session(''), 'E_SECRET_EMPTY', /keys\/session\.txt is empty/u],
    ['a final newline', session(`${'k'.repeat(24)}\n`), 'E_SECRET_NEWLINE', /ends with a newline.*trim: newline/u],
    ['a placeholder', session('changeme'), 'E_SECRET_PLACEHOLDER', /placeholder/u],
    ['too short', session('tiny'), 'E_SECRET_INVALID', /has 4 characters/u],
    ['no PEM', () => Promise.resolve({ 'certs/web.crt': 'hello' }), 'E_SECRET_INVALID', /holds no PEM certificate/u],
    [
      'another key',
      async () => ({ 'certs/web.key': (await server(names()))['certs/web.key'] ?? '' }),
      'E_SECRET_INVALID',
      /belongs to another key/u,
    ],
    [
      'expired',
      async () => await server(names(), { now: Date.now() - 100 * DAY_MS }),
      'E_SECRET_INVALID',
      /expired on/u,
    ],
    ['a name is missing', async () => await server(['web']), 'E_SECRET_INVALID', /does not name web\..*\.svc/u],
    [
      'an issuer that nobody trusts',
      async () => {
        const by = await secretMaker.authority({ name: 'stranger', now: Date.now(), days: 10 })
        return await server(names(), { by })
      },
      'E_SECRET_INVALID',
      /issuer CN=stranger is not in certs\/ca\/ca-bundle\.crt/u,
    ],
  ]
  test.each(cases)('%s', async (_what, wrong, code, message) => {
    const { project, forge, namespace } = shop
    const before = await versions(namespace)
    for (const [file, content] of Object.entries(await wrong())) await project.write(file, content)

    const ran = await forge('deploy', '--json')
    for (const [file, content] of Object.entries(right)) await project.write(file, content)

    const { outcome, verdict } = document<DeployReport>(ran)
    expect({ status: ran.status, outcome, code: verdict?.code }).toEqual({ status: 3, outcome: 'refused', code })
    expect((verdict?.problems ?? []).map((problem) => problem.message).join('\n')).toMatch(message)
    expect(await versions(namespace)).toEqual(before)
  })

  test('several at once are all told, each with its file and what helps', async () => {
    const { project, forge } = shop
    await project.write('keys/session.txt', 'changeme')
    await project.write('certs/web.crt', 'hello')
    const { stderr, status } = await forge('secrets', 'apply', '--dry-run')
    for (const [file, content] of Object.entries(right)) await project.write(file, content)
    expect(status).toBe(3)
    expect(stderr).toMatch(/^REFUSED keys\/session\.txt: is a placeholder/mu)
    expect(stderr).toMatch(/^also {4}forge\.yaml:\d+:\d+: certs\/web\.crt: holds no PEM certificate/mu)
    expect(stderr).toMatch(/^→ +forge secrets generate --env test --force web-tls /mu)
  })

  test('a certificate that expires soon is a warning: it must not hold up a repair', async () => {
    const { project, forge } = shop
    for (const [file, content] of Object.entries(await server(names(), { now: Date.now() - 80 * DAY_MS })))
      await project.write(file, content)
    const { stderr, status } = await forge('secrets', 'apply', '--dry-run')
    for (const [file, content] of Object.entries(right)) await project.write(file, content)
    expect({ status, told: /expires\s+on/u.test(stderr) }).toEqual({ status: 0, told: true })
  })

  test('a secret that nothing uses is not asked for; one that pods use is', async () => {
    const { project, forge, namespace } = shop
    const before = await versions(namespace)
    expect((await forge('secrets', 'diff')).stdout).toContain('redis-secrets  not compared')
    await project.write('chart/values.yaml', 'secretRevisions: {}\nredis: { enabled: true }\n')
    const { status, stderr } = await forge('deploy')
    await project.write('chart/values.yaml', 'secretRevisions: {}\nredis: { enabled: false }\n')
    expect({ status, told: stderr.includes('keys/redis.txt is missing') }).toEqual({ status: 3, told: true })
    expect(await versions(namespace)).toEqual(before)
  })

  test('a live Secret that cannot be changed is found before writing, with a safe way', async () => {
    const { project, forge, namespace } = shop
    await kubectl(['patch', 'secret', 'app-secrets', '-n', namespace, '-p', '{"immutable":true}'])
    const before = await versions(namespace)
    await project.write('keys/session.txt', 'k'.repeat(24))
    const { status, stderr } = await forge('secrets', 'apply')
    await project.write('keys/session.txt', right['keys/session.txt'] ?? '')
    expect({ status, told: stderr.includes('E_SECRET_IMMUTABLE') }).toEqual({ status: 3, told: true })
    expect(await versions(namespace)).toEqual(before)
  })
})
