import { expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { takenBy } from '../../src/domain/rehearsal/taken-texts.ts'

const KIND = { apiVersion: 'acme.test/v1', kind: 'Mailer' }

function definition(pattern: string): KubeObject {
  const properties = { spec: { type: 'object', properties: { code: { type: 'string', pattern } } } }
  const version = { name: 'v1', schema: { openAPIV3Schema: { type: 'object', properties } } }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'mailers.acme.test' },
    spec: { group: 'acme.test', names: { kind: 'Mailer' }, versions: [version] },
  }
}

// Patterns are those of the API server, which is written in Go.
test.each([
  ['fits', '^[a-z]+$', 'abc', true],
  ['does not fit', '^[a-z]+$', 'ABC', false],
  ['fits what only Go writes so', '(?i)^[a-z]+$', 'ABC', true],
  ['is none of Go', '^(?=a)[a-z]+$', 'abc', false],
  // In JavaScript it would take years.
  ['does not fit, and says so at once', '^(a+)+$', `${'a'.repeat(60)}!`, false],
])('a text that %s', (_, pattern, text, isTaken) => {
  expect(takenBy([definition(pattern)], KIND)(['spec', 'code'], text)).toBe(isTaken)
})
