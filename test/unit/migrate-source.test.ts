import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { openFiles } from '../../src/adapters/files/files.ts'
import { openLegacy } from '../../src/adapters/files/legacy.ts'
import { isAddress, partsOf } from '../../src/domain/migrate/kustomization.ts'
import type { SourceObject } from '../../src/domain/migrate/source.ts'
import type { LegacyFiles } from '../../src/legacy-port.ts'
import { readSource } from '../../src/flows/migrate/source.ts'
import { LEGACY_RESOURCES as RESOURCES } from '../support/legacy-resources.ts'
import { failure } from '../support/project-ports.ts'

const { signal } = new AbortController()
const map = (name: string, more = ''): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}${more} }\n`

let dir: string
let masked: string[]

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forge-legacy-'))
  masked = []
})

afterEach(async () => {
  await rm(dir, { recursive: true })
})

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true })
    await writeFile(join(dir, name), content)
  }
}

const redactor = { add: (value: string) => void masked.push(value) }

async function read(from: string, legacy: LegacyFiles = openLegacy(openFiles(dir))): Promise<readonly SourceObject[]> {
  const cluster = { resources: () => Promise.resolve(RESOURCES) }
  return await readSource(from, 'home', { legacy, cluster, redactor, signal })
}

const named = (found: readonly SourceObject[]): string[] =>
  found.map(({ object: { kind: one, metadata }, at }) => {
    return `${one}/${metadata.name} in ${metadata.namespace ?? 'none'}, ${at?.file ?? '?'}:${at?.line ?? '?'}`
  })

describe('a folder of manifests', () => {
  test('is read with all below it, list by list, each object where it stands', async () => {
    await write({
      'old/b.yml': `# one\n\n${map('b')}---\n\n# two\n${map('c', ', namespace: other')}---\n# nothing\n`,
      'old/a/z.json': JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [
          { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'home', namespace: 'no' } },
          { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } },
        ],
      }),
      'old/a/notes.txt': 'not a manifest',
    })
    expect(named(await read('old'))).toEqual([
      'Namespace/home in none, old/a/z.json:1',
      'Deployment/web in home, old/a/z.json:1',
      'ConfigMap/b in home, old/b.yml:3',
      'ConfigMap/c in other, old/b.yml:9',
    ])
  })

  test('one file will do, and JSON may be indented by tabs', async () => {
    await write({ 'all.json': '{\n\t"apiVersion": "v1",\n\t"kind": "Secret",\n\t"metadata": { "name": "s" }\n}\n' })
    expect(named(await read('all.json'))).toEqual(['Secret/s in home, all.json:1'])
  })

  test('JSON objects may follow one another', async () => {
    const one = (name: string): string =>
      JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, x: '}{"' })
    await write({ 'all.json': `${one('a')}\n\n${one('b')} ${one('c')}` })
    const places = ['Secret/a in home, all.json:1', 'Secret/b in home, all.json:3', 'Secret/c in home, all.json:3']
    expect(named(await read('all.json'))).toEqual(places)
    await write({ 'all.json': `${one('a')}\n---\n${map('b')}` })
    expect(named(await read('all.json'))).toEqual(['Secret/a in home, all.json:1', 'ConfigMap/b in home, all.json:3'])
  })

  test('values of its Secrets are masked from then on', async () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: { name: s }\n'
    await write({ 's.yaml': `${secret}data: { a: aHVudGVyMg== }\nstringData: { b: hunter3 }\n` })
    await read('s.yaml')
    expect(masked).toEqual(expect.arrayContaining(['hunter2', 'aHVudGVyMg==', 'hunter3']))
  })

  test.each([
    ['is not there', 'gone', {}, 'gone is not there', 'ls -d gone'],
    ['holds nothing', 'old', { 'old/readme.md': '' }, 'old holds no manifest', 'ls -R old'],
    [
      'holds something else',
      'old',
      { 'old/values.yaml': `${map('a')}---\n\nimage: web\n` },
      'old/values.yaml:6 describes no Kubernetes object: it has no apiVersion, kind or metadata.name',
      'kubectl -n home create --dry-run=client --filename old/values.yaml',
    ],
    [
      'is garbled',
      'old',
      { 'old/a.yaml': 'a: [b' },
      expect.stringMatching(/^old\/a\.yaml:1 describes no Kubernetes object: /u),
      'kubectl -n home create --dry-run=client --filename old/a.yaml',
    ],
    [
      'stands above a kustomization',
      'old',
      { 'old/base/kustomization.yml': 'resources: []' },
      'old is no kustomization, and old/base in it is one',
      'forge --from old/base',
    ],
  ] as [string, string, Record<string, string>, unknown, string][])(
    'that %s is refused',
    async (_, from, files, message, hint) => {
      await write(files)
      expect(await failure(read(from))).toMatchObject({ code: 'E_LEGACY_SOURCE', message, hint })
    },
  )

  test('one object in two places is refused, also in two versions of its API', async () => {
    const scaler = (version: string): string =>
      `apiVersion: autoscaling/${version}\nkind: HorizontalPodAutoscaler\nmetadata: { name: web }\n`
    await write({ 'old/a.yaml': scaler('v1'), 'old/b.yaml': `${map('x')}---\n${scaler('v2')}` })
    expect(await failure(read('old'))).toMatchObject({
      code: 'E_LEGACY_TWICE',
      message: 'HorizontalPodAutoscaler/web is described twice, in old/a.yaml:1 and old/b.yaml:5',
    })
  })
})

