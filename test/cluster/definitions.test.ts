import { afterAll, expect, test } from '@jest/globals'
import { freshNamespace, kubectl } from '../support/cluster.ts'
import { smallProject, type Manifest, type Small } from '../support/small.ts'

const GROUP = `${freshNamespace('crds')}.example.test`
const made: string[] = []

afterAll(async () => {
  await kubectl(['delete', 'crd', ...made, '--wait=false', '--ignore-not-found'])
})

/** With a field of its own in its schema for each name. */
const definition = (plural: string, fields: readonly string[] = ['size'], spec: object = {}): Manifest => {
  made.push(`${plural}.${GROUP}`)
  const kind = plural.replace(/^./u, (first) => first.toUpperCase()).replace(/s$/u, '')
  const properties = Object.fromEntries(fields.map((field) => [field, { type: 'integer' }]))
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } } },
        },
      ],
      ...spec,
    },
  }
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
