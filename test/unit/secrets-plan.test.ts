import { describe, expect, test } from '@jest/globals'
import type { SecretSpec } from '../../src/domain/config/model.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import type { KeyContent, ResolvedSecret } from '../../src/domain/secrets/model.ts'
import { obstacles } from '../../src/domain/secrets/obstacles.ts'
import { keyRevisionsOf, planSecret, revisionOf } from '../../src/domain/secrets/plan.ts'

const at = { file: 'forge.yaml', line: 9, column: 3 }
const context = { project: 'demo', namespace: 'demo' }

/** `null`: no source here, keep what the cluster has. */
function desired(keys: Record<string, string | null>, more: Partial<SecretSpec> = {}): ResolvedSecret {
  const spec: SecretSpec = { name: 's', type: 'Opaque', keys: [], keep: true, at, ...more }
  const contents = Object.entries(keys).map(([key, value]): [string, KeyContent] => [
    key,
    value === null ? { keep: true, missing: `${key}.txt is missing` } : { bytes: new TextEncoder().encode(value) },
  ])
  return { spec, keys: new Map(contents), problems: [], warnings: [] }
}

function live(
  keys: Record<string, string>,
  more: { annotations?: Record<string, string>; owned?: string[]; type?: string; immutable?: boolean } = {},
): KubeObject {
  const { annotations, owned, type = 'Opaque', immutable } = more
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 's',
      namespace: 'demo',
      ...(annotations === undefined ? {} : { annotations }),
      ...(owned === undefined
        ? {}
        : {
            managedFields: [
              {
                manager: 'forge',
                operation: 'Apply' as const,
                fieldsV1: {
                  'f:data': Object.fromEntries([['.', {}], ...owned.map((key) => [`f:${key}`, {}])]) as unknown,
                },
              },
            ],
          }),
    },
    type,
    ...(immutable === undefined ? {} : { immutable }),
    data: Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, btoa(value)])),
  }
}

const at7 = (keyRevisions: Record<string, number>): Record<string, string> => ({
  'forge.api-forge.io/revision': '7',
  'forge.api-forge.io/key-revisions': JSON.stringify(keyRevisions),
})

