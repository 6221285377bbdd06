import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parseConfig } from '../../src/domain/config/config.ts'
import { publishedSchema } from '../../src/flows/schema.ts'
import { minimal } from '../support/sample-config.ts'

const page = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const blocks = (text: string): string[] => [...text.matchAll(/^```yaml\n(.*?)^```$/gmsu)].map(([, block = '']) => block)

test('the examples of docs/forge-yaml.md are one valid forge.yaml', () => {
  expect(() => parseConfig(blocks(page('forge-yaml.md')).join(''))).not.toThrow()
})

test('the sample of docs/design.md is a valid forge.yaml', () => {
  expect(() => parseConfig(blocks(page('design.md')).join(''))).not.toThrow()
})

test('the examples of docs/secrets.md are valid', () => {
  expect(() => parseConfig(`${minimal}${blocks(page('secrets.md')).join('')}`)).not.toThrow()
})

test('every key of the schema is explained', () => {
  const keys = new Set<string>()
  JSON.stringify(publishedSchema(), (name, value: unknown) => {
    if (name === 'properties') for (const key of Object.keys(value as object)) keys.add(key)
    return value
  })
  const text = page('forge-yaml.md') + page('secrets.md')
  expect([...keys].filter((key) => !new RegExp(`\\b${key}\\b`, 'u').test(text))).toEqual([])
})
