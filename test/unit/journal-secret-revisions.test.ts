import { describe, expect, test } from '@jest/globals'
import { keptRevision, revisionObject, newContent } from '../../src/domain/journal/secret-revision.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { highestRevisions, keepRevision, pruneRevisions, readRevision } from '../../src/flows/state/secret-revisions.ts'
import { FakeApi } from '../support/fake-api.ts'

const scope = { project: 'api-forge', namespace: 'prod' }
const never = new AbortController().signal

/** As planSecret makes it. */
function secret(revision: number, data: Record<string, string>, annotations = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'app-secrets',
      namespace: 'prod',
      labels: { 'forge.api-forge.io/project': 'api-forge' },
      annotations: {
        'forge.api-forge.io/revision': String(revision),
        'forge.api-forge.io/key-revisions': '{"token":1}',
        ...annotations,
      },
    },
    type: 'Opaque',
    data,
  }
}

function scene(): { api: FakeApi; request: { cluster: FakeApi; project: string; namespace: string } } {
  const api = new FakeApi()
  return { api, request: { cluster: api, ...scope } }
}

const change = (object: KubeObject, revision: number, revisionBefore: number | undefined) => ({
  name: 'app-secrets',
  object,
  revision,
  revisionBefore,
})

describe('before a secret changes', () => {
  test('a new secret: its content is kept under its number, immutable, of a type of its own', async () => {
    const { api, request } = scene()
    await keepRevision(request, change(secret(1, { token: 'YQ==' }), 1, undefined), never)
    expect(api.requests).toEqual(['create forge-app-secrets-r1'])
    expect(
      api.see({ apiVersion: 'v1', kind: 'Secret', namespace: 'prod', name: 'forge-app-secrets-r1' }),
    ).toMatchObject({
      type: 'forge.api-forge.io/secret-revision',
      immutable: true,
      data: { token: 'YQ==' },
      metadata: {
        labels: {
          'forge.api-forge.io/project': 'api-forge',
          'forge.api-forge.io/secret': 'app-secrets',
          'forge.api-forge.io/revision': '1',
        },
      },
    })
  })

  test('one that nobody kept yet: the present content too', async () => {
    const { api, request } = scene()
    api.put({
      ...secret(1, { token: 'b2xk', other: 'eA==' }),
      metadata: { name: 'app-secrets', namespace: 'prod', labels: { team: 'x' } },
    })
    await keepRevision(request, change(secret(2, { token: 'bmV3' }), 2, 1), never)
    expect(api.names).toEqual(['app-secrets', 'forge-app-secrets-r1', 'forge-app-secrets-r2'])
    // Back to a Secret that forge had not written: its own key only, and none of the labels and annotations.
    expect(await readRevision(request, 'app-secrets', 1, never)).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'app-secrets', namespace: 'prod', labels: {}, annotations: {} },
      type: 'Opaque',
      data: { token: 'b2xk' },
    })
  })

  test('content that is kept already costs one refused create and one list', async () => {
    const { api, request } = scene()
    await keepRevision(request, change(secret(1, { token: 'b2xk' }), 1, undefined), never)
    api.put(secret(1, { token: 'b2xk' }))
    api.requests.length = 0
    await keepRevision(request, change(secret(2, { token: 'bmV3' }), 2, 1), never)
    expect([...api.requests].sort()).toEqual([
      'create forge-app-secrets-r1',
      'create forge-app-secrets-r2',
      'get app-secrets',
      'list Secret',
    ])
    expect(await readRevision(request, 'app-secrets', 1, never)).toEqual(secret(1, { token: 'b2xk' }))
  })

  test('an edit by hand under the same number is kept beside the original, and is what comes back', async () => {
    const { api, request } = scene()
    await keepRevision(request, change(secret(1, { token: 'b2xk' }), 1, undefined), never)
    api.put(secret(1, { token: 'ZWRpdGVk' }))
    await keepRevision(request, change(secret(2, { token: 'bmV3' }), 2, 1), never)
    expect(api.names).toEqual(['app-secrets', 'forge-app-secrets-r1', 'forge-app-secrets-r1.1', 'forge-app-secrets-r2'])
    expect(await readRevision(request, 'app-secrets', 1, never)).toMatchObject({ data: { token: 'ZWRpdGVk' } })
  })

  test('done twice it changes nothing', async () => {
    const { api, request } = scene()
    api.put(secret(1, { token: 'b2xk' }))
    await keepRevision(request, change(secret(2, { token: 'bmV3' }), 2, 1), never)
    const names = api.names
    await keepRevision(request, change(secret(2, { token: 'bmV3' }), 2, 1), never)
    expect(api.names).toEqual(names)
  })
})

