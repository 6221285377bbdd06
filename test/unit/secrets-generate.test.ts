import { describe, expect, test } from '@jest/globals'
import { certificates } from '../../src/adapters/files/certificates.ts'
import { secretMaker } from '../../src/adapters/files/secret-maker.ts'
import { loadProject } from '../../src/flows/project/load.ts'
import { resolveSecrets } from '../../src/flows/project/secrets.ts'
import { generateRows } from '../../src/flows/project/show.ts'
import type { GeneratePorts } from '../../src/flows/secrets-files.ts'
import { generateSecrets, type GenerateRequest } from '../../src/flows/secrets-generate.ts'
import { failure, memoryCluster, memoryFiles, projectPorts } from '../support/project-ports.ts'
import { head, secretObject, sink } from '../support/secrets.ts'

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
      ...more,
    }
    const run = async (request: Partial<GenerateRequest> = {}) => {
      const project = await loadProject(ports, { dir: '/p' })
      return await generateSecrets(project, ports, sink(), { only: [], force: [], ...request })
    }
    return { memory, ports, run }
  }

  test('makes what is missing, private, and then everything that can be is usable', async () => {
    const { memory, ports, run } = setUp({ 'k/a.txt': 'mine' })
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
    expect(memory.contents.get('/p/k/a.txt')).toBe('mine')
    expect(memory.contents.get('/p/k/b.txt')).toMatch(/^[2-9A-HJ-NP-Za-km-z]{20}$/u)
    expect([...memory.modes].filter(([path]) => /key$|txt$/u.test(path)).map(([, mode]) => mode)).toEqual([
      0o600, 0o600, 0o600, 0o600,
    ])
    expect(report.notMade).toEqual([
      { secret: 'hand', what: 'oidc.txt is missing and has no "generate"' },
      { secret: 'hand', what: 'key token comes from env' },
    ])
    const project = await loadProject(ports, { dir: '/p' })
    const resolved = await resolveSecrets(project, ports, sink(), { only: new Set(['pw', 'tls', 'ca']) })
    expect(resolved.warnings).toEqual([])
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
      ['k/a.txt', 'k/a.txt.20261120T120000Z'],
      ['k/b.txt', 'k/b.txt.20261120T120000Z'],
      ['certs/pg/server.key', 'certs/pg/server.key.20261120T120000Z'],
      ['certs/pg/chain.crt', 'certs/pg/chain.crt.20261120T120000Z'],
    ])
    expect(memory.contents.get('/p/k/a.txt.20261120T120000Z')).toBe(before.get('/p/k/a.txt'))
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

  test('what the cluster holds already gets no new value', async () => {
    const cluster = memoryCluster([
      { ...secretObject({ a: 'live' }), metadata: { name: 'pw', namespace: 'demo-ns' } },
      { ...secretObject({ 'tls.key': 'live' }), metadata: { name: 'tls', namespace: 'demo-ns' } },
    ])
    const { memory, run } = setUp({}, { cluster })
    const outcomes = (await run({ only: ['pw', 'tls'] })).files.map(({ file, outcome }) => `${outcome} ${file}`)
    expect(outcomes).toEqual([
      'in-cluster k/a.txt',
      'made k/b.txt',
      'in-cluster certs/pg/chain.crt',
      'in-cluster certs/pg/server.key',
    ])
    expect(memory.contents.has('/p/k/a.txt')).toBe(false)
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
