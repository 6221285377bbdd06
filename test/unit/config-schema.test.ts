import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { publishedSchema } from '../../src/flows/schema.ts'

test('schema/forge.v1.json is current: node scripts/write-schema.ts writes it', () => {
  const published: unknown = JSON.parse(readFileSync(new URL('../../schema/forge.v1.json', import.meta.url), 'utf8'))
  expect(published).toEqual(publishedSchema())
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
    'components',
  ])
  expect(schema.additionalProperties).toBe(false)
  expect(schema.required).toEqual(['version', 'project', 'environments'])
})
