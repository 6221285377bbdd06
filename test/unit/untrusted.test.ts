import { existsSync, realpathSync } from 'node:fs'
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import {
  confinedFiles,
  confinedLegacy,
  confinedModules,
  confinedSources,
} from '../../src/adapters/files/confined-ports.ts'
import { astray, confine } from '../../src/adapters/files/confinement.ts'
import { openFiles } from '../../src/adapters/files/files.ts'
import { git, openSources } from '../../src/adapters/files/sources.ts'
import { schemaOptions } from '../../src/adapters/helm/packed-schemas.ts'
import { tarFiles } from '../../src/adapters/helm/tar.ts'
import { untrustedRun } from '../../src/cli/untrusted.ts'
import { lookupsIn } from '../../src/domain/helm/template.ts'
import { mayFetch } from '../../src/domain/trust/addresses.ts'
import { foreignReferences } from '../../src/domain/trust/schema-references.ts'
import { failure } from '../support/project-ports.ts'

const NEVER = new AbortController().signal

test.each([
  ['{{ lookup "v1" "Secret" "a" "b" }}', 1],
  ['{{- range (lookup\n"v1" "Secret" "" "").items }}{{ end }}', 1],
  ['{{ print "}}" (lookup "v1" "Secret" "" "") }}', 1],
  ["{{ print '}' (lookup 1) }}", 1],
  ['{{ tpl "{{ lookup \\"v1\\" }}" . }}', 1],
  ['{{ tpl "\\x7b\\u007b \\154ookup 1 }}" . }}', 1],
  ['{{ tpl `{{ lookup "v1" }}` . }}', 1],
  ['{{ $x := lookup "a" }}{{ lookup "b" }}', 2],
  ['{{- /* lookup it }} */ -}}', 0],
  ['{{ .Values.lookup }}{{ $lookup }}{{ include "lookup" . }}{{ lookups }}{{ dns_lookup }}', 0],
  ['# lookup of the service', 0],
  ['{{ "it\'s" }} lookup {{ .a }}', 0],
])('%j asks the cluster %d times', (text, times) => {
  expect(lookupsIn(text)).toHaveLength(times)
})

test('a template of a million beginnings without an end is read at once', () => {
  const start = performance.now()
  for (const piece of ['/*', '"', '`', "'a{{", '"\\', '{{`']) lookupsIn(`{{${piece.repeat(500_000)}`)
  expect(performance.now() - start).toBeLessThan(10_000)
})

test.each([
  ['oci://ghcr.io/acme/web', true],
  ['oci://ghcr.io/acme/web:1.2.3', true],
  [`oci://ghcr.io/acme/web@sha256:${'a'.repeat(64)}`, true],
  ['oci://ghcr.io/acme', true],
  ['oci://ghcr.io/acme-too/web', false],
  ['oci://ghcr.io/acme/../other/web', false],
  ['oci://ghcr.io/acme/%2e%2e/web', false],
  ['oci://ghcr.io/acme@evil.invalid/web', false],
  ['https://charts.acme.dev/web', true],
  ['https://charts.acme.dev.evil.invalid/web', false],
  ['https://charts.acme.dev:8080/web', false],
  ['https://charts.acme.dev@evil.invalid/web', false],
])('a chart of %s may be fetched: %s', (address, may) => {
  expect(mayFetch(address, ['oci://ghcr.io/acme/', 'https://charts.acme.dev'])).toBe(may)
})

test('no empty beginning lets everything in', () => {
  expect([mayFetch('oci://a/b', ['']), mayFetch('oci://a/b', ['/']), mayFetch('oci://a/b', [])]).toEqual([
    false,
    false,
    false,
  ])
})

test.each([
  ['{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"$ref":"#/definitions/a"}}}', []],
  ['{"$schema":"https://json-schema.org/draft/2020-12/schema"}', []],
  ['{"properties":{"$ref":{"type":"string"}}}', []],
  ['{\n"$ref":"file:///etc/passwd"}', ['file:///etc/passwd:2']],
  ['{"\\u0024ref":"https://a.invalid/x#/a"}', ['https://a.invalid/x#/a:1']],
  ['{"anyOf":[{"$dynamicRef":"other.json"}]}', ['other.json:1']],
  ['{"$schema":"https://a.invalid/meta"}', ['https://a.invalid/meta:1']],
  ['{', undefined],
])('the schema %s refers to %j', (text, expected) => {
  expect(foreignReferences(text)?.map(({ address, line }) => `${address}:${line}`)).toEqual(expected)
})

