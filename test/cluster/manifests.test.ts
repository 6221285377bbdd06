import { afterAll, describe, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { freshNamespace, kubectl, object, objects } from '../support/cluster.ts'
import { definitionOf, kindOf, web } from '../support/manifests.ts'
import { named, smallProject, type Manifest, type Small } from '../support/small.ts'

const GROUP = `${freshNamespace('plain')}.example.test`
const made: string[] = []

afterAll(async () => {
  if (made.length > 0) await kubectl(['delete', 'crd', ...made, '--wait=false', '--ignore-not-found'])
})

/** What Prometheus, Argo Workflows and helm itself would take for templates, and what it must stay. */
const BRACES = {
  alert: '{{ $labels.instance }} is down {{- .Values.nothing -}} {{/* not a comment */}}',
  workflow: '{{workflow.parameters.message}}\n  ---\n{{ fail "no" }} }} {{\n# Source: x/crds/y.yaml\n',
  raw: '{{`{{ a }}`}} {{ "{{" }} $(VAR) ${VAR} \\{{ "\\n" }}',
  words: 'yes',
  odd: ' a\n\n\n',
}

const settings = (data: Record<string, string> = BRACES): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings' },
  data,
})
const app = (image = 'example.test/web:1'): Manifest => web({ name: 'app', image, probe: true })

/** A release without a chart, made of these files. */
async function plain(helm: 3 | 4, release: object, files: Record<string, string>): Promise<Small> {
  const small = await smallProject(freshNamespace(`plain${helm}`), helm, [])
  await small.project.configure(['releases', 'small'], release)
  await write(small, files)
  return small
}

async function write({ project }: Small, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await project.write(name, text)
}

const documents = (...all: Manifest[]): string => all.map((one) => JSON.stringify(one)).join('\n---\n')

const dataOf = async ({ namespace }: Small, name = 'settings'): Promise<unknown> =>
  (await object('configmap', name, namespace))?.['data']

const generationOf = async ({ namespace }: Small): Promise<unknown> =>
  (await object('deployment', 'app', namespace))?.metadata.generation

