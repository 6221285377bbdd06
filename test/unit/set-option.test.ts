import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parseSetting, withFiles } from '../../src/domain/values/set-option.ts'
import type { Setting } from '../../src/domain/values/settings.ts'
import { showOrigin } from '../../src/domain/values/why.ts'
import { configure } from '../support/configure.ts'
import { failure } from '../support/project-ports.ts'
import { disagreement, type Answer } from '../support/set-reading.ts'
import type { Question } from '../support/set-texts.ts'

/** Recorded from helm's own parser by `FORGE_TEST_RECORD=1 npm run test:parsers`, which also asks it 10,000 more. */
const recorded = readFileSync(new URL('set-answers.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { question: Question; answer: Answer })

test('settings are read as helm reads them', () => {
  expect(recorded.flatMap(({ question, answer }) => disagreement(question, answer))).toEqual([])
  expect(recorded.length).toBe(500)
})

describe('what is for one release', () => {
  const parsed = (text: string, flag: Setting['flag'] = '--set') => parseSetting({ flag, text }, ['api', 'web'])

  test.each<[string, object]>([
    ['api:a.b=1', { assignments: [{ path: ['a', 'b'], value: 1, release: 'api' }] }],
    [
      'a=1,web:b=x',
      {
        assignments: [
          { path: ['a'], value: 1 },
          { path: ['b'], value: 'x', release: 'web' },
        ],
      },
    ],
    ['a\\:b=1', { assignments: [{ path: ['a:b'], value: 1 }] }],
    ['a=api:b', { assignments: [{ path: ['a'], value: 'api:b' }] }],
    ['A:b=1', { assignments: [{ path: ['A:b'], value: 1 }] }],
    ['aip:b=1', { fault: 'names release "aip", and there is api, web; a colon of a key is written \\:' }],
  ])('%s', (text, expected) => expect(parsed(text)).toEqual(expected))

  test('in a project of one release a colon is as for helm', () => {
    expect(parseSetting({ flag: '--set', text: 'x:y=1' }, ['api'])).toEqual({
      assignments: [{ path: ['x:y'], value: 1 }],
    })
  })
})

test.each([
  ['a=x.txt', 'a=/d/x.txt'],
  ['api:a.b={x,y\\,z},c=w', 'api:a.b={/d/x,/d/y\\,z},c=/d/w'],
  ['nonsense', 'nonsense'],
])('the files of %s are found from elsewhere', (text, expected) => {
  expect(withFiles(text, (file) => `/d/${file}`)).toBe(expected)
})

describe('the command line', () => {
  const values = '    values: [v.yaml]\n'
  const files = { 'v.yaml': 'image: nginx\nlist: [a]\nnumber: 20261126\n', 'more.txt': 'text\n' }

  test('has its flags applied in the order of helm, and says which gave a value', async () => {
    const configured = await configure(values, files, {
      set: ['a=1', 'list[0]=b'],
      settings: {
        'set-string': ['b=2'],
        'set-json': ['a=5', '{"c":{"d":[7]}}', 'n=20261126'],
        'set-file': ['f=more.txt'],
      },
    })
    expect(configured.values).toMatchObject({ a: 1, b: '2', c: { d: [7] }, f: 'text\n', list: ['b'], n: 20261126 })
    expect(configured.wholeNumbers).toEqual([{ path: ['a'], digits: '1' }])
    const won = [...configured.origins].map(([path, [{ origin }]]) => [path, showOrigin(origin)])
    expect(Object.fromEntries(won)).toMatchObject({
      a: '--set',
      b: '--set-string',
      f: '--set-file',
      'c.d[0]': '--set-json',
    })
  })

  test.each([
    [{ set: ['image.tag=1'] }, 'E_USAGE', '--set image.tag: image has another value that holds nothing of that name'],
    [{ set: ['list.x=1'] }, 'E_USAGE', '--set list.x: list has another value that holds nothing of that name'],
    [{ settings: { 'set-json': ['a={'] } }, 'E_USAGE', '--set-json is no JSON: {'],
    [{ settings: { 'set-json': ['a=1e999'] } }, 'E_USAGE', '--set-json has a number that is too large'],
    [
      { settings: { 'set-file': ['a=none'] } },
      'E_SOURCE_MISSING',
      '--set-file a: /p/none is missing, or is not UTF-8 text',
    ],
    [{ set: ['a'] }, 'E_USAGE', '--set has no "=": a'],
  ])('%j is refused', async (given, code, message) => {
    expect(await failure(configure(values, files, given))).toMatchObject({ code, message })
  })

  test('what reaches several releases is told, and what names one is for that one', async () => {
    const more = '  web:\n    chart: ./chart\n'
    const configured = await configure(values, files, { set: ['a.b=1', 'web:c=2', 'api:d=3'], more })
    expect(configured.warnings?.map(({ message }) => message)).toEqual([
      '--set a.b reaches api, web; --set api:a.b=… sets it in one',
    ])
    expect(configured.values).toMatchObject({ a: { b: 1 }, d: 3 })
    expect(configured.values).not.toHaveProperty('c')
  })
})

test.each(['a: .inf', 'a: [-.Inf]', 'a: { b: .NaN }'])('%s is refused in a values file', async (text) => {
  const failed = await failure(configure('    values: [v.yaml]\n', { 'v.yaml': text }))
  expect(failed).toMatchObject({ code: 'E_VALUES_SYNTAX' })
  expect(failed.message).toMatch(/^v\.yaml:1:\d+: \S+ is not a number that a chart can get/u)
})