describe('the plan of a secret', () => {
  test('a new one is revision 1 of all its keys, and whole', () => {
    expect(planSecret(desired({ a: 'x', b: 'y' }), undefined, context)).toEqual({
      name: 's',
      action: 'create',
      revision: 1,
      revisionBefore: undefined,
      keyRevisions: { a: 1, b: 1 },
      changedKeys: ['a', 'b'],
      keys: [
        { key: 'a', change: 'added' },
        { key: 'b', change: 'added' },
      ],
      object: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          name: 's',
          namespace: 'demo',
          labels: { 'forge.api-forge.io/project': 'demo' },
          annotations: { 'forge.api-forge.io/revision': '1', 'forge.api-forge.io/key-revisions': '{"a":1,"b":1}' },
        },
        type: 'Opaque',
        data: { a: btoa('x'), b: btoa('y') },
      },
    })
  })

  test.each([
    [
      'equal: the same revision, no write',
      { a: 'x' },
      live({ a: 'x' }, { annotations: at7({ a: 3 }) }),
      { action: 'unchanged', revision: 7, keyRevisions: { a: 3 }, changedKeys: [], object: undefined },
    ],
    [
      'one key changes: only it gets the new number',
      { a: 'x', b: 'new' },
      live({ a: 'x', b: 'y' }, { annotations: at7({ a: 3, b: 5 }) }),
      { action: 'change', revision: 8, revisionBefore: 7, keyRevisions: { a: 3, b: 8 }, changedKeys: ['b'] },
    ],
    [
      'one key is added',
      { a: 'x', b: 'y' },
      live({ a: 'x' }, { annotations: at7({ a: 3 }) }),
      { action: 'change', revision: 8, keyRevisions: { a: 3, b: 8 }, changedKeys: ['b'] },
    ],
    [
      'somebody else made it: revision 1 of all its keys',
      { a: 'x', b: 'new' },
      live({ a: 'x', b: 'y' }),
      { action: 'change', revision: 2, revisionBefore: 1, keyRevisions: { a: 1, b: 2 } },
    ],
    [
      'somebody else made it, and it is right: not touched',
      { a: 'x' },
      live({ a: 'x' }),
      { action: 'unchanged', revision: 1, keyRevisions: { a: 1 }, object: undefined },
    ],
    [
      'no source here at all: kept',
      { a: null },
      live({ a: 'x' }, { annotations: at7({ a: 3 }) }),
      { action: 'keep', revision: 7, keyRevisions: { a: 3 }, keys: [{ key: 'a', change: 'kept' }], object: undefined },
    ],
    [
      'broken annotations count as none',
      { a: 'y' },
      live(
        { a: 'x' },
        { annotations: { 'forge.api-forge.io/revision': 'x', 'forge.api-forge.io/key-revisions': '[' } },
      ),
      { action: 'change', revision: 2, keyRevisions: { a: 2 } },
    ],
    [
      'a key of the last revision without a number of its own',
      { a: 'x', b: 'z' },
      live({ a: 'x', b: 'y' }, { annotations: at7({ b: 2 }) }),
      { revision: 8, keyRevisions: { a: 7, b: 8 } },
    ],
  ])('%s', (_, keys, object, expected) => {
    expect(planSecret(desired(keys), object, context)).toMatchObject(expected)
  })

  test('numbers are not used again after the Secret was deleted', () => {
    expect(planSecret(desired({ a: 'x' }), undefined, { ...context, lastRevision: 12 })).toMatchObject({
      revision: 13,
      keyRevisions: { a: 13 },
    })
    expect(
      planSecret(desired({ a: 'y' }), live({ a: 'x' }, { annotations: at7({ a: 7 }) }), {
        ...context,
        lastRevision: 9,
      }),
    ).toMatchObject({ revision: 10 })
  })

  test.each([
    [
      'a key that is kept is sent again',
      { a: 'new', b: null },
      live({ a: 'x', b: 'y' }, { owned: ['a', 'b'] }),
      { a: 'new', b: 'y' },
    ],
    [
      'a key that forge.yaml no longer names stays, since forge owns it',
      { a: 'new' },
      live({ a: 'x', old: 'y' }, { owned: ['a', 'old'] }),
      { a: 'new', old: 'y' },
    ],
    [
      'a key of another manager is left to it',
      { a: 'new' },
      live({ a: 'x', other: 'y' }, { owned: ['a'] }),
      { a: 'new' },
    ],
    [
      "without managedFields every key may be forge's",
      { a: 'new' },
      live({ a: 'x', old: 'y' }),
      { a: 'new', old: 'y' },
    ],
  ])('%s', (_, keys, object, data) => {
    const plan = planSecret(desired(keys), object, context)
    expect(plan.object?.['data']).toEqual(
      Object.fromEntries(Object.entries(data).map(([key, value]) => [key, btoa(value)])),
    )
    expect(plan.keys.filter(({ change }) => change === 'unmanaged').map(({ key }) => key)).toEqual(
      Object.keys(object['data'] as object).filter((key) => !(key in keys)),
    )
  })

  test('what the live annotations say', () => {
    expect([revisionOf(live({})), revisionOf(live({}, { annotations: at7({}) }))]).toEqual([1, 7])
    expect(keyRevisionsOf(live({ a: 'x', b: 'y' }, { annotations: at7({ a: 3, gone: 4 }) }))).toEqual({ a: 3, b: 7 })
  })

  test('bytes that are no text survive', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const { object } = planSecret({ spec: desired({}).spec, keys: new Map([['k', { bytes }]]) }, undefined, context)
    expect(Buffer.from((object?.['data'] as { k: string }).k, 'base64')).toEqual(Buffer.from(bytes))
  })
})

describe('what stands in the way', () => {
  const tls = { type: 'kubernetes.io/tls' as const }
  test.each([
    ['nothing', desired({ a: 'x' }), live({ a: 'y' }), []],
    [
      'another type',
      desired({ a: 'x' }, tls),
      live({ a: 'x' }),
      [
        'E_SECRET_TYPE Secret s is of type Opaque in the cluster, and a type never changes; forge.yaml wants kubernetes.io/tls: give it another name, or save it and delete it yourself',
      ],
    ],
    [
      'immutable and different',
      desired({ a: 'x', b: 'y' }),
      live({ a: 'x' }, { immutable: true }),
      [
        'E_SECRET_IMMUTABLE Secret s is immutable in the cluster, and b would change: give it another name, or save it and delete it yourself',
      ],
    ],
    ['immutable and equal', desired({ a: 'x' }), live({ a: 'x' }, { immutable: true }), []],
    [
      'nothing to keep: no Secret',
      desired({ a: null }),
      undefined,
      ['E_SECRET_MISSING key a: a.txt is missing, and there is no Secret s in the cluster to keep it from'],
    ],
    [
      'nothing to keep: no key',
      desired({ a: null }),
      live({ b: 'x' }),
      ['E_SECRET_MISSING key a: a.txt is missing, and Secret s in the cluster has no such key to keep it from'],
    ],
  ])('%s', (_, secret, object, expected) => {
    expect(
      obstacles(secret, object, { name: 'dev', namespace: 'demo' }).map(({ code, message }) => `${code} ${message}`),
    ).toEqual(expected)
  })
})
