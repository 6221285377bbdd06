import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readChartFiles } from '../../src/adapters/files/chart-files.ts'
import { confinedFiles, confinedPlain } from '../../src/adapters/files/confined-ports.ts'
import { confine } from '../../src/adapters/files/confinement.ts'
import { openFiles } from '../../src/adapters/files/files.ts'
import { openPlainFiles } from '../../src/adapters/files/plain-files.ts'
import { lookUpKustomize } from '../../src/adapters/tools/kustomize.ts'
import type { Project } from '../../src/domain/config/model.ts'
import { loadProject } from '../../src/flows/project/load.ts'
import { resolveConfiguration } from '../../src/flows/project/configuration.ts'
import { withPlainCharts } from '../../src/flows/project/plain.ts'
import type { ProjectPorts } from '../../src/flows/project/ports.ts'
import { failure, projectPorts } from '../support/project-ports.ts'

const { signal } = new AbortController()
const map = (name: string, more = ''): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}${more} }\n`

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forge-plain-test-'))
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

const config = (release: string, more = ''): string =>
  `version: 1\nproject: demo\nenvironments:\n  dev: { cluster: sandbox }\nreleases:\n  app: ${release}\n${more}`

function ports(): ProjectPorts {
  const files = openFiles(dir)
  return { ...projectPorts(files), plain: openPlainFiles(files, { signal, progress: () => undefined }) }
}

async function made(release: string, files: Readonly<Record<string, string>>, from = ports()): Promise<Project> {
  await write({ 'forge.yaml': config(release), ...files })
  return await withPlainCharts(await loadProject(from, { dir }), from)
}

/** Names of what the chart that forge made holds. */
async function names(release: string, files: Readonly<Record<string, string>>): Promise<string[]> {
  const [app] = (await made(release, files)).releases
  const found = [...((await readChartFiles(app?.chart.chart ?? ''))?.texts.keys() ?? [])]
  return found.filter((name) => name.startsWith('templates/')).sort()
}

describe('what a release is made of', () => {
  test.each([
    ['{}', 'releases.app needs "chart", "manifests" or "kustomization"'],
    ['{ chart: ./c, manifests: k8s }', 'releases.app.manifests does not go with "chart"'],
    ['{ manifests: k8s, kustomization: k8s }', 'releases.app.kustomization does not go with "manifests"'],
    ['{ manifests: [] }', 'releases.app.manifests must name at least one file, folder or pattern'],
    ['{ manifests: k, values: [v.yaml] }', 'releases.app.values is for charts, and does not go with "manifests"'],
    ['{ manifests: k, set: { a: 1 } }', 'releases.app.set is for charts, and does not go with "manifests"'],
    [
      '{ kustomization: k, version: 1.2.3 }',
      'releases.app.version is for charts, and does not go with "kustomization"',
    ],
    [
      '{ manifests: k, configMaps: { m: {} } }',
      'releases.app.configMaps is for charts, and does not go with "manifests"',
    ],
  ])('%s', async (release, message) => {
    await write({ 'forge.yaml': config(release) })
    const { problems } = await failure(loadProject(ports(), { dir }))
    expect(problems.map((one) => one.replace(/^forge\.yaml:\d+:\d+: /u, ''))).toContain(message)
    expect(problems.every((one) => /^forge\.yaml:6:\d+: /u.test(one))).toBe(true)
  })

  test('takes no image by a value', async () => {
    await write({ 'forge.yaml': config('{ manifests: k }', 'images: { web: { ref: "w:1", to: image } }\n') })
    expect(await failure(loadProject(ports(), { dir }))).toMatchObject({
      code: 'E_CONFIG_INVALID',
      message: 'forge.yaml:7:34: images.web.to leads into release app, which has no chart and takes no values',
    })
  })
})

test.each([
  [{ set: ['a=b'] }, '--set'],
  [{ set: ['app:a=b'] }, '--set'],
  [{ values: ['v.yaml'] }, '--values'],
])('nothing of the command line reaches a release without a chart: %j', async (given, flag) => {
  await write({ 'forge.yaml': config('{ manifests: k }'), 'v.yaml': 'a: b\n' })
  const project = await loadProject(ports(), { dir, ...given })
  expect(await failure(resolveConfiguration(project, ports()))).toMatchObject({
    code: 'E_USAGE',
    message: `${flag} is for release app, which has no chart and takes no values`,
  })
})

test('what is said for no release in particular reaches those with a chart', async () => {
  const both = config('{ manifests: k }', '  web: { chart: ./c }\n')
  await write({ 'forge.yaml': both, 'c/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 0.1.0\n' })
  const project = await loadProject(ports(), { dir, set: ['a=b'] })
  const found = await resolveConfiguration(project, ports())
  expect([...found].map(([name, { values, warnings }]) => [name, values, warnings])).toEqual([
    ['app', {}, []],
    ['web', { a: 'b' }, []],
  ])
})

describe('manifests', () => {
  test('a folder gives its own files, a pattern what it matches, in order, each once', async () => {
    const files = {
      'k/b.yaml': map('b'),
      'k/a.yml': map('a'),
      'k/c.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}',
      'k/kustomization.yaml': 'resources: [a.yml]\n',
      'k/notes.txt': 'no manifest',
      'k/deep/d.yaml': map('d'),
      'x/1/e.yaml': map('e'),
      'x/.f.yaml': map('f'),
    }
    const own = ['a', 'b', 'c'].map((name) => `templates/configmap-${name}.yaml`)
    expect(await names('{ manifests: k }', files)).toEqual(own)
    expect(await names('{ manifests: [k/b.yaml, k, "x/**/*.yaml"] }', files)).toEqual([
      ...own,
      'templates/configmap-e.yaml',
    ])
  })

  test('lists are taken apart, empty documents left aside, several JSON objects read', async () => {
    const list = `# a\n---\n---\napiVersion: v1\nkind: List\nitems:\n- { apiVersion: v1, kind: Service, metadata: { name: s } }\n- { apiVersion: v1, kind: Secret, metadata: { name: s, namespace: other } }\n---\n# end\n`
    expect(
      await names('{ manifests: [l.yaml, j.json] }', {
        'l.yaml': list,
        'j.json':
          '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"}}\n{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"y"}}',
      }),
    ).toEqual([
      'templates/configmap-x.yaml',
      'templates/configmap-y.yaml',
      'templates/secret-other-s.yaml',
      'templates/service-s.yaml',
    ])
  })

  test.each([
    [
      'none.yaml',
      {},
      'E_MANIFEST_MISSING',
      'forge.yaml:6:22: none.yaml is not there, or holds no .yaml, .yml or .json (manifests of release app)',
    ],
    [
      '"k/*.yaml"',
      { 'k/a.txt': '' },
      'E_MANIFEST_MISSING',
      'forge.yaml:6:22: k/*.yaml matches no file (manifests of release app)',
    ],
    [
      'k',
      { 'k/kustomization.yaml': '' },
      'E_MANIFEST_MISSING',
      'forge.yaml:6:22: k is not there, or holds no .yaml, .yml or .json (manifests of release app)',
    ],
    ['a.yaml', { 'a.yaml': '# nothing\n' }, 'E_MANIFEST_MISSING', 'forge.yaml:6:22: release app would hold no object'],
    [
      'a.yaml',
      { 'a.yaml': `${map('a')}---\nkind: Service\nmetadata: {}\n` },
      'E_MANIFEST_INVALID',
      'a.yaml:5:1: no Kubernetes object: it has no apiVersion, no metadata.name',
    ],
    ['a.yaml', { 'a.yaml': `a: [\n` }, 'E_MANIFEST_INVALID', 'a.yaml:1:1: no Kubernetes object: '],
    [
      'a.yaml',
      { 'a.yaml': `${map('a')}spec: { big: 9007199254740993 }\n` },
      'E_MANIFEST_INVALID',
      'a.yaml:1:1: no Kubernetes object: spec.big is a whole number of more than 53 bits, which cannot be kept',
    ],
    [
      'k',
      { 'k/a.yaml': map('a'), 'k/b.yaml': `${map('b')}---\n${map('a', ', namespace: demo')}` },
      'E_MANIFEST_TWICE',
      'k/b.yaml:5:1: ConfigMap/a is described already, in k/a.yaml:1',
    ],
  ])('%s of %j', async (named, files, code, message) => {
    const found = await failure(made(`{ manifests: [${named}] }`, files))
    expect(found).toMatchObject({ code })
    expect(found.message.slice(0, message.length)).toBe(message)
  })

  test('the namespace of the release itself is left out, and said', async () => {
    const space = (name: string): string => `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n---\n`
    const [app] = (await made('{ manifests: a.yaml }', { 'a.yaml': `${space('demo')}${space('more')}${map('a')}` }))
      .releases
    expect(app?.plain?.warnings).toEqual([
      {
        message:
          'Namespace/demo is no part of the release that is in it: forge makes the namespace, with the labels of createNamespace',
        at: { file: 'a.yaml', line: 1, column: 1 },
      },
    ])
    const folder = app?.chart.chart ?? ''
    expect(await readFile(join(folder, 'templates/namespace-more.yaml'), 'utf8')).toContain('name: more')
    await expect(readFile(join(folder, 'templates/namespace-demo.yaml'), 'utf8')).rejects.toThrow('ENOENT')
  })
})

