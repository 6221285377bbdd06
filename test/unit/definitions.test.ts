import { expect, test } from '@jest/globals'
import { droppedVersions, instanceFaults } from '../../src/domain/definitions/definition.ts'
import { schemaErrors, unknownFields, type Schema } from '../../src/domain/definitions/schema-errors.ts'
import type { KubeObject } from '../../src/domain/kube.ts'

const integer = { type: 'integer' }

test.each<[string, Schema, unknown, string[]]>([
  ['a type', { properties: { size: integer } }, { size: 'x' }, ['size must be of type integer']],
  ['a whole number', { properties: { size: integer } }, { size: 1.5 }, ['size must be of type integer']],
  ['null', { properties: { size: integer } }, { size: null }, ['size must not be null']],
  ['null that is allowed', { properties: { size: { ...integer, nullable: true } } }, { size: null }, []],
  ['null that a default replaces', { properties: { size: { ...integer, default: 1 } } }, { size: null }, []],
  ['required', { required: ['size'] }, {}, ['size is required']],
  ['required, with a default', { required: ['size'], properties: { size: { ...integer, default: 1 } } }, {}, []],
  ['limits', { properties: { size: { ...integer, maximum: 9 } } }, { size: 10 }, ['size must be at most 9']],
  ['an open limit', { minimum: 0, exclusiveMinimum: true }, 0, ['it must be more than 0']],
  ['a choice', { enum: ['a', 'b'] }, 'c', ['it must be one of "a", "b"']],
  ['a pattern', { pattern: '^a' }, 'b', ['it must match ^a']],
  ['a pattern that only Go knows', { pattern: '(?i)^a' }, 'B', []],
  ['lengths', { maxLength: 1 }, 'ab', ['it must have at most 1 characters']],
  ['items', { items: integer, maxItems: 1 }, [1, 'x'], ['it must have at most 1 items', '[1] must be of type integer']],
  ['a map', { additionalProperties: integer }, { a: 'x' }, ['a must be of type integer']],
  ['a number or text', { 'x-kubernetes-int-or-string': true }, '80%', []],
  ['neither', { 'x-kubernetes-int-or-string': true }, true, ['it must be a whole number or a text']],
  [
    'one of several',
    { oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    { a: 1, b: 1 },
    ['it must meet exactly one of the alternatives (oneOf)'],
  ],
  ['all of several', { allOf: [{ required: ['a'] }, { required: ['b'] }] }, { a: 1 }, ['b is required']],
])('%s', (_, schema, value, errors) => expect(schemaErrors(schema, value)).toEqual(errors))

test('fields that are not known any more', () => {
  const schema = {
    properties: { spec: { properties: { a: {} } }, open: { 'x-kubernetes-preserve-unknown-fields': true } },
  }
  const value = { apiVersion: 'a/v1', kind: 'A', metadata: {}, spec: { a: 1, b: 2 }, open: { c: 3 } }
  expect(unknownFields(schema, value)).toEqual(['spec.b'])
})

const definition = (versions: readonly object[], more: object = {}): KubeObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'x' },
  spec: { group: 'g.test', names: { kind: 'X' }, versions, ...more },
})
const version = (name: string, schema: Schema, storage = true): object => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: schema },
})
const instance = {
  apiVersion: 'g.test/v1',
  kind: 'X',
  metadata: { name: 'one', namespace: 'n' },
  spec: { size: 12 },
} as KubeObject
const strict = { properties: { spec: { properties: { size: { maximum: 9 } } } } }
const open = { 'x-kubernetes-preserve-unknown-fields': true }

test('objects are the same in all versions, unless a webhook converts them', () => {
  const versions = [version('v1', open, false), version('v2', strict)]
  expect(instanceFaults(definition(versions), [instance])).toEqual([
    { object: 'X/one in namespace n', problems: ['spec.size must be at most 9'], dropped: [] },
  ])
  expect(instanceFaults(definition(versions, { conversion: { strategy: 'Webhook' } }), [instance])).toEqual([])
})

test('a version in which objects are stored', () => {
  const live = { ...definition([]), status: { storedVersions: ['v1', 'v2'] } }
  expect(droppedVersions(definition([version('v2', open)]), live)).toEqual(['v1'])
})