describe('a kustomization', () => {
  /** Stands in for kustomize: prints how it was started, as a manifest. */
  async function program(name: string, script: string): Promise<string> {
    await write({ [name]: `#!/bin/sh\n${script}\n` })
    await chmod(join(dir, name), 0o755)
    return join(dir, name)
  }
  const PRINTS = `printf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata: { name: %s }\\ndata: { git: "%s" }\\n' "$1" "$GIT_ALLOW_PROTOCOL"`
  const rendered = async (env: NodeJS.ProcessEnv): Promise<readonly SourceObject[]> =>
    await read('old', openLegacy(openFiles(dir), env))

  test.each(['kustomization.yaml', 'kustomization.yml', 'Kustomization'])('%s is rendered', async (name) => {
    await write({ [`old/${name}`]: '', 'old/unlisted.yaml': map('unlisted') })
    const found = await rendered({ FORGE_KUSTOMIZE: await program('kustomize', PRINTS) })
    expect(found).toMatchObject([
      {
        object: { metadata: { name: 'build', namespace: 'home' }, data: { git: 'file' } },
        at: { file: `old/${name}` },
      },
    ])
  })

  test('kustomize of PATH is used before kubectl, wherever they are', async () => {
    await write({ 'old/kustomization.yaml': '' })
    await program('one/kubectl', PRINTS)
    const env = { PATH: `${join(dir, 'one')}:${join(dir, 'two')}` }
    const nameOf = ([first]: readonly SourceObject[]): string | undefined => first?.object.metadata.name
    expect(nameOf(await rendered(env))).toBe('kustomize')
    await program('two/kustomize', PRINTS)
    expect(nameOf(await rendered(env))).toBe('build')
  })

  test('without either, and with a name that leads nowhere, it is said', async () => {
    await write({ 'old/kustomization.yaml': '' })
    expect(await failure(rendered({ PATH: '' }))).toMatchObject({ code: 'E_TOOL_MISSING' })
    const nowhere = { FORGE_KUSTOMIZE: join(dir, 'nowhere') }
    expect(await failure(rendered(nowhere))).toMatchObject({
      code: 'E_TOOL_MISSING',
      message: expect.stringContaining('FORGE_KUSTOMIZE'),
    })
  })

  test('what kustomize says is the error', async () => {
    await write({ 'old/kustomization.yaml': '' })
    const file = await program('kustomize', `echo '# Warning: old field' >&2; echo 'Error: no such file x' >&2; exit 1`)
    expect(await failure(rendered({ FORGE_KUSTOMIZE: file }))).toMatchObject({
      code: 'E_LEGACY_RENDER',
      message: 'kustomize cannot render old: no such file x',
      hint: `${file} build old`,
    })
  })

  test.each([
    ['a resource', 'old/kustomization.yaml', 'resources:\n- a.yaml\n- https://example.com/x.yaml\n', 3],
    ['a base of the base', 'old/base/Kustomization', 'bases: [github.com/acme/base?ref=v1]\n', 1],
    ['a file of a generator', 'old/kustomization.yaml', 'configMapGenerator:\n- files:\n  - a=http://x/y\n', 3],
    ['a component by ssh', 'old/kustomization.yaml', 'components: ["git@github.com:acme/x.git"]\n', 1],
  ])('%s from elsewhere is refused, and kustomize not asked', async (_, file, content, line) => {
    await write({ 'old/kustomization.yaml': 'resources: [base]\n', 'old/base/a.yaml': map('a'), [file]: content })
    const error = await failure(rendered({ FORGE_KUSTOMIZE: await program('kustomize', 'exit 9') }))
    expect(error).toMatchObject({
      code: 'E_LEGACY_REMOTE',
      message: expect.stringContaining(`${file}:${line} takes `),
      hint: expect.stringMatching(
        /^mkdir old-rendered && \S+ build old --output old-rendered\/all\.yaml && forge .*--from old-rendered$/u,
      ),
    })
  })

  test('two that name each other come to an end', async () => {
    await write({ 'old/kustomization.yaml': 'resources: [base]\n', 'old/base/kustomization.yaml': 'resources: [..]\n' })
    await symlink(join(dir, 'old'), join(dir, 'linked'))
    expect(await rendered({ FORGE_KUSTOMIZE: await program('kustomize', PRINTS) })).toHaveLength(1)
  })
})

test.each([
  ['https://example.com/a.yaml', true],
  ['git::https://example.com/a', true],
  ['ssh://git@example.com/a', true],
  ['git@github.com:acme/a.git', true],
  ['github.com/acme/a', true],
  ['../base?ref=main', true],
  ['../base', false],
  ['a.yaml', false],
  ['base/a.yaml', false],
  ['.k8s-sources/.env.k8s', false],
])('%s is an address: %s', (name, is) => expect(isAddress(name)).toBe(is))

test('what may say what it likes is no file', () => {
  const text = `commonAnnotations: { docs: https://example.com }
configMapGenerator: [{ name: x, literals: [ "a=https://example.com" ], envs: [ .env ] }]
patches: [{ path: p.yaml, target: { name: x } }, { patch: "a: https://x" }]
transformers: ["apiVersion: x\\nurl: https://x\\n"]
`
  expect(partsOf(text, 'k.yaml').map(({ name }) => name)).toEqual(['.env', 'p.yaml'])
})
