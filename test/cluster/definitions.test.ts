import { definitionOf, kindOf } from '../support/manifests.ts'
import { afterAll, expect, test } from '@jest/globals'
import { freshNamespace, kubectl, object } from '../support/cluster.ts'
import { smallProject, type Manifest, type Small } from '../support/small.ts'

const GROUP = `${freshNamespace('crds')}.example.test`
const made: string[] = []

afterAll(async () => {
  await kubectl(['delete', 'crd', ...made, '--wait=false', '--ignore-not-found'])
})

/** With a field of its own in its schema for each name. */
const definition = (plural: string, fields: readonly string[] = ['size']): Manifest => {
  made.push(`${plural}.${GROUP}`)
  const properties = Object.fromEntries(fields.map((field) => [field, { type: 'integer' }]))
  const spec = { type: 'object', properties }
  return definitionOf(GROUP, kindOf(plural), { schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } })
}

const settings: Manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { a: 'b' } }

async function withDefinitions(helm: 3 | 4, ...all: Manifest[]): Promise<Small> {
  const small = await smallProject(freshNamespace('crds'), helm, [settings])
  await bring(small, ...all)
  return small
}

/** As controller-gen writes it: a separator first, then one after the other, with a comment that looks like helm's. */
async function bring({ project }: Small, ...all: Manifest[]): Promise<void> {
  const texts = all.map((one) => `---\n# Source: elsewhere.yaml\n${JSON.stringify(one)}\n`)
  await project.write('chart/crds/all.yaml', texts.join(''))
}

test.each([3, 4] as const)(
  'helm %s: definitions that are there are no obstacle, in whatever file they are',
  async (helm) => {
    const [one, two] = [`doors${helm}s`, `gates${helm}s`]
    const small = await withDefinitions(helm, definition(one), definition(two))
    expect(await small.deploy()).toMatchObject({ status: 0 })
    expect((await small.plan()).unchanged).toBe(true)
    // Once more, and a second release of the same chart.
    expect((await small.run('uninstall', ['--yes'])).status).toBe(0)
    expect(await small.deploy()).toMatchObject({ status: 0 })
    const other = await withDefinitions(helm, definition(one), definition(two))
    expect(await other.deploy()).toMatchObject({ status: 0 })
  },
)

const things = (plural: string, fields: Record<string, object>, versions: readonly string[] = ['v1']): Manifest => {
  const base = definition(plural)
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: fields } } } }
  const { spec } = base as unknown as { spec: object }
  return {
    ...base,
    spec: { ...spec, versions: versions.map((name, at) => ({ name, served: true, storage: at === 0, schema })) },
  }
}

const thing = (plural: string, size: number): Manifest => ({
  apiVersion: `${GROUP}/v1`,
  kind: plural.replace(/^./u, (first) => first.toUpperCase()).replace(/s$/u, ''),
  metadata: { name: 'one' },
  spec: { size },
})

async function maximumOf(plural: string): Promise<unknown> {
  const found = JSON.parse(await kubectl(['get', 'crd', `${plural}.${GROUP}`, '-o', 'json'])) as unknown
  return (
    found as {
      spec: {
        versions: [
          { schema: { openAPIV3Schema: { properties: { spec: { properties: { size: { maximum?: number } } } } } } },
        ]
      }
    }
  ).spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.size.maximum
}

test.each([3, 4] as const)('helm %s, create: a difference stays, and the plan shows it', async (helm) => {
  const plural = `lamps${helm}s`
  const small = await withDefinitions(helm, things(plural, { size: { type: 'integer' } }))
  expect(await small.deploy()).toMatchObject({ status: 0 })
  await bring(small, things(plural, { size: { type: 'integer', maximum: 9 } }), definition(`lately${helm}s`))
  const { stdout } = await small.run('plan', [])
  expect(stdout).toMatch(
    /^CRDs {5}lamps\ds\.\S+ {2}is not as in crds\/ of small, and stays \(crds: create\): spec\.versions/mu,
  )
  expect(stdout).toMatch(/lately\ds\.\S+ {2}is not there, and an upgrade of small makes none/u)
  expect(await small.plan()).toMatchObject({ unchanged: true, definitions: [{ missing: false }, { missing: true }] })
  expect(await small.deploy()).toMatchObject({ report: { outcome: 'unchanged' } })
  expect(await maximumOf(plural)).toBeUndefined()
})

