import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { secretMaker } from '../../src/adapters/files/secret-maker.ts'
import { freshNamespace, kubectl } from '../support/cluster.ts'
import { examine } from '../support/examined.ts'
import * as sample from '../support/manifests.ts'
import { testSandbox } from '../support/sandbox.ts'
import { smallProject } from '../support/small.ts'

describe('credentials that forge doctor finds', () => {
  async function kubeconfigWith(folder: string, user: unknown): Promise<string> {
    const config = JSON.parse(await kubectl(['config', 'view', '--raw', '-o', 'json'])) as {
      clusters: { name: string }[]
    }
    const file = join(folder, 'kubeconfig')
    const contexts = [{ name: 'c', context: { cluster: config.clusters[0]?.name, user: 'jane' } }]
    const text = JSON.stringify({ ...config, users: [{ name: 'jane', user }], contexts, 'current-context': 'c' })
    await writeFile(file, text, { mode: 0o600 })
    return file
  }

  test('a plugin that is not there, and a certificate that has ended', async () => {
    const { project } = await smallProject(freshNamespace('cred'), 4, [sample.configMap('a', { a: '1' })])
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-plugin', interactiveMode: 'Never' }
    const plugin = await examine(project.dir, 'test', '--kubeconfig', await kubeconfigWith(project.dir, { exec }))
    expect(plugin.ills[0]).toMatchObject({ group: 'access', state: 'problem', code: 'E_CLUSTER_CREDENTIALS' })
    expect(plugin.ills.map(({ text }) => text).join('\n')).toContain(
      'the credential plugin no-such-plugin of jane is not there',
    )
    const day = 86_400_000
    const made = await secretMaker.authority({ name: 'jane', now: Date.now() - 9 * day, days: 5 })
    const base64 = (text: string): string => Buffer.from(text).toString('base64')
    const pair = { 'client-certificate-data': base64(made.certificate), 'client-key-data': base64(made.key) }
    const ended = await examine(project.dir, 'test', '--kubeconfig', await kubeconfigWith(project.dir, pair))
    expect(ended.ills[0]?.text).toMatch(/^the client certificate of jane expired on /u)
    expect([plugin.status, ended.status]).toEqual([7, 7])
  })

  test('a token that has ended, and one that ends within a deploy', async () => {
    const namespace = freshNamespace('cred')
    const { project } = await smallProject(namespace, 4, [sample.configMap('a', { a: '1' })])
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const old = `${part({ alg: 'none' })}.${part({ exp: Math.floor(Date.now() / 1000) - 60 })}.x`
    const ended = await examine(project.dir, 'test', '--kubeconfig', await kubeconfigWith(project.dir, { token: old }))
    expect(ended.ills[0]).toMatchObject({ group: 'access', state: 'problem', code: 'E_CLUSTER_CREDENTIALS' })
    expect(ended.ills[0]?.text).toMatch(/^the token of jane expired on /u)
    expect(ended.status).toBe(7)
    await kubectl(['create', 'namespace', namespace])
    await kubectl(['create', 'serviceaccount', 'jane', '-n', namespace])
    const token = (await kubectl(['create', 'token', 'jane', '-n', namespace, '--duration=10m'])).trim()
    const soon = await examine(project.dir, 'test', '--kubeconfig', await kubeconfigWith(project.dir, { token }))
    expect(soon.ills).toContainEqual(
      expect.objectContaining({
        ...{ group: 'access', state: 'warning' },
        text: expect.stringMatching(/^the token of jane expires on .*: a deploy may take longer$/u),
      }),
    )
  })

  test('a cluster that nobody reaches is exit status 7, and what needs none is said all the same', async () => {
    const { project } = await smallProject(freshNamespace('cred'), 4, [sample.configMap('a', { a: '1' })])
    const config = JSON.parse(await readFile(await kubeconfigWith(project.dir, { token: 'x' }), 'utf8')) as {
      clusters: { cluster: { server: string } }[]
    }
    for (const { cluster } of config.clusters) cluster.server = 'https://127.0.0.1:1'
    const file = join(project.dir, 'nowhere')
    await writeFile(file, JSON.stringify(config), { mode: 0o600 })
    const { status, ready, lines, ills } = await examine(project.dir, 'test', '--kubeconfig', file)
    expect({ status, ready }).toEqual({ status: 7, ready: false })
    expect(ills[0]).toMatchObject({ group: 'access', state: 'problem', code: 'E_CLUSTER_UNREACHABLE' })
    expect(lines.map(({ text }) => text)).toContainEqual(expect.stringMatching(/^Node \d/u))
  })

  test('a context that is not there', async () => {
    const { project } = await smallProject(freshNamespace('cred'), 4, [sample.configMap('a', { a: '1' })])
    const { kubeconfig } = await testSandbox()
    const { status, ills } = await examine(project.dir, 'test', '--kubeconfig', kubeconfig, '--context', 'nowhere')
    expect(ills[0]).toMatchObject({ group: 'access', state: 'problem', code: 'E_CONTEXT_UNKNOWN' })
    expect(status).toBe(3)
  })
})
