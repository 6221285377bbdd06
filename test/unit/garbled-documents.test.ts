import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { loadAccess } from '../../src/adapters/kubernetes/kubeconfig.ts'
import { storedRelease } from '../../src/adapters/kubernetes/releases.ts'
import { ignoresOf } from '../../src/domain/helm/ignore.ts'
import { readComposeBuild } from '../../src/domain/images/compose.ts'
import { parseSavedPlan } from '../../src/domain/plan/saved.ts'
import { readDotenv } from '../../src/domain/transforms/dotenv-file.ts'
import { failure } from '../support/project-ports.ts'

// What the fuzzer found (npm run test:fuzz), in few words.

test('a dotenv file that begins with a letter of two code units is read to its end', () => {
  expect([...readDotenv('😀\nA=1\n', '.env').entries.keys()]).toEqual(['A'])
})

test('a compose file of aliases of aliases is refused', async () => {
  const bomb = Array.from(
    { length: 9 },
    (_, at) =>
      `x${at}: &x${at} [${Array(9)
        .fill(at === 0 ? 'x' : `*x${at - 1}`)
        .join()}]`,
  )
  const text = `${bomb.join('\n')}\nservices: { app: { build: . } }\n`
  expect(await failure(Promise.resolve().then(() => readComposeBuild(text, 'c.yml', 'app', () => '')))).toMatchObject({
    code: 'E_IMAGE_COMPOSE',
    message: expect.stringContaining('c.yml cannot be read: '),
  })
})

test.each([
  [
    'no current context, said with null',
    'current-context: null',
    'E_CONTEXT_UNKNOWN',
    /has no current context; known: a/u,
  ],
  ['a number', 'current-context: 7', 'E_KUBECONFIG_INVALID', /current-context is not a text/u],
])('a kubeconfig with %s', async (_, line, code, message) => {
  const dir = await mkdtemp(join(tmpdir(), 'forge-garbled-'))
  const cluster = 'clusters: [{ name: c, cluster: { server: "https://x" } }]'
  const file = join(dir, 'kubeconfig')
  await writeFile(file, `${line}\n${cluster}\nusers: []\ncontexts: [{ name: a, context: { cluster: c, user: u } }]\n`)
  expect(await failure(loadAccess({ kubeconfig: file }))).toMatchObject({
    code,
    message: expect.stringMatching(message),
  })
  await rm(dir, { recursive: true })
})

test.each([
  ['hooks that are no list', { hooks: {} }],
  ['a hook whose events are no texts', { hooks: [{ events: [7] }] }],
  ['a chart that is a text', { chart: 'shop' }],
  ['values that are a list', { config: [] }],
])("a record of helm's with %s is garbled; what Go leaves out, or null, is not", (_, part) => {
  const stored = (record: unknown) =>
    storedRelease({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'r', labels: { version: '1' } },
      data: { release: Buffer.from(gzipSync(JSON.stringify(record)).toString('base64')).toString('base64') },
    })
  expect(stored(part).fault).toBe('it is not the record of a release')
  expect(stored({ manifest: '', hooks: null, config: null, chart: { metadata: null } }).fault).toBeUndefined()
})

test.each(['values', 'images', 'drift', 'releases', 'secrets', 'preconditions'])(
  'a saved plan whose %s somebody changed is no plan',
  (part) => {
    const basis = {
      values: [],
      images: {},
      drift: { policy: 'refuse', preserve: [] },
      releases: [],
      secrets: [],
      preconditions: [],
    }
    const plan = { kind: 'Plan', version: 1, project: 'p', environment: 'e', namespace: 'n', createdAt: 'x', basis }
    expect(parseSavedPlan(JSON.stringify(plan))).toHaveProperty('plan')
    expect(parseSavedPlan(JSON.stringify({ ...plan, basis: { ...basis, [part]: 'x' } }))).toMatchObject({
      fault: 'syntax',
      message: `is not a plan that forge saved: ${part} is not as it was`,
    })
  },
)

test.each([
  ['[z-a]', 'm', false],
  ['x[be-d]', 'xb', true],
  ['x[be-d]', 'xe', false],
  ['[a-c]', 'b', true],
])('a .helmignore with %s: %s', (rules, path, ignored) => expect(ignoresOf(rules)(path, false)).toBe(ignored))
