import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { render } from '../support/chart.ts'
import { freshNamespace, kubectl, type LiveObject } from '../support/cluster.ts'
import { ROOT } from '../support/forge.ts'

// examples/api-forge/legacy beside the chart: what must be equal for the one to be taken over by the other in place.
const EXAMPLE = join(ROOT, 'examples', 'api-forge')

let namespace: string
let legacy: readonly LiveObject[]
let values: Record<string, unknown>

beforeAll(async () => {
  namespace = freshNamespace('legacy')
  await kubectl(['create', 'namespace', namespace])
  legacy = parseAllDocuments(await kubectl(['kustomize', join(EXAMPLE, 'legacy')])).map(
    (document) => document.toJS() as LiveObject,
  )
  values = parse(await readFile(join(EXAMPLE, 'deploy', 'values.legacy.yaml'), 'utf8')) as Record<string, unknown>
})

afterAll(async () => {
  await kubectl(['delete', 'namespace', namespace, '--wait=false'])
})

const chart = async (): Promise<LiveObject[]> => await render('default-values.yaml', values, namespace)

const names = (objects: readonly LiveObject[], kind: string): string[] =>
  objects
    .filter((one) => one.kind === kind)
    .map(({ metadata }) => metadata.name)
    .sort()

/** As the API server would store it, with all that it fills in. */
async function stored(object: LiveObject | undefined): Promise<LiveObject> {
  const placed = { ...object, metadata: { ...object?.metadata, namespace } }
  const args = ['create', '--dry-run=server', '--validate=strict', '--output', 'json', '--filename', '-']
  return JSON.parse(await kubectl(args, JSON.stringify(placed))) as LiveObject
}

test('Deployments, Services and claims have the same names, and Deployments the same selectors', async () => {
  const made = await chart()
  expect(names(legacy, 'PersistentVolumeClaim')).toHaveLength(6)
  for (const kind of ['Deployment', 'Service', 'PersistentVolumeClaim'])
    expect([kind, names(legacy, kind)]).toEqual([kind, names(made, kind)])
  for (const name of names(legacy, 'Deployment')) {
    const [before, after] = [legacy, made].map((all) => find(all, name)?.spec?.['selector'])
    expect([name, before]).toEqual([name, after])
  }
})

test('the pods of four Deployments are the same, field by field, without their restart annotations', async () => {
  const made = await chart()
  const same: string[] = []
  for (const name of names(legacy, 'Deployment')) {
    const [before, after] = await Promise.all([stored(find(legacy, name)), stored(find(made, name))])
    if (templateOf(before) === templateOf(after)) same.push(name)
  }
  expect(same).toEqual(['redis', 'temporal-admin-tools', 'temporal-web', 'worker'])
})

/** forge withholds restart annotations from pods that ran before. */
function templateOf({ spec }: LiveObject): string {
  const { metadata, ...template } = spec?.['template'] as { metadata: { annotations?: unknown } }
  const { annotations: _annotations, ...rest } = metadata
  return JSON.stringify({ metadata: rest, ...template })
}

function find(objects: readonly LiveObject[], name: string): LiveObject | undefined {
  return objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name)
}