describe.each([3, 4] as const)('with helm %i', (helm) => {
  test('plain manifests are a release: changed, pruned, rolled back, and nothing in them is a template', async () => {
    const small = await plain(
      helm,
      { manifests: ['k8s', 'more-*.json'] },
      {
        'k8s/app.yaml': documents(app()),
        'k8s/settings.yml': `# none\n---\n${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [settings()] })}`,
        'k8s/deep/not.yaml': 'no manifest',
        'more-1.json': JSON.stringify({ ...settings({ a: '{{ b }}' }), metadata: { name: 'gone', namespace: null } }),
      },
    )
    const first = await small.deploy()
    expect(first).toMatchObject({ status: 0, report: { outcome: 'deployed' } })
    expect(await dataOf(small)).toEqual(BRACES)
    expect(await dataOf(small, 'gone')).toEqual({ a: '{{ b }}' })
    const again = await small.deploy()
    expect(again).toMatchObject({ status: 0, report: { outcome: 'unchanged' } })
    expect((await small.plan()).unchanged).toBe(true)

    await small.project.remove('more-1.json')
    await small.project.configure(['releases', 'small', 'manifests'], 'k8s')
    await write(small, { 'k8s/settings.yml': documents(settings({ ...BRACES, alert: '{{ other }}' })) })
    expect(named(await small.plan())).toEqual({ 'ConfigMap/gone': 'delete', 'ConfigMap/settings': 'change' })
    expect(await small.deploy()).toMatchObject({ status: 0, report: { outcome: 'deployed' } })
    expect([await dataOf(small), await dataOf(small, 'gone')]).toEqual([{ ...BRACES, alert: '{{ other }}' }, undefined])

    const { stdout: history } = await small.run('history', [])
    expect(history).toContain('small (3 objects, k8s and 1 more)')
    expect(history).toContain('small (2 objects, k8s)')
    expect(history).not.toContain('0.0.0')

    // A rollback needs helm's record and no file.
    await small.project.remove('k8s/settings.yml')
    await small.project.remove('k8s/app.yaml')
    expect((await small.run('rollback', ['1', '--yes'])).status).toBe(0)
    expect([await dataOf(small), await dataOf(small, 'gone')]).toEqual([BRACES, { a: '{{ b }}' }])
    expect((await small.run('history', ['--json'])).stdout).toContain('"objects": 3')
    expect((await small.run('status', [])).status).toBe(0)
    expect((await small.run('uninstall', ['--yes'])).status).toBe(0)
    expect((await objects('deployments,configmaps', small.namespace, 'app.kubernetes.io/managed-by=Helm')).length).toBe(
      0,
    )
  })

  test('what fails goes back, and what somebody else changed is refused', async () => {
    const small = await plain(helm, { manifests: 'k8s' }, { 'k8s/all.yaml': documents(app(), settings()) })
    expect(await small.deploy()).toMatchObject({ status: 0 })
    const { spec, ...rest } = app() as unknown as { spec: { template: { metadata: object } } }
    const annotations = { 'sandbox.forge.api-forge.io/fail': 'crash-loop' }
    const template = { ...spec.template, metadata: { ...spec.template.metadata, annotations } }
    const broken = { ...rest, spec: { ...spec, template } } as unknown as Manifest
    await write(small, { 'k8s/all.yaml': documents(broken, settings({ a: 'b' })) })
    const failed = await small.deploy()
    expect(failed).toMatchObject({ status: 4, report: { outcome: 'restored' } })
    expect(await dataOf(small)).toEqual(BRACES)

    await kubectl(['patch', 'configmap', 'settings', '-n', small.namespace, '-p', '{"data":{"words":"no"}}'])
    await write(small, { 'k8s/all.yaml': documents(app(), settings({ ...BRACES, more: 'x' })) })
    expect(await small.deploy()).toMatchObject({ status: 3, report: { verdict: { code: 'E_DRIFT' } } })
  })

  test('what the API server refuses is told where it is written, before a deploy and in it', async () => {
    const one = (name: string): Manifest => ({ ...settings({ a: 'b' }), metadata: { name } })
    const small = await plain(helm, { manifests: 'k8s' }, { 'k8s/all.yaml': documents(one('first')) })
    expect(await small.deploy()).toMatchObject({ status: 0 })
    const wrong = { ...one('second'), immutable: 'perhaps' } as unknown as Manifest
    await write(small, { 'k8s/all.yaml': documents(one('first'), wrong) })
    const refused = await small.run('plan', [])
    expect(refused).toMatchObject({ status: 3, stderr: expect.stringMatching(/where +k8s\/all\.yaml:3\n/u) })

    // Each is taken alone, and not both.
    const { length } = await objects('configmaps', small.namespace)
    const hard = [`count/configmaps=${length + 1}`]
    await kubectl(['create', 'quota', 'few', `--hard=${hard.join(',')}`, '-n', small.namespace])
    await write(small, { 'k8s/all.yaml': documents(one('first'), one('second'), one('third')) })
    const failed = await small.run('deploy', [])
    expect(failed).toMatchObject({ status: 4, stderr: expect.stringMatching(/where +k8s\/all\.yaml:[35]\n/u) })
  })

  test('definitions come first, what they define in the same deploy, and both change together', async () => {
    const plural = `cups${helm}s`
    made.push(`${plural}.${GROUP}`)
    const kind = kindOf(plural)
    const definition = (fields: Record<string, object>): Manifest =>
      definitionOf(GROUP, kind, {
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: fields } } } },
      })
    const cup = (spec: object): Manifest => ({ apiVersion: `${GROUP}/v1`, kind, metadata: { name: 'one' }, spec })
    const small = await plain(
      helm,
      { manifests: 'k8s' },
      {
        'k8s/a.yaml': documents(cup({ text: '{{ a }}' }), settings()),
        'k8s/z.yaml': documents(definition({ text: { type: 'string', description: '{{ b }}' } })),
      },
    )
    expect(await small.deploy()).toMatchObject({ status: 0, report: { outcome: 'deployed' } })
    const live = await object(`${plural}.${GROUP}`, 'one', small.namespace)
    expect(live).toMatchObject({ spec: { text: '{{ a }}' } })
    expect(await small.deploy()).toMatchObject({ status: 0, report: { outcome: 'unchanged' } })

    await write(small, {
      'k8s/a.yaml': documents(cup({ text: '{{ a }}', size: 3 }), settings()),
      'k8s/z.yaml': documents(definition({ text: { type: 'string' }, size: { type: 'integer' } })),
    })
    expect(await small.deploy()).toMatchObject({ status: 0, report: { outcome: 'deployed' } })
    expect(await object(`${plural}.${GROUP}`, 'one', small.namespace)).toMatchObject({ spec: { size: 3 } })
    expect(await small.deploy()).toMatchObject({ status: 0, report: { outcome: 'unchanged' } })
  })

  test('a kustomization is a release', async () => {
    const kustomization = (tag: string, more: object = {}): string =>
      stringify({
        resources: ['../base'],
        images: [{ name: 'example.test/web', newTag: tag }],
        configMapGenerator: [{ name: 'generated', literals: [`tag=${tag} {{ braces }}`] }],
        ...more,
      })
    const small = await plain(
      helm,
      { kustomization: 'k8s/prod' },
      {
        'k8s/base/kustomization.yaml': stringify({ resources: ['app.yaml'] }),
        'k8s/base/app.yaml': documents(app()),
        'k8s/prod/kustomization.yaml': kustomization('2'),
      },
    )
    expect(await small.deploy()).toMatchObject({ status: 0, report: { outcome: 'deployed' } })
    const generation = await generationOf(small)
    expect(await small.deploy()).toMatchObject({ status: 0, report: { outcome: 'unchanged' } })
    expect(await generationOf(small)).toBe(generation)
    await write(small, { 'k8s/prod/kustomization.yaml': kustomization('3') })
    const plan = await small.plan()
    expect(Object.values(named(plan)).sort()).toEqual(['change', 'create', 'delete'])
    expect(await small.deploy()).toMatchObject({ status: 0, report: { outcome: 'deployed' } })
    expect((await small.run('rollback', ['1', '--yes'])).status).toBe(0)
    const live = JSON.stringify(await object('deployment', 'app', small.namespace))
    expect(live).toContain('example.test/web:2')

    await write(small, { 'k8s/prod/kustomization.yaml': kustomization('3', { resources: ['../none'] }) })
    const broken = await small.run('deploy', [])
    expect(broken.status).toBe(3)
    expect(broken.stderr).toMatch(/REFUSED kustomize cannot render k8s\/prod: accumulating resources: .*none/u)
    expect(broken.stderr).toMatch(/E_KUSTOMIZE\n(?:.*\n)*?where +forge\.yaml:\d+:\d+/u)
  })
})

test('a saved plan of plain manifests is carried out', async () => {
  const small = await plain(4, { manifests: 'k8s' }, { 'k8s/all.yaml': documents(app(), settings()) })
  const file = `${small.project.dir}/p.json`
  expect((await small.run('plan', ['--out', file])).status).toBe(0)
  expect(await small.deploy('--plan', file)).toMatchObject({ status: 0, report: { outcome: 'deployed' } })
})
