import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { secretMaker } from '../../src/adapters/files/secret-maker.ts'
import { thisMachine } from '../../src/adapters/machine.ts'
import type { CredentialFacts } from '../../src/domain/doctor/credentials.ts'

const NOW = Date.parse('2026-11-27T12:00:00Z')
const { signal } = new AbortController()
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forge-machine-'))
  await writeFile(join(folder, 'here'), '#!/bin/sh\n')
  await chmod(join(folder, 'here'), 0o700)
})

/** What is known of this user of a kubeconfig. */
async function facts(user: unknown): Promise<CredentialFacts | undefined> {
  const kubeconfig = join(folder, 'kubeconfig')
  const config = {
    'current-context': 'c',
    clusters: [{ name: 'c', cluster: { server: 'https://api.test' } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'jane' } }],
    users: [{ name: 'jane', user }],
  }
  await writeFile(kubeconfig, JSON.stringify(config))
  return await thisMachine(() => ({ kubeconfig }), { PATH: folder }).credentials({ sandbox: false })
}

const BASE = { context: 'c', server: 'https://api.test', user: 'jane' }
const token = (payload: object): string =>
  ['{}', JSON.stringify(payload), 'x'].map((part) => Buffer.from(part).toString('base64url')).join('.')

test('a client certificate says when it ends, in the kubeconfig and in a file', async () => {
  const made = await secretMaker.authority({ name: 'jane', now: NOW, days: 3 })
  const data = Buffer.from(made.certificate).toString('base64')
  const file = join(folder, 'jane.crt')
  await writeFile(file, made.certificate)
  const keys = { 'client-key-data': Buffer.from(made.key).toString('base64') }
  const ends = new Date(NOW + 3 * 86_400_000).setMilliseconds(0)
  for (const user of [{ 'client-certificate-data': data }, { 'client-certificate': file }]) {
    const { certificateEnds = 0, ...rest } = ((await facts({ ...user, ...keys })) ?? BASE) as CredentialFacts
    expect(rest).toEqual(BASE)
    expect(Math.abs(certificateEnds - ends)).toBeLessThanOrEqual(86_400_000)
  }
})

test.each<[string, unknown, object]>([
  ['a token of a service account', { token: token({ exp: NOW / 1000 }) }, { tokenEnds: NOW }],
  ['one that does not say when it ends', { token: 'abc' }, {}],
  ['one without an end', { token: token({ sub: 'jane' }) }, {}],
  ['a certificate that is none', { 'client-certificate-data': 'YQ==', 'client-key-data': 'YQ==' }, {}],
  ['a plugin on PATH', { exec: { command: 'here' } }, { plugin: { command: 'here', isThere: true } }],
  [
    'a plugin that is not',
    { exec: { command: 'gone', installHint: 'get it' } },
    { plugin: { command: 'gone', isThere: false, installHint: 'get it' } },
  ],
])('%s', async (_, user, expected) => expect(await facts(user)).toEqual({ ...BASE, ...expected }))

test('forge leads to its own sandbox by itself', async () => {
  expect(await thisMachine(() => undefined).credentials({ sandbox: true })).toBeUndefined()
})

test('kubectl says its version, and a program that is not there says none', async () => {
  const { clientVersion } = JSON.parse(
    execFileSync('kubectl', ['version', '--client', '-o', 'json'], { encoding: 'utf8' }),
  ) as {
    clientVersion: { gitVersion: string }
  }
  const machine = thisMachine(() => undefined)
  expect(`v${(await machine.version('kubectl', signal)) ?? ''}`).toBe(clientVersion.gitVersion)
  const path = process.env['PATH']
  process.env['PATH'] = folder
  try {
    expect(await machine.version('kubectl', signal)).toBeUndefined()
  } finally {
    process.env['PATH'] = path
  }
})
