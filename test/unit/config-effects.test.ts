import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parseConfig, resolveProject } from '../../src/domain/config/config.ts'
import { publishedSchema } from '../../src/flows/schema.ts'
import { PROOFS } from '../support/config-proofs.ts'
import { minimal } from '../support/sample-config.ts'

interface Node {
  readonly $ref?: string
  readonly anyOf?: readonly Node[]
  readonly oneOf?: readonly Node[]
  readonly properties?: Readonly<Record<string, Node>>
  readonly additionalProperties?: Node | boolean
  readonly items?: Node
}

const SECTIONS = [
  'releases',
  'images',
  'secrets',
  'stages',
  'verify',
  'requirements',
  'backups',
  'notify',
  'components',
  'vault',
]
const SOURCE = [
  'file',
  'trim',
  'yaml',
  'path',
  'env',
  'dotenv',
  'name',
  'command',
  'sops',
  'vault',
  'key',
  'literal',
  'as',
]

/** Every key that the schema knows, each kind of place once: sources and stages stand in several. */
function keysOf(node: Node, defs: Readonly<Record<string, Node>>, path = ''): string[] {
  const { $ref, anyOf = [], oneOf = [], properties = {}, additionalProperties, items } = node
  const referred = $ref === undefined ? undefined : defs[$ref.replace('#/$defs/', '')]
  const isSource = ['file', 'literal'].every((key) => key in properties)
  const same = [
    ...anyOf,
    ...oneOf,
    ...(referred === undefined ? [] : [referred]),
    ...(items === undefined ? [] : [items]),
  ]
  const own = Object.entries(properties).flatMap(([key, inner]) => {
    if (isSource && SOURCE.includes(key)) return [`source.${key}`]
    const full = path === '' ? key : `${path}.${key}`
    // What an environment may override is the section again.
    const again = path === 'environments.*' && SECTIONS.includes(key)
    return again || full === 'releases.*.stages' ? [full] : [full, ...keysOf(inner, defs, full)]
  })
  const values = typeof additionalProperties === 'object' ? keysOf(additionalProperties, defs, `${path}.*`) : []
  return [...same.flatMap((one) => keysOf(one, defs, path)), ...own, ...values]
}

test('every key of forge.yaml has a test that proves its effect', () => {
  const schema = publishedSchema() as Node & { readonly $defs?: Readonly<Record<string, Node>> }
  const known = [...new Set(keysOf(schema, schema.$defs ?? {}))]
  expect(known.toSorted()).toEqual(Object.keys(PROOFS).toSorted())
})

test.each(Object.entries(PROOFS))('%s is proven by a test that is there', (_, [file, name]) => {
  const text = readFileSync(new URL(`../${file}.test.ts`, import.meta.url), 'utf8')
  expect(text).toContain(name)
})

test('every grace and allowance is a rule of the judge', () => {
  const grace = [
    'settle',
    'pull',
    'missing',
    'unschedulable',
    'quota',
    'admission',
    'volume',
    'status',
    'unknown',
    'controller',
    'vault',
  ]
  const allow = ['crashes', 'oomKills', 'evictions']
  const given = {
    grace: Object.fromEntries(grace.map((key, at) => [key, `${at + 11}s`])),
    allow: Object.fromEntries(allow.map((key, at) => [key, at + 5])),
  }
  const text = `${minimal}stages: ${JSON.stringify({ all: given })}\n`
  const { stages } = resolveProject(parseConfig(text), 'dev', { file: '/p/forge.yaml', dir: '/p' })
  expect(stages[0]?.rules).toEqual({
    settleMs: 11_000,
    pullGraceMs: 12_000,
    missingGraceMs: 13_000,
    unschedulableGraceMs: 14_000,
    quotaGraceMs: 15_000,
    admissionGraceMs: 16_000,
    volumeGraceMs: 17_000,
    statusGraceMs: 18_000,
    unknownErrorGraceMs: 19_000,
    controllerGraceMs: 20_000,
    vaultGraceMs: 21_000,
    crashesAllowed: 5,
    oomKillsAllowed: 6,
    evictionsAllowed: 7,
  })
})
