import { webcrypto } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import * as x509 from '@peculiar/x509'
import { systemClock } from '../../src/adapters/clock.ts'
import { CredentialStore } from '../../src/adapters/kubernetes/credentials.ts'
import { loadAccess } from '../../src/adapters/kubernetes/kubeconfig.ts'
import { ApiServer, ok, status, writeKubeconfig } from './kubernetes-server.ts'
import { again, kubectl, program } from '../../src/hint.ts'

const folder = (): string => mkdtempSync(path.join(tmpdir(), 'forge-home-'))

describe('which kubeconfig', () => {
  const a = writeKubeconfig('https://a.test')
  const b = writeKubeconfig('https://b.test')

  test('--kubeconfig wins over KUBECONFIG, and is part of the hints', async () => {
    const access = await loadAccess({ kubeconfig: b }, { KUBECONFIG: a })
    expect(access).toMatchObject({
      server: 'https://b.test',
      context: 'prod-eu',
      namespace: 'api',
      user: 'ops',
      named: { kubeconfig: b, context: 'prod-eu' },
    })
  })

  test('KUBECONFIG is a list: the first to name something wins, files that are not there are skipped', async () => {
    const extra = writeKubeconfig(
      'https://c.test',
      {},
      {
        clusters: [{ name: 'd', cluster: { server: 'https://d.test/base/' } }],
        contexts: [{ name: 'other', context: { cluster: 'd', user: 'ops' } }],
        'current-context': 'other',
      },
    )
    const env = { KUBECONFIG: ['/nope', a, b, extra].join(path.delimiter) }
    expect(await loadAccess({}, env)).toMatchObject({
      server: 'https://a.test',
      context: 'prod-eu',
      named: { context: 'prod-eu' },
    })
    expect(await loadAccess({ context: 'other' }, env)).toMatchObject({ server: 'https://d.test/base' })
  })

  describe('in a pod without a kubeconfig', () => {
    const variables = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' }
    const root = folder()
    const account = path.join(root, 'var/run/secrets/kubernetes.io/serviceaccount')
    mkdirSync(account, { recursive: true })
    for (const name of ['token', 'ca.crt', 'namespace']) writeFileSync(path.join(account, name), `the ${name}`)
    // client-node reads them there, whatever it is given.
    beforeAll(() => void Object.assign(process.env, variables))
    afterAll(() => {
      for (const name of Object.keys(variables)) Reflect.deleteProperty(process.env, name)
    })
    const inPod = async (context?: string): ReturnType<typeof loadAccess> =>
      await loadAccess(context === undefined ? {} : { context }, { HOME: root, ...variables }, root)

    test.each([undefined, 'in-cluster'])('its service account is taken, with the context %s', async (context) => {
      const { config, ...access } = await inPod(context)
      expect(access).toMatchObject({
        ...{ server: 'https://10.96.0.1:443', context: 'in-cluster', namespace: 'the namespace', files: [], named: {} },
      })
      expect(config.getCurrentCluster()?.caFile).toBe(path.join(account, 'ca.crt'))
    })

    test('the context of a laptop is refused, with the name that is right here', async () => {
      await expect(inPod('prod-eu')).rejects.toMatchObject({
        code: 'E_CONTEXT_UNKNOWN',
        message: 'in-cluster credentials have no context prod-eu; known: in-cluster',
        details: { hint: again('--context', 'in-cluster') },
      })
    })
  })

  test('~/.kube/config comes last', async () => {
    const home = folder()
    mkdirSync(path.join(home, '.kube'))
    writeFileSync(
      path.join(home, '.kube', 'config'),
      'clusters: [{name: h, cluster: {server: "https://h.test"}}]\ncontexts: [{name: h, context: {cluster: h}}]\ncurrent-context: h\n',
    )
    expect(await loadAccess({}, { HOME: home })).toMatchObject({ server: 'https://h.test' })
  })

  test.each([
    [
      'none at all',
      {},
      { HOME: '/nope' },
      'E_KUBECONFIG_MISSING',
      'no kubeconfig: there is no /nope/.kube/config, and neither --kubeconfig nor KUBECONFIG names another',
    ],
    [
      '--kubeconfig',
      { kubeconfig: '/nope' },
      {},
      'E_KUBECONFIG_MISSING',
      'no kubeconfig: /nope, named by --kubeconfig, does not exist',
    ],
    [
      'KUBECONFIG',
      {},
      { KUBECONFIG: '/nope' },
      'E_KUBECONFIG_MISSING',
      'no kubeconfig: /nope, named by KUBECONFIG, does not exist',
    ],
  ])('missing: %s', async (_, request, env, code, message) => {
    await expect(loadAccess(request, env)).rejects.toMatchObject({ code, message, exitStatus: 7 })
  })

  test.each([
    ['prod-eo', 'has no context prod-eo (did you mean prod-eu?); known: prod-eu, staging-eu'],
    ['minikube', 'has no context minikube; known: prod-eu, staging-eu'],
  ])('an unknown context: %s', async (context, message) => {
    await expect(loadAccess({ kubeconfig: a, context })).rejects.toMatchObject({
      code: 'E_CONTEXT_UNKNOWN',
      message: `${a} ${message}`,
      exitStatus: 2,
    })
  })

  test('no current context', async () => {
    const file = writeKubeconfig('https://a.test', {}, { 'current-context': undefined })
    await expect(loadAccess({ kubeconfig: file })).rejects.toMatchObject({
      code: 'E_CONTEXT_UNKNOWN',
      hint: program('kubectl', 'config', 'use-context', 'prod-eu', '--kubeconfig', file),
    })
  })

  test.each(['', '{', '- a\n- b', 'clusters: [{name: x}]'])('not a kubeconfig: %p', async (text) => {
    const file = path.join(folder(), 'config')
    writeFileSync(file, text)
    await expect(loadAccess({ kubeconfig: file })).rejects.toMatchObject({
      code: expect.stringMatching(/^E_KUBECONFIG_INVALID$|^E_CONTEXT_UNKNOWN$/u),
    })
  })

  test('the error for one that is no YAML holds nothing of the keys in it', async () => {
    const file = path.join(folder(), 'config')
    writeFileSync(file, 'users:\n- user:\n    client-key-data: THE-KEY\n      token: THE-TOKEN\n')
    const error: unknown = await loadAccess({ kubeconfig: file }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'E_KUBECONFIG_INVALID' })
    expect(inspect(error, { depth: null })).not.toMatch(/THE-KEY|THE-TOKEN/u)
  })

  test('a context whose cluster is not described', async () => {
    const file = writeKubeconfig('https://a.test', {}, { clusters: [] })
    await expect(loadAccess({ kubeconfig: file })).rejects.toMatchObject({
      code: 'E_KUBECONFIG_INVALID',
      message: expect.stringContaining('context prod-eu names a cluster'),
    })
  })
})

