import { describe, expect, test } from '@jest/globals'
import { POLICIES } from '../support/vault-policies.ts'
import { leaveOf, readPolicy, type PathRule } from '../../src/domain/vault/policy.ts'

const rules = (...texts: readonly string[]): PathRule[] => texts.flatMap((text) => readPolicy(text) ?? [])

const READS_OF = (pattern: string): string => `path "${pattern}" { capabilities = ["read"] }`

describe('whether policies let a path be read', () => {
  test.each<readonly [string, readonly string[], string]>([
    ...POLICIES,
    ['nothing', [], 'denied'],
    ['made for whoever logs in', [READS_OF('secret/data/{{identity.entity.name}}/*')], 'unknown'],
    [
      'made for them elsewhere',
      [READS_OF('other/{{identity.entity.name}}/*'), READS_OF('secret/data/shop/app')],
      'allowed',
    ],
  ])('%s', (_, policies, leave) => {
    expect(leaveOf(rules(...policies), 'secret/data/shop/app', ['read'])).toBe(leave)
  })
})

describe('a policy', () => {
  test('is HCL with comments, settings of writing, and the old way', () => {
    const text = `
# Everybody's
name = "shop"
path "secret/data/a" {
  capabilities = ["read", "list",] // both
  allowed_parameters = { "x" = ["read"], "*" = [] }
  min_wrapping_ttl = "1s"
}
/* and
   this */
path "b\\"c/*" { policy = "write" }
"path" "d" { "capabilities" = [
  "deny" ] }`
    expect(readPolicy(text)?.map(({ pattern, capabilities }) => [pattern, [...capabilities].join(' ')])).toEqual([
      ['secret/data/a', 'read list'],
      ['b"c/*', 'create read update delete list'],
      ['d', 'deny'],
    ])
  })

  test.each([
    ['one object', '{ "path": { "a": { "capabilities": ["read"] }, "b": { "policy": "deny" } } }'],
    ['as HCL would be', '{ "path": [{ "a": [{ "capabilities": ["read"] }] }, { "b": { "policy": "deny" } }] }'],
  ])('is JSON: %s', (_, text) => {
    expect(readPolicy(text)?.map(({ pattern, capabilities }) => [pattern, [...capabilities].join(' ')])).toEqual([
      ['a', 'read'],
      ['b', 'deny'],
    ])
  })

  test.each(['path "a" {', 'path "a" = [', 'what is this', '{ "path": ', 'path "a" { capabilities = ["read" } $'])(
    'that cannot be read is not guessed: %s',
    (text) => expect(readPolicy(text)).toBeUndefined(),
  )

  test('that is empty says nothing', () => expect(readPolicy('')).toEqual([]))
})
