import { describe, expect, test } from '@jest/globals'
import { parseValuePath } from '../../src/domain/config/value-path.ts'
import { partsOf } from '../../src/domain/names/chart-files.ts'
import { checkConfigMap, checkPreserved, checkSecretName, checkVerify } from '../../src/domain/names/objects.ts'
import { valueUses, type ValueUses } from '../../src/domain/names/value-uses.ts'
import type { KubeObject } from '../../src/domain/kube.ts'

const at = { file: 'forge.yaml', line: 7, column: 3 }

const usesIn = (files: Record<string, string>, packed: string[] = []): ValueUses =>
  valueUses(partsOf({ texts: new Map(Object.entries(files)), packed }))
const path = (text: string) => parseValuePath(text) ?? []

describe('what templates say of a value', () => {
  test.each([
    ['app.image', '{{ .Values.app.image }}', 'named'],
    ['app.image', '{{ $.Values.app.image | quote }}', 'named'],
    ['app.image', '{{ .root.Values.app.image.name }}', 'named'],
    ['app.image', '{{ index .Values "app" "image" }}', 'named'],
    ['app-x.image', '{{ (index .Values "app-x").image }}', 'perhaps'],
    ['app.image', '{{ toYaml .Values.app }}', 'named'],
    ['app.image', '{{- range $name, $one := .Values }}{{ $one.image }}{{ end }}', 'named'],
    ['app.image', '{{ with .Values.app }}{{ .image }}{{ end }}', 'perhaps'],
    ['app.image', '{{ include "x" (dict "of" .Values.app) }}{{ .of.image }}', 'perhaps'],
    ['app.imge', '{{ with .Values.app }}{{ .image }}{{ end }}', 'no'],
    ['app.imge', '{{ .Values.app.image }}', 'no'],
    ['image', '{{ .Values.app.image }}', 'no'],
    ['app.image', '{{/* .Values.app.image */}}', 'no'],
    ['app.image', '{{- /* .Values.app.image */ -}}', 'no'],
    ['app.image', 'image: app.image', 'no'],
    ['env[0].name', '{{ toYaml .Values.env }}', 'named'],
  ])('%s in %s: %s', (value, template, said) =>
    expect(usesIn({ 'templates/a.yaml': template }).speaksOf(path(value))).toBe(said),
  )

  const within = {
    'Chart.yaml': 'dependencies: [{ name: web, alias: front }, { name: db }, { name: lib }]',
    'charts/web/Chart.yaml': 'name: web',
    'charts/web/templates/a.yaml': '{{ .Values.image }}{{ .Values.global.registry }}',
    'charts/web/values.yaml': 'replicas: 1',
    'charts/lib/Chart.yaml': 'name: lib\ntype: library',
    'charts/lib/templates/_a.tpl': '{{ .Values.shared.image }}',
  }
  test.each([
    ['front.image', 'named'],
    ['web.image', 'no'],
    ['image', 'no'],
    ['global.registry', 'named'],
    ['shared.image', 'named'],
    ['lib.shared.image', 'no'],
  ])('a chart within: %s: %s', (value, said) => expect(usesIn(within).speaksOf(path(value))).toBe(said))
  test('its defaults stand under its name', () => {
    expect(usesIn(within).hasDefault(path('front.replicas'))).toBe(true)
    expect(usesIn(within).hasDefault(path('replicas'))).toBe(false)
  })
  test('nobody knows what a packed one says', () => {
    const uses = usesIn({ 'Chart.yaml': within['Chart.yaml'] }, ['charts/web-1.2.3.tgz'])
    expect([uses.speaksOf(path('front.image')), uses.speaksOf(path('db.image'))]).toEqual(['perhaps', 'no'])
  })
  test('the nearest', () =>
    expect(usesIn({ 'templates/a.yaml': '{{ .Values.app.image }}' }).nearest(path('app.imge'))).toBe('app.image'))
  test('NOTES.txt renders nothing', () =>
    expect(usesIn({ 'templates/NOTES.txt': '{{ .Values.image }}' }).speaksOf(path('image'))).toBe('no'))
})

test.each([
  ['kind: Service\nmetadata: { name: worker }', true],
  ['kind: Service\nmetadata:\n  name: {{ include "full" . }}-worker', true],
  ['kind: Service\nmetadata:\n  name: {{ include "full" (dict "name" "worker") }}', true],
  ['kind: Service\nmetadata: { name: web, labels: { worker: "1" } }', false],
  ['kind: Deployment\nmetadata: { name: worker }\n---\nkind: Service\nmetadata: { name: web }', false],
])('a template that is off may make it: %j %s', (template, made) =>
  expect(usesIn({ 'templates/a.yaml': template }).makes('Service', ['worker'])).toBe(made),
)

const object = (kind: string, name: string, more: object = {}, apiVersion = 'v1'): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name },
  ...more,
})
const names = (objects: readonly KubeObject[], more: object = {}) => ({
  objects,
  isOff: () => false,
  complete: true,
  closed: false,
  ...more,
})

