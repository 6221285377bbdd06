import { describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import fc from 'fast-check'
import { postRenderer } from '../../src/adapters/helm/post-renderer.ts'
import { keyOf, type KubeObject } from '../../src/domain/kube.ts'
import { parseManifest, type Rendered } from '../../src/domain/manifest/parse.ts'
import { manifestToSend } from '../../src/domain/manifest/to-send.ts'
import { canonical } from '../../src/domain/canonical.ts'
import type { PlanDocument } from '../../src/domain/plan/document.ts'
import { forgeHere, freshNamespace, object, objects } from '../support/cluster.ts'
import { document, type Ran } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { readOtherwise } from '../support/yaml-reading.ts'
import { projectOf } from '../support/project.ts'
import { yamlTexts } from '../support/yaml-texts.ts'

/** `FORGE_TEST_TEXTS=20000` looks at more of them. */
const COUNT = Number(process.env['FORGE_TEST_TEXTS'] ?? 1500)
const SEED = Number(process.env['FORGE_TEST_SEED'] ?? 1)

describe.each([3, 4] as const)('with helm %i', (major) => {
  test('generated texts have the values that helm reads in them', async () => {
    expect(await readOtherwise(major, yamlTexts(SEED, COUNT))).toEqual([])
  })

  test('generated values come through a post-renderer as they were', async () => {
    const values = fc.sample(fc.dictionary(fc.string(), fc.jsonValue()), { numRuns: COUNT / 5, seed: SEED })
    const rendered = values.map((value, at): Rendered => {
      const name = `o${String(at).padStart(6, '0')}`
      return {
        object: { apiVersion: 'example.test/v1', kind: 'Made', metadata: { name }, value },
        template: 'c/templates/a.yaml',
      }
    })
    const manifest = rendered.map(({ object: one, template }) => `---\n# Source: ${template}\n${JSON.stringify(one)}\n`)
    const objects = new Map(rendered.map(({ object: one }) => [keyOf(one), { ...one, changed: true }]))
    const send = { rendered, manifest: manifest.join(''), objects, namespace: 'n', isNamespaced: () => false }
    const read = await throughPostRenderer(major, manifestToSend(send, major))
    expect(read).toHaveLength(values.length)
    const different = values.filter((value, at) => canonical(value) !== canonical(read[at]?.['value']))
    expect(different).toEqual([])
  })

  test('what only helm used to read is deployed, found unchanged, taken back and taken away', async () => {
    const namespace = freshNamespace('odd')
    const project = await projectOf({
      'forge.yaml': `version: 1
project: odd
environments: { test: { cluster: sandbox, namespace: ${namespace} } }
releases: { odd: { chart: ./chart } }
`,
      'chart/Chart.yaml': 'apiVersion: v2\nname: odd\nversion: 0.1.0\n',
      'chart/values.yaml': 'value: one\n',
      'chart/templates/all.yaml': ODD,
    })
    const run = async (...args: string[]): Promise<Ran> =>
      await forgeHere([...args, '--env', 'test', '-C', project.dir], { FORGE_HELM: await helmOf(major) })
    const first = await run('deploy', '--json')
    expect([first.status, first.status === 0 ? '' : first.stderr]).toEqual([0, ''])
    expect(await dataOf(namespace)).toEqual({ value: 'one', text: 'a\nb ', bytes: 'hello', last: 'line' })
    expect((await object('configmap', 'typed', namespace))?.data).toEqual({ a: 'b' })
    const plan = async (...flags: string[]): Promise<PlanDocument> =>
      document<{ plan: PlanDocument }>(await run('plan', '--json', ...flags)).plan
    expect(await plan()).toMatchObject({ unchanged: true })
    const next = await plan('--set', 'value=two')
    const touched = next.objects.filter(({ action }) => action !== 'unchanged')
    expect(touched.map(({ object: name }) => name).sort()).toEqual(['ConfigMap/listed', 'Deployment/web'])
    expect((await run('deploy', '--set', 'value=two')).status).toBe(0)
    expect(await dataOf(namespace)).toMatchObject({ value: 'two' })
    expect((await run('status')).status).toBe(0)
    expect((await run('rollback')).status).toBe(0)
    expect(await dataOf(namespace)).toMatchObject({ value: 'one' })
    expect((await run('uninstall', '--yes')).status).toBe(0)
    expect(await objects('configmaps,deployments', namespace, 'app.kubernetes.io/managed-by=Helm')).toEqual([])
  })
})

/** Each of it stopped forge once: a list, a key twice, brackets and quotes in column 0, tags, `env:` of nothing. */
const ODD = `\uFEFF# only a comment
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: { name: listed }
    data: {
"value": "{{ .Values.value }}",
"text": "a

b
",
}
    data: {
"value": "{{ .Values.value }}", "text": "a

b
", "bytes": !!binary aGVsbG8=, "last": !other line
}
---
apiVersion: v1
kind: ConfigMapList
items: [ { metadata: { name: typed }, data: { a: b } } ]
--- # with a comment
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
  annotations:
spec:
  selector: { matchLabels: &labels { app: web } }
  template:
    metadata: { labels: { <<: *labels } }
    spec:
      volumes:
      containers:
      - name: web
        image: example.test/web:1
        resources: { limits: { cpu: 1 } }
        readinessProbe: { httpGet: { path: /, port: 80 } }
        env:
        envFrom: [ { configMapRef: { name: listed } } ]
        resources: { limits: { cpu: 50m } }
        args: [
"a"
]`

async function dataOf(namespace: string): Promise<Record<string, string> | undefined> {
  return (await object('configmap', 'listed', namespace))?.data
}

async function throughPostRenderer(major: 3 | 4, manifest: string): Promise<KubeObject[]> {
  const { dir } = await projectOf({
    'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 0.1.0\n',
    'templates/a.yaml': 'apiVersion: v1\nkind: Made\nmetadata: { name: a }\n',
  })
  const renderer = await postRenderer(major, manifest)
  try {
    const { stdout } = await execa(await helmOf(major), ['template', 'c', dir, ...renderer.args], { env: renderer.env })
    const read = parseManifest(stdout, 'n', () => false).map(({ object: one }) => one)
    return read.toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1))
  } finally {
    await renderer.remove()
  }
}
