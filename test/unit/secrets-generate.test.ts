import { describe, expect, test } from '@jest/globals'
import { certificates } from '../../src/adapters/files/certificates.ts'
import { secretMaker } from '../../src/adapters/files/secret-maker.ts'
import { loadProject } from '../../src/flows/project/load.ts'
import { resolveSecrets } from '../../src/flows/project/secrets.ts'
import { generateRows } from '../../src/flows/show.ts'
import type { GeneratePorts } from '../../src/flows/secrets-files.ts'
import { generateSecrets, type GenerateRequest } from '../../src/flows/secrets-generate.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { ForgeError } from '../../src/errors.ts'
import { failure, memoryCluster, memoryFiles, projectPorts } from '../support/project-ports.ts'
import { head, secretObject, sink } from '../support/secrets.ts'
import { kubectl } from '../../src/hint.ts'

describe('generate', () => {
  const spec = `  pw: { each: "k/{key}.txt", keys: [a, b], generate: { length: 20 } }
  tls: { type: tls, cert: certs/pg/chain.crt, key: certs/pg/server.key, generate: { ca: certs, hosts: [postgres, "postgres.{namespace}.svc"], days: 100 } }
  ca: { files: { ca-bundle.crt: certs/ca-bundle.crt }, generate: { ca: certs } }
  hand: { files: { oidc: oidc.txt, token: { env: T } } }
`
  const setUp = (files: Record<string, string> = {}, more: Partial<GeneratePorts> = {}) => {
    const memory = memoryFiles({ 'forge.yaml': `${head}${spec}`, ...files })
    const ports: GeneratePorts = {
      ...projectPorts(memory),
      maker: secretMaker,
      versionControl: { ignores: () => Promise.resolve(true) },
      alone: async (_, work) => await work(),
      stateFolder: '/state/forge',
      ...more,
    }
    const run = async (request: Partial<GenerateRequest> = {}) => {
      const project = await loadProject(ports, { dir: '/p' })
      return await generateSecrets(project, ports, sink(), { only: [], force: [], ...request })
    }
    return { memory, ports, run }
  }

  test('makes what is missing, private, and then everything that can be is usable', async () => {
    const { memory, ports, run } = setUp({ 'k/a.txt': 'mine-and-long-enough' })
    const report = await run()
    expect(report.files.map(({ file, outcome }) => `${outcome} ${file}`)).toEqual([
      'exists k/a.txt',
      'made k/b.txt',
      'made certs/root-ca.key',
      'made certs/root-ca.crt',
      'made certs/intermediate-ca.key',
      'made certs/intermediate-ca.crt',
      'made certs/ca-bundle.crt',
      'made certs/pg/server.key',
      'made certs/pg/chain.crt',
    ])
    expect(memory.contents.get('/p/k/a.txt')).toBe('mine-and-long-enough')
    expect(memory.contents.get('/p/k/b.txt')).toMatch(/^[2-9A-HJ-NP-Za-km-z]{20}$/u)
    expect([...memory.modes].filter(([path]) => /key$|txt$/u.test(path)).map(([, mode]) => mode)).toEqual([
      0o600, 0o600, 0o600, 0o600,
    ])
    expect(report.notMade).toEqual([
      { secret: 'hand', what: 'oidc.txt is missing and has no "generate"' },
      { secret: 'hand', what: 'key token comes from env' },
    ])
    const project = await loadProject(ports, { dir: '/p' })
    const { secrets } = await resolveSecrets(project, ports, sink())
    const faults = secrets.flatMap(({ problems, warnings }) => [...problems, ...warnings])
    expect(faults.filter(({ message }) => !message.includes('secret hand'))).toEqual([])
    const chain = certificates.chain(memory.contents.get('/p/certs/pg/chain.crt') as string)
    expect(chain).toMatchObject({
      signedByNext: [true],
      certificates: [{ hosts: ['postgres', 'postgres.demo-ns.svc'] }, { subject: 'CN=demo intermediate CA' }],
    })
    expect(certificates.chain(memory.contents.get('/p/certs/ca-bundle.crt') as string)).toMatchObject({
      signedByNext: [true],
      certificates: [{}, { subject: 'CN=demo root CA' }],
    })
  })

  test('again: nothing is made, nothing is written', async () => {
    const { memory, run } = setUp()
    await run()
    const before = new Map(memory.contents)
    memory.modes.clear()
    const report = await run()
    expect(new Set(report.files.map(({ outcome }) => outcome))).toEqual(new Set(['exists']))
    expect(memory.modes.size).toBe(0)
    expect(memory.contents).toEqual(before)
    expect(generateRows(report).at(-1)).toMatch(/^Nothing to make\. \d+ files exist already\.$/u)
  })

  test('what a key says itself wins over its secret', async () => {
    const own = `  mixed: { files: { made: { file: m.txt, generate: { length: 24 } }, given: g.txt, token: { env: T } } }
  most: { each: "o/{key}.txt", keys: [a, { name: b, generate: false }, { name: c, generate: {} }], generate: { length: 12 } }
`
    const { memory, run } = setUp({ 'forge.yaml': `${head}${own}` })
    const { files, notMade } = await run()
    expect(files.map(({ file }) => file)).toEqual(['m.txt', 'o/a.txt', 'o/c.txt'])
    const lengths = ['m', 'o/a', 'o/c'].map((file) => memory.contents.get(`/p/${file}.txt`)?.length)
    expect(lengths).toEqual([24, 12, 32])
    expect(notMade.map(({ what }) => what)).toEqual([
      'g.txt is missing and has no "generate"',
      'key token comes from env',
      'o/b.txt is missing and has no "generate"',
    ])
  })

  test('--only', async () => {
    expect((await setUp().run({ only: ['pw'] })).files.map(({ file }) => file)).toEqual(['k/a.txt', 'k/b.txt'])
    expect(await failure(setUp().run({ only: ['pww'] }))).toMatchObject({
      code: 'E_USAGE',
      message: 'forge.yaml has no secret "pww"; did you mean "pw"?',
    })
  })

  test('--force keeps a copy, and never touches the CA', async () => {
    const { memory, run } = setUp()
    await run()
    const before = new Map(memory.contents)
    const report = await run({ force: ['pw', 'tls'] })
    expect(report.files.filter(({ outcome }) => outcome === 'replaced').map(({ file, copy }) => [file, copy])).toEqual([
      ['k/a.txt', '/state/forge/demo/old-secrets/k/a.txt.20261120T120000Z'],
      ['k/b.txt', '/state/forge/demo/old-secrets/k/b.txt.20261120T120000Z'],
      ['certs/pg/server.key', '/state/forge/demo/old-secrets/certs/pg/server.key.20261120T120000Z'],
      ['certs/pg/chain.crt', '/state/forge/demo/old-secrets/certs/pg/chain.crt.20261120T120000Z'],
    ])
    expect(memory.contents.get('/state/forge/demo/old-secrets/k/a.txt.20261120T120000Z')).toBe(before.get('/p/k/a.txt'))
    expect(memory.contents.get('/p/k/a.txt')).not.toBe(before.get('/p/k/a.txt'))
    expect(memory.contents.get('/p/certs/root-ca.key')).toBe(before.get('/p/certs/root-ca.key'))
  })

  test('half a pair is neither used nor replaced', async () => {
    expect(await failure(setUp({ 'certs/pg/server.key': 'x' }).run())).toMatchObject({
      code: 'E_GENERATE_PAIR',
      message:
        'certs/pg/server.key is there without certs/pg/chain.crt; put the other half back, or move it away so that both are made anew',
    })
    expect(await failure(setUp({ 'certs/root-ca.crt': 'x' }).run())).toMatchObject({
      code: 'E_GENERATE_PAIR',
      message:
        'certs/root-ca.crt is there without certs/root-ca.key; put the other half back, or move it away so that both are made anew',
    })
  })

  describe('what the cluster holds already gets no new value', () => {
    const held = (name: string, ...keys: string[]) => ({
      ...secretObject(Object.fromEntries(keys.map((key) => [key, 'live']))),
      metadata: { name, namespace: 'demo-ns' },
    })
    const connect = (...objects: KubeObject[]) => ({ connect: () => Promise.resolve(memoryCluster(objects)) })

    test('all such keys are told at once, and nothing is made', async () => {
      const { memory, run } = setUp({}, connect(held('pw', 'a'), held('tls', 'tls.key')))
      expect(await failure(run())).toMatchObject({
        code: 'E_SECRET_IN_CLUSTER',
        problems: [
          'forge.yaml:6:15: k/a.txt is missing, and namespace demo-ns holds key a of secret pw: its value stays, fetch it',
          'forge.yaml:7:52: certs/pg/server.key is missing, and namespace demo-ns holds key tls.key of secret tls: its value stays, fetch it',
        ],
        hint: 'forge secrets pull --env dev',
      })
      expect([...memory.contents.keys()]).toEqual(['/p/forge.yaml'])
    })

    test('a CA whose bundle the cluster holds is not made anew, not even to replace a certificate', async () => {
      const { run } = setUp({}, connect(held('ca', 'ca-bundle.crt')))
      expect(await failure(run({ force: ['tls'] }))).toMatchObject({
        code: 'E_SECRET_IN_CLUSTER',
        hint: 'forge secrets pull --env dev --only ca',
      })
    })

    test('a bundle that was fetched signs nothing', async () => {
      const { run } = setUp({ 'certs/ca-bundle.crt': 'x' })
      expect(await failure(run({ only: ['tls'] }))).toMatchObject({ code: 'E_GENERATE_PAIR' })
    })

    test('where nothing is missing the cluster is not asked', async () => {
      const { run } = setUp(
        { 'k/a.txt': 'x', 'k/b.txt': 'y' },
        { connect: () => Promise.reject(new Error('it was asked')) },
      )
      expect((await run({ only: ['pw'] })).files.map(({ outcome }) => outcome)).toEqual(['exists', 'exists'])
    })

    test('a cluster that cannot be asked is no reason to make a second password', async () => {
      const unreachable = new ForgeError('E_CLUSTER_UNREACHABLE', 'no answer', { hint: kubectl(['version']) })
      const { memory, run } = setUp({}, { connect: () => Promise.reject(unreachable) })
      expect(await failure(run({ only: ['pw'] }))).toMatchObject({
        code: 'E_CLUSTER_UNREACHABLE',
        hint: 'kubectl version',
      })
      expect([...memory.contents.keys()]).toEqual(['/p/forge.yaml'])
    })
  })

  test('a certificate for a Service names it in every form, and localhost', async () => {
    const { memory, ports } = setUp({
      'forge.yaml': `${head}  tls: { type: tls, cert: c.crt, key: c.key, service: redis, generate: { ca: ca, hosts: [r.example] } }\n`,
    })
    const project = await loadProject(ports, { dir: '/p' })
    await generateSecrets(project, ports, sink(), { only: [], force: [] })
    expect(certificates.chain(memory.contents.get('/p/c.crt') as string)).toMatchObject({
      certificates: [{ hosts: ['redis', 'redis.demo-ns', 'redis.demo-ns.svc', 'localhost', 'r.example'] }, {}],
    })
  })

  test('a file that git would take in is a warning', async () => {
    const { run } = setUp({}, { versionControl: { ignores: (path) => Promise.resolve(!path.endsWith('a.txt')) } })
    expect((await run({ only: ['pw'] })).warnings).toEqual([
      'k/a.txt is not ignored by git: add it to .gitignore before you commit',
    ])
  })

  test('passwords: length, alphabet, and no letter is preferred', () => {
    const text = secretMaker.password(57_000)
    const counts = [...new Set(text)].map((letter) => text.split(letter).length - 1)
    expect(counts).toHaveLength(57)
    expect(Math.min(...counts)).toBeGreaterThan(800)
    expect(Math.max(...counts)).toBeLessThan(1200)
  })
})
