import { describe, expect, test } from '@jest/globals'
import { readDocument } from '../../src/domain/config/document.ts'
import { mergeLayers, type Layer } from '../../src/domain/values/layers.ts'
import type { Json, JsonMap, Origins } from '../../src/domain/values/model.ts'
import { parseSetOption } from '../../src/domain/values/set-option.ts'
import { setArgument, wholeNumbers } from '../../src/domain/values/whole-numbers.ts'
import { explainWhy, showOrigin } from '../../src/domain/values/why.ts'

const file = (name: string, text: string): Layer => {
  const { value, places } = readDocument(text, name, 'helm')
  return { kind: 'tree', value: (value ?? {}) as JsonMap, originOf: (path) => ({ kind: 'file', at: places.of(path) }) }
}

const option = (text: string): Layer => {
  const parsed = parseSetOption(text)
  if ('fault' in parsed) throw new Error(parsed.fault)
  return {
    kind: 'patch',
    entries: parsed.assignments.map((one) => ({ ...one, origin: { kind: 'flag', text: '--set' } })),
  }
}

const told = (origins: Origins): Record<string, string[]> =>
  Object.fromEntries([...origins].map(([path, list]) => [path, list.map(({ origin }) => showOrigin(origin))]))

// What helm 3.22 and 4.3 make of the same texts (`helm template --set`).
describe('--set', () => {
  test.each<[string, Json]>([
    ['a=1,b=true,c=null', { a: 1, b: true, c: null }],
    ['d=007,e=1.5,p=1e3,n=False', { d: '007', e: '1.5', p: '1e3', n: false }],
    ['a=TRUE,b=Null,c=-07,d=+007,e=-0', { a: true, b: null, c: -7, d: 7, e: 0 }],
    ['m=-5,n=+5,z=0', { m: -5, n: 5, z: 0 }],
    ['q=12345678901234567890', { q: '12345678901234567890' }],
    ['f={x,1,true}', { f: ['x', 1, true] }],
    ['f={}', { f: [''] }],
    ['g[1]=z', { g: [null, 'z'] }],
    ['h[0].port=80,h[0].name=x', { h: [{ port: 80, name: 'x' }] }],
    ['h\\.i=j', { 'h.i': 'j' }],
    ['nodeSelector.kubernetes\\.io/role=db', { nodeSelector: { 'kubernetes.io/role': 'db' } }],
    ['k=a\\,b', { k: 'a,b' }],
    ['l=', { l: '' }],
    ['o= x', { o: ' x' }],
    ['a={b=c,d},e==f', { a: ['b=c', 'd'], e: '=f' }],
    ['z=[1]', { z: '[1]' }],
    ['q="x"', { q: '"x"' }],
    ['__proto__.polluted=1', JSON.parse('{"__proto__":{"polluted":1}}') as Json],
  ])('%s', (text, expected) => {
    expect(JSON.stringify(mergeLayers([option(text)]).values)).toBe(JSON.stringify(expected))
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  test.each([
    ['tag=20261126,id=123456789012', 'tag=20261126,id=123456789012'],
    [
      'a=9007199254740993,b=-9223372036854775808,c=+9223372036854775807',
      'a=9007199254740993,b=-9223372036854775808,c=9223372036854775807',
    ],
    ['a=9223372036854775808,b=007,c=1e3,d=1.5,e=x,f=true', ''],
    ['a={1,9007199254740993,x}', 'a[0]=1,a[1]=9007199254740993'],
    ['a\\.b.c[1].d\\,e=5', 'a\\.b.c[1].d\\,e=5'],
    ['a=1,a=x,b.c=2,b=y,d=3,d.e=4', 'd.e=4'],
  ])('hands whole numbers on as such: %s', (text, argument) => {
    expect(setArgument(wholeNumbers([option(text)]))).toBe(argument)
  })

  test('whole numbers of files are the floats that helm makes of them, and replace those of set below', () => {
    const set: Layer = {
      kind: 'patch',
      entries: [{ path: ['a'], value: { b: [7], c: 8, d: 1.5 }, origin: { kind: 'flag', text: 'set' } }],
    }
    const layers = [file('v.yaml', 'x: 1\na: { b: [5] }'), set, file('more.yaml', 'a: { c: 9 }')]
    expect(setArgument(wholeNumbers(layers))).toBe('a.b[0]=7')
  })

  test.each([
    ['empty', 'has no "=": empty'],
    ['', 'is empty; write PATH=VALUE'],
    ['a..b=1', '"a..b" is not a valid value path'],
    ['=1', '"" is not a valid value path'],
  ])('refuses %s', (text, fault) => expect(parseSetOption(text)).toEqual({ fault }))
})

describe('layers', () => {
  test.each<[string, Layer[], Json]>([
    [
      'the last file wins, maps are merged',
      [file('a', 'x: { a: 1, b: 2 }'), file('b', 'x: { b: 3 }')],
      { x: { a: 1, b: 3 } },
    ],
    ['lists are replaced', [file('a', 'x: [1, 2]'), file('b', 'x: [3]')], { x: [3] }],
    [
      'null stays, for helm to take the default away',
      [file('a', 'x: { a: 1 }'), file('b', 'x: { a: null }')],
      { x: { a: null } },
    ],
    ['a value after null is a value', [file('a', 'x: null'), file('b', 'x: { a: 1 }')], { x: { a: 1 } }],
    ['a map replaced by null', [file('a', 'x: { a: 1 }'), file('b', 'x: null')], { x: null }],
    ['a scalar under a map', [file('a', 'x: 1'), file('b', 'x: { a: 1 }')], { x: { a: 1 } }],
    ['--set changes one item of a list', [file('a', 'l: [1, 2, 3]'), option('l[1]=x')], { l: [1, 'x', 3] }],
    ['--set after --set', [option('a.b=1'), option('a.c=2')], { a: { b: 1, c: 2 } }],
    ['an empty file', [file('a', ''), file('b', 'x: 1')], { x: 1 }],
  ])('%s', (_, layers, expected) => expect(mergeLayers(layers).values).toEqual(expected))

  test('nothing that went in is changed', () => {
    const base = { x: { a: [1] } }
    const layer: Layer = { kind: 'tree', value: base, originOf: () => ({ kind: 'flag', text: 'x' }) }
    mergeLayers([layer, option('x.a[0]=2,x.b=1')])
    expect(base).toEqual({ x: { a: [1] } })
  })
})

describe('provenance', () => {
  const layers = [
    file('values.yaml', 'app:\n  image: one\n  env:\n    - name: A\n    - name: B\nredis: { enabled: true }\n'),
    file('values.prod.yaml', 'app:\n  image: two\nredis: null\n'),
    option('app.env[1].name=C,app.replicas=3'),
  ]

  test('each leaf: who won, and whom it overrode', () => {
    expect(told(mergeLayers(layers).origins)).toEqual({
      'app.image': ['values.prod.yaml:2', 'values.yaml:2'],
      'app.env[0].name': ['values.yaml:4'],
      'app.env[1].name': ['--set', 'values.yaml:5'],
      'app.replicas': ['--set'],
      redis: ['values.prod.yaml:3', 'values.yaml:6'],
    })
  })

  test('why a value is what it is, down to the chart', () => {
    const defaults = mergeLayers([
      file('chart/values.yaml', 'app:\n  image: none\n  port: 80\n  env: []\nredis: { enabled: false, port: 1 }\n'),
    ]).origins
    const why = (path: string) =>
      explainWhy(path, mergeLayers(layers).origins, defaults).map(({ path: at, won, overrode }) => [
        at,
        won.value,
        showOrigin(won.origin),
        ...overrode.map(({ origin }) => showOrigin(origin)),
      ])
    expect(why('app.image')).toEqual([
      ['app.image', 'two', 'values.prod.yaml:2', 'values.yaml:2', 'chart/values.yaml:2'],
    ])
    expect(why('app.port')).toEqual([['app.port', 80, 'chart/values.yaml:3']])
    expect(why('app').map(([path]) => path)).toEqual([
      'app.image',
      'app.env[0].name',
      'app.env[1].name',
      'app.replicas',
      'app.port',
    ])
    // Taken away by null: the chart's defaults below it do not count any more.
    expect(why('redis')).toEqual([['redis', null, 'values.prod.yaml:3', 'values.yaml:6']])
    expect(why('redis.port')).toEqual([['redis', null, 'values.prod.yaml:3', 'values.yaml:6']])
    expect(why('nothing')).toEqual([])
  })

  // What helm 3.22 and 4.3 hand to a template for the same chart and values.
  test.each<[string, string, string, Record<string, Json>]>([
    ['an empty map is merged', 'x: {}', 'x: { a: 1 }', { 'x.a': 1 }],
    ['an empty map where there is none', 'x: {}', 'y: 1', { x: {} }],
    ['a map over a text', 'x: { b: 2 }', 'x: text', { 'x.b': 2 }],
    ['a map over an empty one', 'x: { b: 2 }', 'x: {}', { 'x.b': 2 }],
    ['an empty map below a text', 'x: { a: {} }', 'x: text', { 'x.a': {} }],
    ['a text over a map', 'x: text', 'x: { a: 1 }', { x: 'text' }],
    ['an empty map over a text', 'x: {}', 'x: text', { x: {} }],
    ['a list over a map', 'x: [1]', 'x: { a: 1 }', { 'x[0]': 1 }],
    ['a list over a list', 'x: [1]', 'x: [2, 3]', { 'x[0]': 1 }],
    ['an empty list over a list', 'x: []', 'x: [2, 3]', { x: [] }],
    ['null over a map', 'x: null', 'x: { a: 1 }', { x: null }],
    ['null within a map', 'x: { a: null }', 'x: { a: 1, b: 2 }', { 'x.a': null, 'x.b': 2 }],
  ])('%s', (_, own, chart, expected) => {
    const found = explainWhy('x', mergeLayers([file('v', own)]).origins, mergeLayers([file('c', chart)]).origins)
    expect(Object.fromEntries(found.map(({ path, won }) => [path, won.value]))).toEqual(expected)
  })
})