test.each([3, 4] as const)(
  'helm %s, update: what the plan shows is applied, and taken back after a failure',
  async (helm) => {
    const plural = `tables${helm}s`
    const small = await withDefinitions(helm, things(plural, { size: { type: 'integer' } }))
    await small.project.configure(['releases', 'small', 'crds'], 'update')
    expect(await small.deploy()).toMatchObject({ status: 0 })
    await bring(small, things(plural, { size: { type: 'integer', maximum: 9 } }), definition(`chairs${helm}s`))
    await small.render([settings, thing(plural, 3), { ...thing(`chairs${helm}s`, 3) }])
    const plan = await small.plan()
    expect(
      plan.objects.filter(({ ref }) => ref.kind === 'CustomResourceDefinition').map(({ action }) => action),
    ).toEqual(['change', 'create'])
    expect(await small.deploy()).toMatchObject({ status: 0 })
    expect(await maximumOf(plural)).toBe(9)
    expect((await small.plan()).unchanged).toBe(true)

    await bring(small, things(plural, { size: { type: 'integer', maximum: 5 } }), definition(`chairs${helm}s`))
    const labels = { app: 'broken' }
    const containers = [{ name: 'a', image: 'registry.invalid/none' }]
    const broken: Manifest = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'broken' },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
    }
    await small.render([settings, thing(plural, 3), broken])
    expect((await small.plan()).objects.flatMap(({ changes }) => changes.map(({ path }) => path))).toEqual([
      'spec.versions.v1.schema.openAPIV3Schema.properties.spec.properties.size.maximum',
    ])
    const { status, report } = await small.deploy()
    expect({ status, maximum: await maximumOf(plural) }).toEqual({ status: 4, maximum: 9 })
    expect(report.steps.map(({ name }) => name)).toContain('rollback')
  },
)

test('update: what would break what is there is refused before anything is written', async () => {
  const small = await withDefinitions(4, things('bowls', { size: { type: 'integer' } }))
  await small.project.configure(['releases', 'small', 'crds'], 'update')
  await small.render([settings])
  expect(await small.deploy()).toMatchObject({ status: 0 })
  await kubectl(['apply', '-n', small.namespace, '-f', '-'], JSON.stringify(thing('bowls', 12)))
  await bring(small, things('bowls', { size: { type: 'integer', maximum: 9 } }))
  expect((await small.deploy()).report.verdict).toMatchObject({
    code: 'E_CRD_INSTANCES',
    message: expect.stringContaining(`Bowl/one in namespace ${small.namespace} would not meet`),
  })
  await bring(small, things('bowls', { size: { type: 'integer' } }, ['v2']))
  expect((await small.deploy()).report.verdict).toMatchObject({
    code: 'E_CRD_VERSION',
    message: expect.stringContaining('version v1'),
  })
  expect(await maximumOf('bowls')).toBeUndefined()
})

test.each([3, 4] as const)('helm %s, skip: none is made', async (helm) => {
  const small = await withDefinitions(helm, definition(`skips${helm}s`))
  await small.project.configure(['releases', 'small', 'crds'], 'skip')
  expect((await small.plan()).objects.map(({ object: name }) => name)).toEqual(['ConfigMap/settings'])
  expect(await small.deploy()).toMatchObject({ status: 0 })
  expect(await object('crd', `skips${helm}s.${GROUP}`, '')).toBeUndefined()
})