test.each([
  ['1', true],
  ['true', true],
  ['on', true],
  ['whatever', true],
  ['0', false],
  ['No', false],
  ['off', false],
  ['', false],
])('FORGE_UNTRUSTED=%s means %s', (value, on) => {
  expect(untrustedRun({}, {}, { FORGE_UNTRUSTED: value }) !== undefined).toBe(on)
})

test('what is allowed, and which files are named, is said by the command line', () => {
  const flags = {
    untrusted: true,
    'allow-env': 'A, B,',
    'allow-chart': 'oci://x',
    values: ['/v.yaml'],
    'set-file': ['a=/x,b=/y'],
  }
  expect(untrustedRun(flags, { context: {}, 'skip-build': {} }, {})).toMatchObject({
    variables: ['A', 'B'],
    charts: ['oci://x'],
    choosesCluster: true,
    builds: true,
    given: expect.arrayContaining(['/v.yaml', '/x', '/y']) as unknown,
  })
  expect(
    untrustedRun({ ...flags, context: 'ci', 'skip-build': true }, { context: {}, 'skip-build': {} }, {}),
  ).toMatchObject({ choosesCluster: false, builds: false })
})

async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const base = await mkdtemp(join(tmpdir(), 'forge-confined-'))
  for (const [file, text] of Object.entries({ 'p/forge.yaml': '', 'out/secret': 'canary', ...files })) {
    await mkdir(dirname(join(base, file)), { recursive: true })
    await writeFile(join(base, file), text)
  }
  return base
}

const ALLOWED = { variables: ['OPEN'], charts: [], choosesCluster: false, builds: false }

test('nothing outside the project is opened, by whatever way', async () => {
  const base = await folderOf({ 'p/in/file': 'a', 'p/out/x': '', 'pp/file': 'canary' })
  const dir = join(base, 'p')
  await symlink(join(base, 'out'), join(dir, 'linked'))
  await symlink('../out/secret', join(dir, 'link'))
  await symlink('in', join(dir, 'inner'))
  await symlink('circle', join(dir, 'circle'))
  await symlink('/nowhere/at/all', join(dir, 'dangling'))
  await execa('mkfifo', [join(dir, 'pipe')])
  const { fault } = confine({ dir, dirGiven: true, given: [join(base, 'out/secret')], ...ALLOWED })
  const ways = [
    'in/file',
    'inner/file',
    'in',
    'none/such',
    '../pp/file',
    'linked/secret',
    'linked/none',
    'link',
    'circle',
    'pipe',
  ]
  const faults = await Promise.all(ways.map(async (way) => [way, await fault(join(dir, way))]))
  expect(Object.fromEntries(faults)).toEqual({
    'in/file': undefined,
    'inner/file': undefined,
    in: undefined,
    'none/such': undefined,
    '../pp/file': 'is outside the project',
    'linked/secret': `leads out of the project, to ${join(base, 'out/secret')}`,
    'linked/none': `leads out of the project, to ${join(base, 'out/none')}`,
    link: `leads out of the project, to ${join(base, 'out/secret')}`,
    circle: 'cannot be followed to its end',
    pipe: 'is not a regular file',
  })
  // The caller's own word counts, but not for what the checkout made of it.
  expect(await fault(join(base, 'out/secret'))).toBeUndefined()
  const named = confine({ dir, dirGiven: true, given: [join(dir, 'link')], ...ALLOWED })
  expect(await named.fault(join(dir, 'link'))).toMatch(/^leads out/u)
})

test('what the command line names in the checkout has to be there in truth, beside the project too', async () => {
  const base = realpathSync(await folderOf({ 'p/apps/web/forge.yaml': '', 'p/.git/HEAD': '', 'p/deploy/file': '' }))
  const top = join(base, 'p')
  for (const [name, target] of Object.entries({
    link: '../out/secret',
    new: '../out/new',
    deploy2: 'deploy',
    folder: '../out',
    circle: 'circle',
    on: 'new',
  }))
    await symlink(target, join(top, name))
  const ways = ['link', 'new', 'on', 'folder/none/such', 'circle', 'deploy2/file', 'deploy/none', '../out/secret']
  const found = Object.fromEntries(ways.map((way) => [way, astray(top, join(top, way))]))
  const out = `leads out of the checkout, to ${base}/out`
  expect(found).toEqual({
    link: `${out}/secret`,
    new: `${out}/new`,
    on: `${out}/new`,
    'folder/none/such': `${out}/none/such`,
    circle: 'cannot be followed to its end',
    'deploy2/file': undefined,
    'deploy/none': undefined,
    '../out/secret': undefined,
  })
  const dir = join(top, 'apps/web')
  const { fault, faultWithin } = confine({ dir, dirGiven: true, given: [join(top, 'link')], ...ALLOWED })
  expect(await fault(join(top, 'link'))).toBe(`${out}/secret`)
  expect(await faultWithin(join(top, 'new'))).toBe(`${out}/new`)
  expect(await faultWithin(join(top, 'deploy/none'))).toBeUndefined()
})

