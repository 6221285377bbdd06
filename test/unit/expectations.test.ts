import { expect, test } from '@jest/globals'
import { keyOf, type KubeObject } from '../../src/domain/kube.ts'
import { readExpectations } from '../../src/flows/prove/expectations.ts'

const web = objectOf('Deployment', 'web')
const api = objectOf('Deployment', 'api')
const database = objectOf('StatefulSet', 'db')
const stages = [
  { name: 'app', targets: [web, api, database].map(refOf), rules: {}, timeoutMs: 1000, required: [] },
] as unknown as Parameters<typeof readExpectations>[1]

test.each([
  ['nothing where the watch has listed all', [web, api, database], []],
  ['kinds of which the watch lacks something', [web, database], ['Deployment']],
  ['all where something was written', [], ['Deployment', 'StatefulSet']],
])('reads %s', async (_, seen, kinds) => {
  const listed: string[] = []
  const cluster = {
    list: async ({ kind }: { readonly kind: string }) => {
      listed.push(kind)
      return await Promise.resolve([web, api, database].filter((one) => one.kind === kind))
    },
  } as unknown as Parameters<typeof readExpectations>[0]
  const world = new Map(seen.map((one) => [keyOf(one), one]))
  const get = (ref: Parameters<typeof keyOf>[0]): KubeObject | undefined => world.get(keyOf(ref))
  const expected = await readExpectations(cluster, stages, 'n', new AbortController().signal, new Set(), { get })
  expect(listed).toEqual(kinds)
  expect(expected.map(({ ref, uid }) => [ref.name, uid])).toEqual([
    ['web', 'uid-web'],
    ['api', 'uid-api'],
    ['db', 'uid-db'],
  ])
})

function objectOf(kind: string, name: string): KubeObject {
  return { apiVersion: 'apps/v1', kind, metadata: { name, namespace: 'n', uid: `uid-${name}`, generation: 1 } }
}

function refOf({ apiVersion, kind, metadata: { name } }: KubeObject): object {
  return { apiVersion, kind, name }
}