describe('kustomization', () => {
  const kustomization = { 'k/kustomization.yaml': 'resources: [a.yaml]\nnamePrefix: pre-\n' }
  test('is what kustomize makes of it', async () => {
    expect(await names('{ kustomization: k }', { ...kustomization, 'k/a.yaml': map('a') })).toEqual([
      'templates/configmap-pre-a.yaml',
    ])
  })

  test.each([
    ['none there', { 'k/a.yaml': '' }, 'E_KUSTOMIZE', /^forge\.yaml:6:25: k holds none of kustomization\.yaml, /u],
    [
      'a file that is missing',
      kustomization,
      'E_KUSTOMIZE',
      /^forge\.yaml:6:25: kustomize cannot render k: .*a\.yaml/u,
    ],
    [
      'an address',
      { 'k/kustomization.yaml': 'resources:\n- https://example.test/a.yaml\n' },
      'E_KUSTOMIZE_REMOTE',
      /^k\/kustomization\.yaml:2 takes https:\/\/example\.test\/a\.yaml from elsewhere/u,
    ],
  ])('%s', async (_, files, code, message) => {
    const found = await failure(made('{ kustomization: k }', files))
    expect(found.code).toBe(code)
    expect(found.message).toMatch(message)
  })

  test('is rendered by what FORGE_KUSTOMIZE names, else by PATH, else by what forge has built', async () => {
    await write({ 'bin/kubectl': '', 'cache/forge/tools/kustomize-5.8.1/kustomize': '', 'other/kustomize': '' })
    for (const file of ['bin/kubectl', 'cache/forge/tools/kustomize-5.8.1/kustomize', 'other/kustomize'])
      await chmod(join(dir, file), 0o755)
    const env = { PATH: '', XDG_CACHE_HOME: join(dir, 'cache') }
    expect(await lookUpKustomize({ PATH: '', XDG_CACHE_HOME: dir })).toBeUndefined()
    expect(await lookUpKustomize(env)).toEqual([join(dir, 'cache/forge/tools/kustomize-5.8.1/kustomize'), 'build'])
    expect(await lookUpKustomize({ ...env, PATH: join(dir, 'bin') })).toEqual([join(dir, 'bin/kubectl'), 'kustomize'])
    const named = { ...env, PATH: join(dir, 'bin'), FORGE_KUSTOMIZE: join(dir, 'other/kustomize') }
    expect(await lookUpKustomize(named)).toEqual([join(dir, 'other/kustomize'), 'build'])
  })
})