test('a chart whose links lead on and on comes to an end', async () => {
  const base = await folderOf({ 'p/chart/Chart.yaml': '' })
  // Two ways from each folder to the next: a million files at the end.
  for (let at = 0; at < 20; at += 1) {
    await mkdir(join(base, `p/chart/${at}`))
    for (const name of ['a', 'b']) await symlink(`../${at + 1}`, join(base, `p/chart/${at}/${name}`))
  }
  await mkdir(join(base, 'p/chart/20'))
  const { faultsBelow } = confine({ dir: join(base, 'p'), dirGiven: true, given: [], ...ALLOWED })
  expect(await faultsBelow(join(base, 'p/chart'))).toEqual([
    { path: expect.any(String), fault: 'is one of more than 5000 files of a chart' },
  ])
})

test('what was forgotten when the project was loaded ends at the ports', async () => {
  const base = await folderOf({})
  const dir = join(base, 'p')
  await symlink('../out/secret', join(dir, 'link'))
  const confinement = confine({ dir, dirGiven: true, given: [], ...ALLOWED })
  const files = confinedFiles(openFiles(dir), confinement)
  const sources = confinedSources(openSources({ OPEN: 'o', SHUT: 's', FORGE_ENV: 'dev' }), confinement)
  const about = { file: '', configMap: '', key: '', environment: '' }
  for (const refused of [
    () => files.read('link'),
    () => files.readBytes('../out/secret'),
    () => files.write('link', ''),
    () => sources.command(['true'], dir, NEVER),
    () => sources.decrypt('x', NEVER),
    () =>
      confinedLegacy({
        find: async () => await Promise.reject(new Error()),
        build: async () => await Promise.resolve(''),
      }).build(dir, NEVER),
    () => confinedModules.transform({ module: 'x', text: '', about }, NEVER),
  ])
    expect(await failure(refused())).toMatchObject({ code: 'E_UNTRUSTED' })
  expect(['OPEN', 'SHUT', 'FORGE_ENV'].map((name) => sources.env(name))).toEqual(['o', undefined, 'dev'])
})

test('a folder that is made up as a repository makes git run nothing', async () => {
  const base = await folderOf({})
  const bare = join(base, 'p/bare')
  const pwned = join(base, 'pwned')
  await execa('git', ['init', '--quiet', '--bare', bare])
  for (const [key, value] of [
    ['core.bare', 'false'],
    ['core.worktree', '..'],
    ['core.fsmonitor', `touch ${pwned}; false`],
  ] as const)
    await execa('git', ['--git-dir', bare, 'config', key, value])
  expect(await git.ignores(join(bare, 'key.txt'), NEVER)).toBeUndefined()
  expect(existsSync(pwned)).toBe(false)
})

test('helm uses no schema of a chart that is packed, for it may find one that forge does not', async () => {
  const base = await folderOf({ 'p/web/Chart.yaml': '', 'web.tgz': '' })
  const [folder, packed] = [{ chart: join(base, 'p/web') }, { chart: join(base, 'web.tgz') }]
  const now = schemaOptions({ major: 4, minor: 3 }, true)
  expect([await now(folder), await now(packed)]).toEqual([[], ['--skip-schema-validation']])
  const old = schemaOptions({ major: 3, minor: 14 }, true)
  expect(await old(folder)).toEqual([])
  expect(await failure(old(packed))).toMatchObject({ code: 'E_UNTRUSTED' })
  expect(await schemaOptions({ major: 3, minor: 14 }, false)(packed)).toEqual([])
})

test('an archive whose next file is said to stand further back comes to an end', () => {
  const archive = Buffer.alloc(2048)
  archive.write('a')
  archive.write('-0001000', 124)
  expect([...tarFiles(archive)]).toEqual([])
})
