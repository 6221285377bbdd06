import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { eventsJsonSchema } from '../../src/domain/events/schema.ts'
import { publishedSchema } from '../../src/flows/schema.ts'

test.each([
  ['forge.v1.json', publishedSchema()],
  ['events.v1.json', eventsJsonSchema()],
])('schema/%s is current: node scripts/write-schema.ts writes it', (name, schema) => {
  const published: unknown = JSON.parse(readFileSync(new URL(`../../schema/${name}`, import.meta.url), 'utf8'))
  expect(published).toEqual(schema)
})

test('every key of the top level says what it is, and unknown ones are refused', () => {
  const schema = publishedSchema() as {
    properties: Record<string, unknown>
    additionalProperties: boolean
    required: string[]
  }
  expect(Object.keys(schema.properties)).toEqual([
    'version',
    'project',
    'defaultEnvironment',
    'environments',
    'releases',
    'images',
    'secrets',
    'stages',
    'verify',
    'requirements',
    'backups',
    'notify',
    'vault',
    'components',
  ])
  expect(schema.additionalProperties).toBe(false)
  expect(schema.required).toEqual(['version', 'project', 'environments'])
})