test('a revision that is not kept any more says so', async () => {
  await expect(readRevision(scene().request, 'app-secrets', 3, never)).rejects.toMatchObject({
    code: 'E_SECRET_REVISION',
    message: 'revision 3 of secret app-secrets is not kept any more',
    details: { where: 'Secret/forge-app-secrets-r3' },
  })
})

describe('a revision of a newer format', () => {
  const marked = (number: number, marks: Record<string, string>): KubeObject => {
    const object = revisionObject(scope, newContent('app-secrets', number, secret(number, { token: 'bmV3ZXI=' })))
    const annotations = { ...object.metadata.annotations, ...marks }
    return { ...object, metadata: { ...object.metadata, annotations } }
  }
  const newer = (number: number): KubeObject =>
    marked(number, { 'forge.api-forge.io/format': '2', 'forge.api-forge.io/needs': '0.9.0' })

  test('cannot be read, and says which forge can', async () => {
    const { api, request } = scene()
    api.put(newer(1))
    await expect(readRevision(request, 'app-secrets', 1, never)).rejects.toMatchObject({
      code: 'E_SECRET_REVISION_NEWER',
      message:
        'revision 1 of secret app-secrets cannot be read by this forge: it has format 2 (needs forge 0.9.0 or newer)',
      details: { where: 'Secret/forge-app-secrets-r1' },
    })
  })

  test.each(['two', '', '0', '-1', 'Infinity'])('nor one whose mark is %j', async (format) => {
    const { api, request } = scene()
    api.put(marked(1, { 'forge.api-forge.io/format': format }))
    await expect(readRevision(request, 'app-secrets', 1, never)).rejects.toMatchObject({
      code: 'E_SECRET_REVISION_NEWER',
    })
  })

  test('has its number, and is not taken for what is to be kept under it', async () => {
    const { api, request } = scene()
    api.put(newer(1))
    await keepRevision(request, change(secret(1, { token: 'bmV3ZXI=' }), 1, undefined), never)
    expect(api.names).toEqual(['forge-app-secrets-r1', 'forge-app-secrets-r1.1'])
    expect(await readRevision(request, 'app-secrets', 1, never)).toMatchObject({ data: { token: 'bmV3ZXI=' } })
    api.put(newer(8))
    expect(Object.fromEntries(await highestRevisions(request, never))).toEqual({ 'app-secrets': 8 })
  })

  test('is not deleted', async () => {
    const { api, request } = scene()
    for (let number = 1; number <= 7; number++) api.put(newer(number))
    expect(await pruneRevisions(request, [], new Map([['app-secrets', 7]]), never)).toBe(0)
  })

  test('without a mark it is of the first, which is what this forge marks', async () => {
    const { api, request } = scene()
    const { 'forge.api-forge.io/format': format, ...annotations } = newer(1).metadata.annotations ?? {}
    expect(format).toBe('2')
    api.put({ ...newer(1), metadata: { ...newer(1).metadata, annotations } })
    expect(await readRevision(request, 'app-secrets', 1, never)).toMatchObject({ data: { token: 'bmV3ZXI=' } })
    const made = revisionObject(scope, newContent('app-secrets', 1, secret(1, {})))
    expect(made.metadata.annotations?.['forge.api-forge.io/format']).toBe('1')
  })
})

test('numbers are never reused: the highest ever kept is known, whatever is live', async () => {
  const { api, request } = scene()
  for (const number of [1, 2, 7])
    api.put(revisionObject(scope, newContent('app-secrets', number, secret(number, { token: String(number) }))))
  api.put(secret(2, { token: '2' }))
  expect(Object.fromEntries(await highestRevisions(request, never))).toEqual({ 'app-secrets': 7 })
})

test('names longer than a label are still told apart', () => {
  const name = `${'a'.repeat(62)}.${'b'.repeat(40)}`
  const object = revisionObject(scope, newContent(name, 12, secret(12, {})), 3)
  expect(object.metadata.labels?.['forge.api-forge.io/secret']).toBe('a'.repeat(62))
  expect(keptRevision(object)).toEqual({ secret: name, revision: 12, variant: 3 })
})

test('pruning never takes the live revision, nor one that a kept deploy refers to', async () => {
  const { api, request } = scene()
  for (let number = 1; number <= 9; number++) {
    api.put(revisionObject(scope, newContent('app-secrets', number, secret(number, { token: String(number) }))))
  }
  api.put(secret(2, { token: '2' }))
  const entry = { secrets: [{ name: 'app-secrets', revision: 3 }] } as unknown as Parameters<
    typeof pruneRevisions
  >[1][number]
  expect(await pruneRevisions(request, [entry], new Map(), never)).toBe(2)
  expect(api.names.filter((name) => name.startsWith('forge-'))).toEqual(
    [2, 3, 5, 6, 7, 8, 9].map((number) => `forge-app-secrets-r${number}`),
  )
})
