import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { parseValuePath } from '../../src/domain/config/value-path.ts'
import { lookUp } from '../../src/domain/values/layers.ts'
import type { Json } from '../../src/domain/values/model.ts'
import type { ReleaseWhy } from '../../src/flows/render.ts'
import { document, forge } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { projectOf, type TestProject } from '../support/project.ts'

/** Each chart prints all that its templates get. */
const DUMP = `apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Template.BasePath | replace "/" "-" }} }
data: { values: {{ .Values | toJson | toJson }} }
`
const chart = (folder: string, name: string, values: string, dependencies = ''): Record<string, string> => ({
  [`${folder}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${dependencies}`,
  [`${folder}/values.yaml`]: values,
  [`${folder}/templates/dump.yaml`]: DUMP,
})

const DEPENDENCIES = `dependencies:
  - { name: db, version: 1.0.0, repository: 'file://../db' }
  - { name: cache, version: 1.0.0, alias: redis, repository: '', import-values: [ shared, { child: inner, parent: taken } ] }
  - { name: idle, version: 1.0.0, repository: '', condition: 'idle.missing,idle.enabled' }
  - { name: tagged, version: 1.0.0, repository: '', tags: [ back ] }
`

/** A chart within as a folder, one packed under another name, one of a file:// repository, one below that, and two that are off. */
async function nested(): Promise<TestProject> {
  const project = await projectOf({
    'forge.yaml': `version: 1
project: nested
environments: { dev: { cluster: sandbox } }
releases: { nested: { chart: ./chart, values: [ values.yaml ], set: { redis.size: 9 } } }
`,
    'values.yaml': 'db: { a: 1, gone: null, deep: { list: [ 7 ] } }\nglobal: { zone: eu }\ntags: { back: false }\n',
    ...chart(
      'chart',
      'nested',
      'own: 1\ntaken: { b: outer }\nglobal: { zone: us, tier: gold }\ndb: { b: outer, low: { c: outer } }\nredis: { size: 1, shown: 3 }\nidle: { enabled: false, x: 1 }\n',
      DEPENDENCIES,
    ),
    ...chart(
      'db',
      'db',
      'a: 0\nb: inner\ngone: 1\nd: 4\nglobal: { own: db, zone: inner }\ndeep: { list: [ 1, 2 ], e: 5 }\n',
    ),
    ...chart('db/charts/low', 'low', 'c: inner\nf: 6\nnothing: {}\n'),
    ...chart('cache', 'cache', 'size: 2\nshown: 2\nexports: { shared: { port: 80, own: 2 } }\ninner: { a: 1, b: 2 }\n'),
    ...chart('chart/charts/idle', 'idle', 'y: 2\n'),
    ...chart('chart/charts/tagged', 'tagged', 'z: 3\n'),
    ...chart('chart/charts/unlisted', 'unlisted', 'u: 8\n'),
  })
  const cwd = project.dir
  await execa('tar', ['-czf', 'chart/charts/cache-1.0.0.tgz', 'cache'], { cwd })
  await rm(join(cwd, 'cache'), { recursive: true })
  return project
}

/** What the templates of each chart get, as one tree. */
async function rendered({ dir }: TestProject, env: Record<string, string>): Promise<Json> {
  const { stdout } = await forge(['render', '-C', dir], { env })
  const found = parseAllDocuments(stdout).flatMap((one) => {
    const { metadata, data } = (one.toJS() ?? {}) as { metadata?: { name: string }; data?: { values: string } }
    return data === undefined ? [] : [[metadata?.name ?? '', JSON.parse(data.values) as Json] as const]
  })
  const own = found.find(([name]) => name === 'nested-templates')?.[1] ?? null
  expect(found.map(([name]) => name).toSorted()).toEqual([
    'nested-charts-db-charts-low-templates',
    'nested-charts-db-templates',
    'nested-charts-redis-templates',
    'nested-charts-unlisted-templates',
    'nested-templates',
  ])
  return own
}

test.each([3, 4] as const)('helm %s: --why says of charts within what their templates get', async (helm) => {
  const project = await nested()
  const env = { FORGE_HELM: await helmOf(helm) }
  const values = await rendered(project, env)
  const why = async (path: string): Promise<readonly ReleaseWhy[]> =>
    document<{ why: readonly ReleaseWhy[] }>(
      await forge(['render', '-C', project.dir, '--why', path, '--json'], { env }),
    ).why

  const wrong: string[] = []
  for (const path of ['own', 'db', 'redis', 'idle', 'global', 'taken', 'port', 'unlisted']) {
    for (const { path: at, won } of await why(path)) {
      const found = lookUp(values, parseValuePath(at) ?? [])
      const gets = found?.depth === (parseValuePath(at) ?? []).length ? found.value : null
      if (JSON.stringify(gets) !== JSON.stringify(won.value)) wrong.push(`${at}: ${JSON.stringify([won.value, gets])}`)
    }
  }
  expect(wrong).toEqual([])
  const [from] = await why('db.d')
  expect(from?.won.origin).toMatchObject({ at: { file: 'db/values.yaml', line: 4 } })
  expect((await why('redis.shown')).map(({ won, overrode }) => [won, ...overrode].map(({ value }) => value))).toEqual([
    [3, 2],
  ])
  expect((await why('redis.exports.shared.port'))[0]?.won.origin).toMatchObject({
    at: { file: 'chart/charts/cache-1.0.0.tgz/values.yaml', line: 3 },
  })
  expect((await why('db.low.f'))[0]?.won.origin).toMatchObject({ at: { file: 'db/charts/low/values.yaml', line: 2 } })
  for (const path of ['idle.y', 'tagged'])
    expect((await forge(['render', '-C', project.dir, '--why', path], { env })).stderr).toContain('E_USAGE')
})