describe('of a stranger', () => {
  const allowance = { variables: [], charts: [], builds: false, choosesCluster: false }
  const confined = (): ProjectPorts => {
    const confinement = confine({ dir, dirGiven: true, given: [], ...allowance })
    const own = ports()
    return { ...own, files: confinedFiles(own.files, confinement), plain: confinedPlain(own.plain), confinement }
  }

  test.each([
    ['{ kustomization: k }', /^forge\.yaml:6:25: would run kustomize on k \(release app\)$/u],
    [
      '{ manifests: /etc/passwd }',
      /^forge\.yaml:6:21: would open .*\/etc\/passwd, which is outside the project \(objects of release app\)/u,
    ],
    ['{ manifests: ["../*.yaml"] }', /^forge\.yaml:6:22: would open .*, which is outside the project/u],
    ['{ manifests: link.yaml }', /^forge\.yaml:6:21: would open link\.yaml, which /u],
    ['{ manifests: "linked/*.yaml" }', /^forge\.yaml:6:21: would open linked, which /u],
    ['{ manifests: "k/*.yaml" }', /^would open .*k\/link\.yaml, which /u],
  ])('%s', async (release, message) => {
    await write({ 'k/kustomization.yaml': '' })
    await symlink('/etc/hostname', join(dir, 'link.yaml'))
    await symlink('/etc/hostname', join(dir, 'k/link.yaml'))
    await symlink('/etc', join(dir, 'linked'))
    expect(await failure(made(release, {}, confined()))).toMatchObject({
      code: 'E_UNTRUSTED',
      message: expect.stringMatching(message),
    })
  })

  test('files in the project are read', async () => {
    expect((await made('{ manifests: k }', { 'k/a.yaml': map('a') }, confined())).releases).toHaveLength(1)
  })
})
