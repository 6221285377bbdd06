import { describe, expect, test } from '@jest/globals'
import { keyOf, type KubeObject } from '../../src/domain/kube.ts'
import type { Rendered } from '../../src/domain/manifest/parse.ts'
import { placeOf, settled, type VaryingCall } from '../../src/domain/plan/volatile.ts'

const map = (data: unknown): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data })
const rendered = (object: KubeObject): Rendered => ({ object, template: 'c/templates/a.yaml' })

describe('what two renders do not share', () => {
  const kept = (one: unknown, other: unknown, before: unknown): unknown => {
    const previous = new Map([[keyOf(map({})), map(before)]])
    return settled([rendered(map(one))], [rendered(map(other))], previous)[0]?.object['data']
  }
  const [A, B, OLD] = ['r4nd', 'r5me', 'xo7d']
  const container = (name: string, id: string): object => ({ name, env: [{ name: 'ID', value: id }] })

  test.each([
    ['stays as it was', A, B, OLD, OLD],
    ['in a text', `at ${A} in`, `at ${B} in`, `at ${OLD} in`, `at ${OLD} in`],
    [
      'a moment, of which renders of one second share the most',
      'at 2026-11-26 21:16:56.142 +0000 UTC m=+0.40 in',
      'at 2026-11-26 21:16:56.377 +0000 UTC m=+0.61 in',
      'at 2026-11-25 09:03:11.998 +0000 UTC m=+0.55 in',
      'at 2026-11-25 09:03:11.998 +0000 UTC m=+0.55 in',
    ],
    ['but what changes beside it counts', `at ${A} on`, `at ${B} on`, `at ${OLD} in`, `at ${A} on`],
    [
      'in one line of many',
      `id: ${A}\nlevel: 1\n`,
      `id: ${B}\nlevel: 1\n`,
      `id: ${OLD}\nlevel: 1\n`,
      `id: ${OLD}\nlevel: 1\n`,
    ],
    [
      'in one line, another changed',
      `id: ${A}\nlevel: 2\n`,
      `id: ${B}\nlevel: 2\n`,
      `id: ${OLD}\nlevel: 1\n`,
      `id: ${A}\nlevel: 2\n`,
    ],
    ['of another number of lines', `b\n${A}\ne`, `b\n${B}\ne`, `b\n${OLD}\n${OLD}\ne`, `b\n${OLD}\n${OLD}\ne`],
    ['a number', 1, 2, 3, 3],
    ['a map', { a: A, b: 1 }, { a: B, b: 1 }, { a: OLD, b: 2 }, { a: OLD, b: 1 }],
    ['new since', { a: A }, { a: B }, {}, { a: A }],
    ['a list', [A, 'x'], [B, 'x'], [OLD, 'y'], [OLD, 'x']],
    ['a list that has grown', [A, 'x'], [B, 'x'], [OLD], [A, 'x']],
    ['of another kind by now', A, B, { a: OLD }, A],
  ])('%s', (_, one, other, before, is) => expect(kept(one, other, before)).toEqual(is))

  test('items are found by their names', () => {
    const at = (...containers: object[]): object => ({ containers })
    const [one, other] = [A, B].map((id) => at(container('new', 'x'), container('web', id)))
    expect(kept(one, other, at(container('web', OLD)))).toEqual(at(container('new', 'x'), container('web', OLD)))
  })

  test('what both share is as it renders, and hooks are left alone', () => {
    const hook = { ...rendered(map({ a: A })), hook: { events: ['pre-install'], deletePolicy: [], weight: 0 } }
    const previous = new Map([[keyOf(map({})), map({ a: OLD })]])
    expect(settled([hook], [rendered(map({ a: B }))], previous)).toEqual([hook])
    expect(kept({ a: 'new' }, { a: 'new' }, { a: 'old' })).toEqual({ a: 'new' })
  })
})

test('a place is the call in the own template, else in what templates include', () => {
  const [own, helper, other] = ['templates/a.yaml', 'templates/_tls.tpl', 'templates/b.yaml'].map((file, line) => ({
    file,
    line: line + 1,
    call: 'genCA',
  })) as [VaryingCall, VaryingCall, VaryingCall]
  expect(placeOf(rendered(map({})), [other, helper, own])).toBe('templates/a.yaml:1 genCA')
  expect(placeOf(rendered(map({})), [other, helper])).toBe('templates/_tls.tpl:2 genCA')
  expect(placeOf(rendered(map({})), [other])).toBeUndefined()
})
