import { describe, expect, test } from '@jest/globals'
import { configure, winner } from '../support/configure.ts'
import { failure } from '../support/project-ports.ts'

describe('values', () => {
  test('files < images < set < configMaps < --values < --set', async () => {
    const layers = {
      'v.yaml': 'a: v\nb: v\nc: v\nd: v\ne: v\n',
      'cli.yaml': 'd: cli\ne: cli\n',
    }
    const result = await configure(
      '    values: [v.yaml]\n    set: { c: set, d: set, e: set, configMaps.m.K: set }\n    configMaps: { m: { set: { K: map } } }\n',
      layers,
      {
        set: ['e=flag'],
        values: ['cli.yaml'],
        request: { images: { i: 'img:1' } },
        more: 'images: { i: { build: {}, to: [b, c] } }\n',
      },
    )
    expect(result.values).toEqual({
      a: 'v',
      b: 'img:1',
      c: 'set',
      d: 'cli',
      e: 'flag',
      configMaps: { m: { K: 'map' } },
    })
    expect(['a', 'b', 'c', 'd', 'e', 'configMaps.m.K'].map((path) => winner(result, path))).toEqual([
      'v.yaml:1',
      'forge.yaml:11',
      'forge.yaml:9',
      'cli.yaml:1',
      '--set',
      'forge.yaml:10',
    ])
  })

  test('set: a final newline from a file is told, not passed on', async () => {
    expect(await failure(configure('    set: { app.tag: { file: VERSION } }\n', { VERSION: '1.2.3\n' }))).toMatchObject(
      {
        code: 'E_SOURCE_INVALID',
        message: expect.stringMatching(/^VERSION:1:1: ends with a newline/u) as unknown,
      },
    )
  })

  test('set: every kind of source, typed', async () => {
    const configured = await configure(
      `    set:
      yaml: { yaml: config.yaml, path: config.redis.enabled }
      text: { yaml: config.yaml, path: config.version }
      env: { env: ON }
      kept: { env: ON, as: string }
      dotenv: { dotenv: .env, name: PORT }
      command: { command: [git, rev-parse, HEAD] }
      file: VERSION
      read: { file: VERSION, trim: newline }
      sops: { sops: s.enc.yaml, path: a.b }
      list: [1, { x: y }]
      none: null
      map: { literal: { a: [1] } }
`,
      {
        'config.yaml': 'config:\n  redis: { enabled: yes }\n  version: "1.10"\n',
        '.env': '# x\nPORT=8080 # http\n',
        VERSION: '1.2.3\n',
        's.enc.yaml': 'sops',
      },
      {
        outside: {
          env: { ON: 'false' },
          commands: { 'git rev-parse HEAD': 'abc\n' },
          decrypted: { '/p/s.enc.yaml': 'a: { b: deep }\n' },
        },
      },
    )
    expect(configured.values).toEqual({
      yaml: true,
      text: '1.10',
      env: false,
      kept: 'false',
      dotenv: 8080,
      command: 'abc',
      file: 'VERSION',
      read: '1.2.3',
      sops: 'deep',
      list: [1, { x: 'y' }],
      none: null,
      map: { a: [1] },
    })
    expect(['yaml', 'dotenv', 'read', 'env', 'list[1].x'].map((path) => winner(configured, path))).toEqual([
      'config.yaml:2',
      '.env:2',
      'VERSION:1',
      'forge.yaml:11',
      'forge.yaml:18',
    ])
  })

  test.each([
    [
      'a missing values file',
      '    values: [v.yaml]\n',
      {},
      'E_SOURCE_MISSING',
      'forge.yaml:8:14: values file v.yaml is missing',
    ],
    [
      'a values file that is a list',
      '    values: [v.yaml]\n',
      { 'v.yaml': '- a\n' },
      'E_VALUES_SYNTAX',
      'v.yaml:1:1: a values file must be a map',
    ],
    [
      'a values file that is no YAML',
      '    values: [v.yaml]\n',
      { 'v.yaml': 'a: 1\n\tb: 2\n' },
      'E_VALUES_SYNTAX',
      'v.yaml:2:1: a tab cannot indent YAML; use spaces',
    ],
    [
      'a duplicate key in it',
      '    values: [v.yaml]\n',
      { 'v.yaml': 'a:\n  b: 1\n  b: 2\n' },
      'E_VALUES_SYNTAX',
      'v.yaml:3:3: duplicate key "b" in a; the first is on line 2',
    ],
    [
      'a missing YAML entry',
      '    set: { a: { yaml: c.yaml, path: x.y } }\n',
      { 'c.yaml': 'x: {}\n' },
      'E_SOURCE_MISSING',
      'forge.yaml:8:15: c.yaml has no x.y (needed by set of release api)',
    ],
    [
      'a missing variable',
      '    set: { a: { env: NOPE } }\n',
      {},
      'E_SOURCE_MISSING',
      'forge.yaml:8:15: environment variable NOPE is not set (needed by set of release api)',
    ],
    [
      'a command that is not there',
      '    set: { a: { command: nope } }\n',
      {},
      'E_SOURCE_INVALID',
      'forge.yaml:8:15: command nope is not installed',
    ],
    [
      'bytes that are no text',
      '    values: [v.yaml]\n',
      { 'v.yaml': new Uint8Array([0xff, 0xfe, 0x00]) },
      'E_SOURCE_INVALID',
      'v.yaml:1:1: is not UTF-8 text',
    ],
  ])('%s', async (_, release, files, code, message) => {
    expect(await failure(configure(release, files as Record<string, string>))).toMatchObject({ code, message })
  })

  test.each([
    ['a --set without =', { set: ['abc'] }, 'E_USAGE', '--set has no "=": abc'],
    [
      'a --values file that is missing',
      { values: ['x/none.yaml'] },
      'E_SOURCE_MISSING',
      '--values x/none.yaml: values file x/none.yaml is missing',
    ],
  ])('%s', async (_, options, code, message) => {
    expect(await failure(configure('', {}, options))).toMatchObject({ code, message })
  })
})