describe('credentials', () => {
  const { signal } = new AbortController()
  const server = { current: new ApiServer() }
  afterEach(async () => {
    await server.current.close()
    server.current = new ApiServer()
  })

  const plugin = (script: string): Record<string, unknown> => ({
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] },
  })
  const credential = (token: string): string => `echo '{"kind":"ExecCredential","status":{"token":"${token}"}}'`

  test('a plugin is asked once for many requests, and again after a 401', async () => {
    const count = path.join(folder(), 'count')
    const cluster = await server.current.connect(
      {},
      plugin(`echo x >> ${count}; n=$(wc -l < ${count}); ${credential('t')} | sed "s/\\"t\\"/\\"t$((n))\\"/"`),
    )
    server.current.answers(ok({}), ok({}), status(401, 'Unauthorized'), ok({}))
    for (let calls = 0; calls < 3; calls += 1) await cluster.version(signal).catch(() => undefined)
    expect(server.current.asked.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer t1',
      'Bearer t1',
      'Bearer t1',
      'Bearer t2',
    ])
    await cluster.close()
  })

  test('a plugin that fails tells its own last line', async () => {
    const cluster = await server.current.connect(
      {},
      plugin('echo starting >&2; echo "token expired, run: login" >&2; exit 1'),
    )
    await expect(cluster.version(signal)).rejects.toMatchObject({
      code: 'E_CLUSTER_CREDENTIALS',
      message: 'the credential plugin sh of user ops failed: token expired, run: login',
      exitStatus: 7,
    })
  })

  test('a plugin that is not there: nobody was asked, and how to get it is said', async () => {
    const exec = { command: 'no-such-plugin', installHint: 'Get it from https://plugin.test' }
    const cluster = await server.current.connect({}, { exec })
    await expect(cluster.version(signal)).rejects.toMatchObject({
      code: 'E_CLUSTER_CREDENTIALS',
      message: 'the credential plugin no-such-plugin of user ops is not there\nGet it from https://plugin.test',
      details: { chain: expect.arrayContaining(['the API server was not asked']) },
      hint: kubectl(['config', 'view', '--minify']),
    })
    expect(server.current.asked).toEqual([])
  })

  test.each([
    ['needs a terminal', { interactiveMode: 'Always', args: ['-c', 'true'] }, 'needs a terminal'],
    ['prints something else', { args: ['-c', 'echo THE-TOKEN'] }, 'is no ExecCredential'],
    ['gives nothing', { args: ['-c', `echo '{"kind":"ExecCredential","status":{}}'`] }, 'neither a token nor'],
  ])('a plugin that %s', async (_, exec, message) => {
    const cluster = await server.current.connect({}, { exec: { command: 'sh', ...exec } })
    const error: unknown = await cluster.version(signal).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'E_CLUSTER_CREDENTIALS', message: expect.stringContaining(message) })
    expect(inspect(error, { depth: null })).not.toContain('THE-TOKEN')
  })

  test('a plugin beside the file that names it is found from anywhere, and is told what it is for', async () => {
    const [users, clusters] = [folder(), folder()]
    const script = [
      '#!/bin/sh',
      'cat >/dev/null',
      'echo "$KUBERNETES_EXEC_INFO" >"$0.info"',
      `printf '{"kind":"ExecCredential","status":{"token":"%s"}}' "$TOKEN"`,
    ]
    writeFileSync(path.join(users, 'plugin.sh'), script.join('\n'), { mode: 0o755 })
    const apiVersion = 'client.authentication.k8s.io/v1'
    const exec = {
      ...{ apiVersion, command: './plugin.sh', interactiveMode: 'IfAvailable', provideClusterInfo: true },
      env: [{ name: 'TOKEN', value: 't-env' }],
    }
    writeFileSync(path.join(users, 'users.yaml'), JSON.stringify({ users: [{ name: 'ops', user: { exec } }] }))
    const extensions = [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'eu' } }]
    const view = {
      clusters: [{ name: 'prod', cluster: { server: 'https://a.test', extensions } }],
      contexts: [{ name: 'prod-eu', context: { cluster: 'prod', user: 'ops' } }],
      'current-context': 'prod-eu',
    }
    writeFileSync(path.join(clusters, 'clusters.yaml'), JSON.stringify(view))
    const files = [path.join(users, 'users.yaml'), path.join(clusters, 'clusters.yaml')]
    const access = await loadAccess({}, { KUBECONFIG: files.join(path.delimiter) })
    const given = await new CredentialStore(access, systemClock).get()

    expect(given.headers).toMatchObject({ Authorization: 'Bearer t-env' })
    expect(JSON.parse(readFileSync(path.join(users, 'plugin.sh.info'), 'utf8'))).toEqual({
      kind: 'ExecCredential',
      apiVersion,
      spec: {
        interactive: false,
        cluster: { server: 'https://a.test', config: { audience: 'eu' } },
      },
    })
  })

  test('basic auth and impersonation', async () => {
    const cluster = await server.current.connect({}, { username: 'u', password: 'p', as: 'boss' })
    server.current.answer(ok({ major: '1', minor: '34+' }))
    expect((await cluster.version(signal)).minor).toBe(34)
    expect(server.current.asked[0]?.headers).toMatchObject({ authorization: 'Basic dTpw', 'impersonate-user': 'boss' })
    await cluster.close()
  })

  test('a 401 of a client certificate whose time is over says since when', async () => {
    x509.cryptoProvider.set(webcrypto as never)
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const cert = await x509.X509CertificateGenerator.createSelfSigned({
      name: 'CN=ops',
      keys,
      signingAlgorithm: algorithm,
      notBefore: new Date('2025-01-01'),
      notAfter: new Date('2025-06-01'),
    })
    const cluster = await server.current.connect(
      {},
      { 'client-certificate-data': Buffer.from(cert.toString('pem')).toString('base64') },
    )
    server.current.answer(status(401, 'Unauthorized'))
    await expect(cluster.version(signal)).rejects.toMatchObject({
      message:
        'the credentials of user ops (context prod-eu) are refused: the client certificate expired on 2025-06-01',
    })
  })
})
