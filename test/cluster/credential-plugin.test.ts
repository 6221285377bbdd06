import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { freshNamespace, kubectl } from '../support/cluster.ts'
import { startForge } from '../support/forge.ts'
import { testSandbox } from '../support/sandbox.ts'
import { tinyProject } from '../support/tiny.ts'

interface View {
  readonly clusters: readonly { readonly name: string }[]
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[]
}

test('a plugin beside the kubeconfig that names it serves forge and helm, from whatever folder they are started', async () => {
  const view = JSON.parse(await kubectl(['config', 'view', '--raw', '--flatten', '-o', 'json'])) as View
  const user = view.users[0]?.user ?? {}
  const pem = (key: string): string => Buffer.from(user[key] ?? '', 'base64').toString()
  const status = { clientCertificateData: pem('client-certificate-data'), clientKeyData: pem('client-key-data') }
  const [users, clusters] = await Promise.all(
    ['u', 'c'].map(async (name) => await mkdtemp(join(tmpdir(), `forge-${name}-`))),
  )
  const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status }
  await writeFile(join(users ?? '', 'credential.json'), JSON.stringify(credential), { mode: 0o600 })
  const script = '#!/bin/sh\n[ -n "$KUBERNETES_EXEC_INFO" ] && cat "$(dirname "$0")/credential.json"\n'
  await writeFile(join(users ?? '', 'plugin.sh'), script, { mode: 0o755 })
  const exec = {
    ...{ apiVersion: credential.apiVersion, command: './plugin.sh' },
    ...{ interactiveMode: 'IfAvailable', provideClusterInfo: true },
  }
  const write = async (file: string, content: object): Promise<string> => {
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...content }))
    return file
  }
  const files = [
    await write(join(users ?? '', 'users.yaml'), { users: [{ name: 'ops', user: { exec } }] }),
    await write(join(clusters ?? '', 'clusters.yaml'), {
      clusters: view.clusters,
      contexts: [{ name: 'by-plugin', context: { cluster: view.clusters[0]?.name, user: 'ops' } }],
    }),
  ]
  const project = await tinyProject(freshNamespace('plugin'))
  const env = { FORGE_SANDBOX: (await testSandbox()).name, KUBECONFIG: files.join(delimiter) }
  for (const command of ['deploy', 'status']) {
    const { exitCode, stderr } = await startForge(
      [command, '-e', 'sandbox', '-C', project.dir, '--context', 'by-plugin'],
      { env },
    )
    expect({ command, exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ command, exitCode: 0, stderr: '' })
  }
})
