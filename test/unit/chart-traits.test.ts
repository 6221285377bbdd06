import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { chartTraits } from '../../src/adapters/helm/traits.ts'
import { comingRevision } from '../../src/domain/helm/record.ts'

const made: string[] = []
afterAll(async () => {
  await Promise.all(made.map(async (dir) => await rm(dir, { recursive: true })))
})

async function chartOf(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'forge-chart-'))
  made.push(dir)
  const all = { 'Chart.yaml': 'name: x', 'values.yaml': 'a: 1', ...files }
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(dir, name)), { recursive: true })
    await writeFile(join(dir, name), text)
  }
  return dir
}

/** The letters of what is true: looksUp, numbered, varies, asksForApis. */
async function lettersOf(chart: string, values: unknown = {}): Promise<string> {
  const { looksUp, numbered, varies, asksForApis } = (await chartTraits(chart))(values)
  return [looksUp && 'l', numbered && 'n', varies && 'v', asksForApis && 'a'].filter((one) => one !== false).join('')
}

test('says where in the chart it asks for the time or for something random', async () => {
  const text = 'a: 1\n{{- /* now */}}\nb: {{ now }}\n{{ $ca := genCA "now" 5 }}{{ keys .Values }}\n'
  const dir = await chartOf({ 'templates/_a.tpl': text, 'templates/NOTES.txt': '{{ now }}' })
  expect((await chartTraits(dir))({}).calls).toEqual([
    { file: 'templates/_a.tpl', line: 3, call: 'now' },
    { file: 'templates/_a.tpl', line: 4, call: 'genCA' },
  ])
})

test('says where in the chart it looks things up', async () => {
  const text = '{{/* lookup a */}}\n{{ $old := (lookup "v1" "Secret" "" "a") }}\n'
  const dir = await chartOf({ 'templates/a.yaml': text })
  expect((await chartTraits(dir))({}).lookups).toEqual([{ file: 'templates/a.yaml', line: 2, call: 'lookup' }])
})

test.each([
  ['{{ .Values.image }} {{ .Release.Name }} {{ include "x.now" . }}', ''],
  ['{{ randAlphaNum 5 }}', 'v'],
  ['{{- now | date "2006" -}}', 'v'],
  ['{{ $x := (uuidv4) }}', 'v'],
  ['{{- $ca := genCA "ca" 365 }}', 'v'],
  ['{{ range keys .Values.env }}{{ end }}', 'v'],
  ['{{ range $name := keys .Values.env | sortAlpha }}{{ end }}', ''],
  ['{{ .Values.now }} {{ $now }} {{ .Values.keys }} {{ $.Values.rand }}', ''],
  ['{{/* now, lookup x, Revision */}} now {{ "now" | quote }}', ''],
  ['{{ (lookup "v1" "Secret" "a" "b").data }}', 'lv'],
  ['x-{{ .Release.Revision }}', 'n'],
  ['{{ toYaml .Release }}', 'n'],
  ['{{ include "x" (dict "Release" .Release) }}', ''],
  ['{{ if .Capabilities.APIVersions.Has "policy/v1" }}{{ end }}', 'a'],
  ['{{ .Capabilities.KubeVersion.Minor }}', 'v'],
  ['{{ .Capabilities.KubeVersion.Version }}', ''],
  ['{{ tpl "{{ now }}" . }}', 'v'],
])('%s', async (text, letters) => {
  expect(await lettersOf(await chartOf({ 'templates/x.yaml': text }))).toBe(letters)
})

test('templates are found in values, helpers, files and charts inside a chart, not in notes, a README or definitions', async () => {
  expect(await lettersOf(await chartOf({}), { a: [{ b: 'x {{ now }}' }] })).toBe('v')
  expect(await lettersOf(await chartOf({ 'values.yaml': 'a: "{{ .Release.Revision }}"' }))).toBe('n')
  expect(await lettersOf(await chartOf({ 'files/x.conf': '{{ now }}' }))).toBe('v')
  expect(await lettersOf(await chartOf({ 'charts/sub/templates/_x.tpl': '{{ now }}' }))).toBe('v')
  const silent = { 'templates/NOTES.txt': '{{ now }}', 'README.md': '{{ now }}', 'crds/x.yaml': '{{ now }}' }
  expect(await lettersOf(await chartOf(silent))).toBe('')
})

const THINGS = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: things.example.test }
spec:
  group: example.test
  names: { kind: Thing, plural: things }
  versions: [ { name: v1, served: true }, { name: v0, served: false } ]
`

test('the kinds of its own crds/ are told to a chart that asks for kinds', async () => {
  const asking = { 'templates/x.yaml': '{{ .Capabilities.APIVersions.Has "example.test/v1" }}', 'crds/x.yaml': THINGS }
  expect((await chartTraits(await chartOf(asking)))({}).brings).toEqual(['example.test/v1', 'example.test/v1/Thing'])
  const silent = { ...asking, 'templates/x.yaml': 'x' }
  expect((await chartTraits(await chartOf(silent)))({}).brings).toEqual([])
})

test('a template that is a link is read, and what a linked folder holds', async () => {
  const shared = await chartOf({ 'shared.yaml': '{{ now }}' })
  const linked = await chartOf({ 'templates/x.yaml': 'x' })
  await symlink(join(shared, 'shared.yaml'), join(linked, 'templates', 'shared.yaml'))
  expect(await lettersOf(linked)).toBe('v')
  const folder = await chartOf({ 'templates/x.yaml': 'x' })
  await symlink(shared, join(folder, 'templates', 'more'))
  expect(await lettersOf(folder)).toBe('v')
})

test('a packed chart is looked into, and so is one packed inside it; a reference may do all', async () => {
  const inner = await chartOf({ 'templates/x.yaml': '{{ .Release.Revision }}' })
  const outer = await chartOf({ 'templates/x.yaml': 'x'.repeat(2000) })
  await mkdir(join(outer, 'charts'))
  await execa('tar', ['-czf', join(outer, 'charts', 'inner-1.0.0.tgz'), '-C', inner, '.'])
  const packed = join(await chartOf({}), 'outer-1.0.0.tgz')
  await execa('tar', ['-czf', packed, '-C', outer, '.'])
  expect([await lettersOf(outer), await lettersOf(packed)]).toEqual(['n', 'n'])
  expect(await lettersOf('oci://registry.invalid/chart')).toBe('lnva')
})

test.each([
  ['never installed', [], { isUpgrade: false, revision: 1 }],
  ['deployed', [{ revision: 4, status: 'deployed' }], { isUpgrade: true, revision: 5 }],
  ['a first install that failed', [{ revision: 1, status: 'failed' }], { isUpgrade: true, revision: 2 }],
  ['uninstalled, its history kept', [{ revision: 3, status: 'uninstalled' }], { isUpgrade: false, revision: 1 }],
])('what templates see of a release that was %s', (_, history, coming) => {
  expect(comingRevision(history)).toEqual(coming)
})
