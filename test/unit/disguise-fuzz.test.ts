import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parse, stringify } from 'yaml'
import { rehearsalKey } from '../../src/adapters/rehearsal-key.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { createDisguise } from '../../src/domain/rehearsal/disguise.ts'
import { canary, search } from '../support/canaries.ts'
import { secretShapes } from '../support/secret-shapes.ts'

/** Everything but texts: what an object consists of. */
function bones(value: unknown): unknown {
  if (typeof value === 'string') return 'text'
  if (Array.isArray(value)) return value.map(bones)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, bones(inner)]))
}

/** One way in which an object may tell what a Secret holds. */
const tellings: readonly ((secret: string) => unknown)[] = [
  (secret) => secret,
  (secret) => `before ${secret} after`,
  (secret) => Buffer.from(secret).toString('base64'),
  (secret) => Buffer.from(`x: ${secret}\ny: 1\n`).toString('base64'),
  (secret) => Buffer.from(Buffer.from(`ab${secret}`).toString('base64')).toString('base64'),
  (secret) => Buffer.from(secret).toString('base64url'),
  (secret) => JSON.stringify({ deep: [secret] }),
  (secret) => JSON.stringify({ deep: JSON.stringify({ deeper: secret }) }),
  (secret) => stringify({ list: [secret, 'x'] }),
  (secret) => `https://api.example.com/?q=${encodeURIComponent(secret)}&x=1`,
  (secret) => ({ list: [{ inner: secret }, 3, null, true] }),
]

const telling = fc.tuple(fc.nat(tellings.length - 1), fc.nat(40))
const place = fc.constantFrom('spec', 'annotation', 'env', 'args', 'data', 'applied')

function objectOf(where: string, told: unknown, at: number): KubeObject {
  const text = typeof told === 'string' ? told : JSON.stringify(told)
  const metadata = { name: `object-${at}`, namespace: 'shop', labels: { app: 'web' }, uid: `uid-${at}` }
  const base = { apiVersion: 'apps/v1', kind: 'Deployment', metadata }
  switch (where) {
    case 'annotation':
      return { ...base, metadata: { ...metadata, annotations: { note: text, 'checksum/config': 'abc' } } }
    case 'applied':
      return {
        ...base,
        metadata: {
          ...metadata,
          annotations: {
            'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify({ spec: { told } })}\n`,
          },
        },
      }
    case 'env':
      return {
        ...base,
        spec: { containers: [{ name: 'c', image: 'ghcr.io/a/b:1', env: [{ name: 'X', value: text }] }] },
      }
    case 'args':
      return { ...base, spec: { containers: [{ name: 'c', args: ['--config', text] }] } }
    case 'data':
      return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { file: text } }
    default:
      return { ...base, spec: { told } }
  }
}

test('whatever objects tell of a Secret, nothing of it is in their copies, and they are what they were', () => {
  const shape = fc.constantFrom('canary', 'dotenv', 'account', 'yaml', 'url', 'dsn', 'pem', 'short')
  const secrets = fc.array(fc.record({ shape, told: fc.array(fc.tuple(place, telling), { maxLength: 4 }) }), {
    minLength: 1,
    maxLength: 4,
  })
  fc.assert(
    fc.property(secrets, (wished) => {
      const made = wished.map((one, at) => ({ ...one, secret: secretOf(one.shape, at) }))
      const objects = made.flatMap(({ secret, told }, index) => [
        {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: `secret-${index}` },
          data: { value: Buffer.from(secret.value).toString('base64') },
        },
        ...told.flatMap(([where, [how]], at) =>
          secret.parts.map(({ value }, part) =>
            objectOf(where, tellings[how]?.(value), index * 1000 + at * 100 + part),
          ),
        ),
      ])
      const disguise = createDisguise({ keyed: rehearsalKey(), redactor: new Redactor() })
      objects.forEach((object) => disguise.learn(object))
      const copies = objects.map((object) => disguise.object(object))

      expect(copies.map(bones)).toEqual(objects.map(bones))
      const canaries = made.flatMap(({ secret }) => secret.parts)
      expect(search('copies', JSON.stringify(copies), canaries)).toEqual([])
      expect(search('copies as YAML', stringify(copies), canaries)).toEqual([])
      for (const [at, copy] of copies.entries()) {
        const { annotations: _, ...kept } = objects[at]?.metadata ?? {}
        expect(copy.metadata).toMatchObject(kept)
      }
    }),
    { numRuns: 150 },
  )
})

function secretOf(shape: string, at: number): ReturnType<typeof secretShapes>['dotenv'] {
  if (shape !== 'canary') return secretShapes()[shape as 'dotenv']
  const one = canary(`fuzz-${at}`)
  return { value: one.value, parts: [one] }
}

test('any text is made up by one as long, that parses like it, and is the same each time', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), fc.json()), (text) => {
      const disguise = createDisguise({ keyed: rehearsalKey(), redactor: new Redactor() })
      const made = disguise.text(text)
      expect(Buffer.byteLength(made)).toBe(Buffer.byteLength(text))
      expect(disguise.text(text)).toBe(made)
      expect(Buffer.from(disguise.original(Buffer.from(made)))).toEqual(Buffer.from(text))
    }),
    { numRuns: 300 },
  )
})

test.each([
  ['JSON', (value: unknown) => JSON.stringify(value), (text: string): unknown => JSON.parse(text)],
  ['JSON over lines', (value: unknown) => JSON.stringify(value, null, 2), (text: string): unknown => JSON.parse(text)],
  ['YAML', (value: unknown) => stringify(value), (text: string): unknown => parse(text)],
])('%s is what it was, but for its texts and numbers', (_, write, read) => {
  const key = fc.constantFrom('user', 'password', 'apiToken', 'DB_HOST', 'list-of', 'x1')
  const tree = fc.letrec((tie) => ({
    leaf: fc.oneof(
      fc.string(),
      fc.constantFrom('true', 'admin', 'line\nline', '{', "it's", '- x', 'a: b'),
      fc.integer(),
    ),
    node: fc.oneof(
      { maxDepth: 3 },
      tie('leaf'),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(key, tie('node')),
    ),
  })).node
  fc.assert(
    fc.property(fc.record({ first: fc.constant('x'), token: fc.string({ minLength: 1 }), more: tree }), (value) => {
      const disguise = createDisguise({ keyed: rehearsalKey(), redactor: new Redactor() })
      const made: unknown = read(disguise.text(write(value)))
      expect(skeleton(made)).toEqual(skeleton(value))
    }),
    { numRuns: 300 },
  )
})

/** Its keys and the kinds of its values. */
function skeleton(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(skeleton)
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, skeleton(inner)]))
}
