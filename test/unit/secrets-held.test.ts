import { describe, expect, test } from '@jest/globals'
import type { DriftPolicy } from '../../src/domain/config/model.ts'
import type { KubeObject, ObjectMeta } from '../../src/domain/kube.ts'
import { heldKeys, withoutPreserved } from '../../src/domain/secrets/held.ts'
import type { KeyContent } from '../../src/domain/secrets/model.ts'

const at = { file: 'forge.yaml', line: 1, column: 1 }
const spec = { name: 's', type: 'Opaque', keys: [], keep: false, at } as const
const bytes = (text: string): KeyContent => ({ bytes: new TextEncoder().encode(text) })
const desired = (keys: Record<string, string>) => ({
  spec,
  keys: new Map(Object.entries(keys).map(([key, value]) => [key, bytes(value)])),
})

interface Live {
  readonly data: Record<string, string>
  readonly forge?: readonly string[]
  readonly other?: {
    readonly manager: string
    readonly operation: 'Apply' | 'Update'
    readonly keys: readonly string[]
  }
  readonly more?: Partial<ObjectMeta>
}

const fields = (keys: readonly string[]) => ({ 'f:data': Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) })

function secret({ data, forge = [], other, more }: Live): KubeObject {
  const managedFields = [
    { manager: 'forge', operation: 'Apply' as const, fieldsV1: fields(forge) },
    ...(other === undefined ? [] : [{ ...other, fieldsV1: fields(other.keys) }]),
  ]
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', labels: { 'forge.api-forge.io/project': 'mine' }, managedFields, ...more },
    type: 'Opaque',
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, btoa(value)])),
  }
}

const edited = { manager: 'kubectl-edit', operation: 'Update', keys: ['a'] } as const

describe('a Secret that would change', () => {
  test.each<[string, Live, string | undefined]>([
    ['is forge’s own', { data: { a: 'old' }, forge: ['a'] }, undefined],
    ['was changed by hand', { data: { a: 'hand' }, other: edited }, 'a was changed by kubectl-edit'],
    [
      'lost a key',
      { data: {}, more: { annotations: { 'forge.api-forge.io/key-revisions': '{"a":1}' } } },
      'a was taken away',
    ],
    ['gets a key that it never had', { data: {} }, undefined],
    ['was made before forge came', { data: { a: 'old' }, other: edited, more: { labels: {} } }, undefined],
    [
      'is declared by a controller',
      { data: { a: 'x' }, other: { ...edited, manager: 'eso', operation: 'Apply' }, more: { labels: {} } },
      'a is declared by eso',
    ],
    [
      'is another project’s',
      { data: { a: 'x' }, forge: ['a'], more: { labels: { 'forge.api-forge.io/project': 'theirs' } } },
      'it belongs to project theirs, and a would change',
    ],
    [
      'has an owner',
      {
        data: { a: 'x' },
        more: { labels: {}, ownerReferences: [{ apiVersion: 'v1', kind: 'ExternalSecret', name: 'e', uid: 'u' }] },
      },
      'it belongs to ExternalSecret/e, and a would change',
    ],
    [
      'is a chart’s',
      { data: { a: 'x' }, more: { labels: {}, annotations: { 'meta.helm.sh/release-name': 'db' } } },
      'it belongs to Helm release db, and a would change',
    ],
    ['came without managers', { data: { a: 'x' }, more: { managedFields: undefined as never } }, undefined],
  ])('%s', (_, live, what) => {
    const found = heldKeys(desired({ a: 'new' }), secret(live), 'mine').map(({ message }) => message)
    expect(found).toEqual(what === undefined ? [] : [`Secret s in the cluster is not as forge left it: ${what}`])
  })
  test('what is equal is nobody’s conflict', () =>
    expect(heldKeys(desired({ a: 'hand' }), secret({ data: { a: 'hand' }, other: edited }), 'mine')).toEqual([]))
})

describe('what the drift policy preserves', () => {
  const policy = (field: string): DriftPolicy => ({
    policy: 'report',
    preserve: [{ kind: 'Secret', name: 's', field, at }],
  })
  const live = secret({ data: { a: 'hand', 'tls.crt': 'x' }, other: edited })
  test.each([
    ['data.a', ['a']],
    ['data', ['a', 'tls.crt']],
    ["data.'tls.crt'", ['tls.crt']],
    ['data.tls.crt', ['tls.crt']],
    ['data.b', []],
  ])('%s', (field, kept) => {
    const { keys } = withoutPreserved(desired({ a: '1', b: '1', 'tls.crt': '1' }), live, policy(field))
    expect([...keys].flatMap(([key, content]) => ('keep' in content ? [key] : []))).toEqual(kept)
  })
})