describe('verify', () => {
  const check = (service: string, port: number | string) =>
    ({ kind: 'http', service, port, path: '/', status: 200, timeoutMs: 1, at }) as const
  const web = object('Service', 'web', { spec: { ports: [{ name: 'http', port: 80 }] } })
  const said = (service: string, port: number | string, objects = [web], live?: KubeObject, more = {}) =>
    checkVerify(check(service, port), names(objects, more), live).problems.map(({ message }) => message)
  test.each([
    ['by number', 'web', 80, []],
    ['by name', 'web', 'http', []],
    ['by https', 'https:web', 80, []],
    ['a port of the container', 'web', 8000, ['verify asks port 8000 of Service web, which has 80 (http)']],
    ['another name', 'wbe', 80, ['verify asks Service wbe, which no chart renders; did you mean "web"?']],
  ])('%s', (_, service, port, expected) => expect(said(service, port)).toEqual(expected))
  test('a Service that is there already, or that a controller may make', () => {
    expect(said('old', 80, [], object('Service', 'old', web))).toEqual([])
    expect(said('db-rw', 5432, [object('Cluster', 'db', {}, 'postgresql.cnpg.io/v1')])).toEqual([])
    expect(said('old', 80, [], undefined, { complete: false })).toEqual([])
  })
})

describe('preserve', () => {
  const worker = object('Deployment', 'worker', { spec: {} }, 'apps/v1')
  const said = (kind: string, name: string, field: string, more: object = {}) => {
    const found = checkPreserved({ kind, name, field, at }, names([worker], more), [{ name: 'own' }])
    return [...found.problems.map(({ message }) => message), ...found.warnings.map(({ message }) => `? ${message}`)]
  }
  const unknown = 'drift preserves spec.replicas of Deployment/wroker, which no chart renders'
  test.each([
    ['rendered', 'Deployment', 'worker', 'spec.replicas', []],
    ['of forge', 'Secret', 'own', 'data.key', []],
    ['misspelt', 'Deployment', 'wroker', 'spec.replicas', [`${unknown}; did you mean "Deployment/worker"?`]],
    [
      'with a misspelt field',
      'Deployment',
      'worker',
      'sepc.replicas',
      ['drift preserves sepc.replicas of Deployment/worker; did you mean "spec"?'],
    ],
  ])('%s', (_, kind, name, field, expected) => expect(said(kind, name, field)).toEqual(expected))
  test('what is only switched off', () => expect(said('Deployment', 'x', 'spec.y', { isOff: () => true })).toEqual([]))
  test('of a chart that cannot be looked into', () =>
    expect(said('Deployment', 'other', 'spec.y', { closed: true })).toEqual([
      '? drift preserves spec.y of Deployment/other, which no chart renders',
    ]))
})

describe('a ConfigMap', () => {
  const pod = (name: string) =>
    object(
      'Deployment',
      'web',
      {
        spec: { template: { spec: { containers: [{ envFrom: [{ configMapRef: { name } }] }] } } },
      },
      'apps/v1',
    )
  const map = { name: 'app-env', set: [], omit: [], allow: [], files: [], at }
  const said = (objects: readonly KubeObject[], knows = false) => {
    const found = checkConfigMap(map, { LEVEL: 'a-level' }, names(objects), knows)
    return [...found.problems.map(({ message }) => message), ...found.warnings.map(({ message }) => `? ${message}`)]
  }
  const nothing = 'configMaps.app-env: nothing that the charts render takes it'
  test.each([
    ['taken', [object('ConfigMap', 'app-env'), pod('app-env')], false, []],
    ['with the release before its name', [object('ConfigMap', 'x-app-env'), pod('x-app-env')], false, []],
    ['inlined', [object('Secret', 'x', { stringData: { a: 'LEVEL=a-level' } })], false, []],
    ['of a component that is off', [], true, []],
    ['that no template knows', [], false, ['configMaps.app-env: the chart renders no such ConfigMap']],
    ['taken by nothing', [object('ConfigMap', 'app-env')], false, [`? ${nothing}`]],
    ['misspelt', [object('ConfigMap', 'app-env'), pod('app-evn')], false, [`${nothing}; did you mean "app-evn"?`]],
    [
      'picked up by its label',
      [{ ...object('ConfigMap', 'x'), metadata: { name: 'app-env', labels: { grafana_dashboard: '1' } } }],
      false,
      [],
    ],
  ])('%s', (_, objects, knows, expected) => expect(said(objects, knows)).toEqual(expected))
})

test('a secret whose name is nearly that of one which pods want', () => {
  const wants = object('Pod', 'p', { spec: { containers: [{ envFrom: [{ secretRef: { name: 'app-secrets' } }] }] } })
  const spec = { type: 'Opaque', keys: [], keep: false, at } as const
  const said = (name: string) => checkSecretName({ ...spec, name }, names([wants]), [{ name }]).warnings
  expect(said('app-secrets')).toEqual([])
  expect(said('other')).toEqual([])
  expect(said('app-secrts').map(({ message }) => message)).toEqual([
    'secret app-secrts: no pod that the charts render takes it; did you mean "app-secrets"?',
  ])
})
