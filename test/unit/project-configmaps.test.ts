import { describe, expect, test } from '@jest/globals'
import { showProblem } from '../../src/domain/config/position.ts'
import { configure, winner } from '../support/configure.ts'
import { failure } from '../support/project-ports.ts'

describe('ConfigMaps', () => {
  test('dotenv, omit, set and files, as chart values with their lines', async () => {
    const result = await configure(
      `    configMaps:
      app-env: { dotenv: .env, set: { APP_ENVIRONMENT: production, PORT: 8000 }, omit: [CSRF_SECRET], allow: [TOKEN_TTL] }
      pg:
        files:
          pg_hba.conf: { file: pg_hba.conf, transform: open-pg-hba }
          init.sh: { file: init.sh }
          part.yaml: { yaml: c.yaml, path: a }
          text: { literal: "x\\n" }
      empty: {}
`,
      {
        '.env': 'LOG_LEVEL=info  # not debug\nCSRF_SECRET=abc\nTOKEN_TTL=60\nPORT=1\n',
        'pg_hba.conf': 'host all all 10.0.0.0/8 md5\n',
        'init.sh': 'echo\n',
        'c.yaml': 'a: { b: 1 }\n',
      },
    )
    expect(result.configMaps).toEqual({
      'app-env': { LOG_LEVEL: 'info', TOKEN_TTL: '60', PORT: '8000', APP_ENVIRONMENT: 'production' },
      pg: { 'pg_hba.conf': 'host all all 0.0.0.0/0 md5\n', 'init.sh': 'echo\n', 'part.yaml': '{"b":1}', text: 'x\n' },
      empty: {},
    })
    expect(result.values['configMaps']).toEqual(result.configMaps)
    expect(
      ['configMaps.app-env.LOG_LEVEL', 'configMaps.app-env.PORT', 'configMaps.pg.pg_hba\\.conf'].map((path) =>
        winner(result, path),
      ),
    ).toEqual(['.env:1', 'forge.yaml:9', 'pg_hba.conf:1'])
  })

  const map = (text: string): string => `    configMaps: { m: ${text} }\n`
  test.each([
    [
      'a missing dotenv',
      map('{ dotenv: .env }'),
      {},
      'E_SOURCE_MISSING',
      'forge.yaml:8:32: .env is missing (needed by ConfigMap m)',
    ],
    [
      'a missing file',
      map('{ files: { k: conf/x.conf } }'),
      {},
      'E_SOURCE_MISSING',
      'forge.yaml:8:36: conf/x.conf is missing (needed by ConfigMap m, key k)',
    ],
    [
      'a secret by name',
      map('{ dotenv: .env }'),
      { '.env': 'A=1\nDB_PASSWORD=hunter2\n' },
      'E_CONFIGMAP_SECRET',
      '.env:2:1: DB_PASSWORD looks like a secret (by its name) and would get into ConfigMap m; list it under "omit" or "allow" there (forge.yaml:8)',
    ],
    [
      'a secret by its form, in set',
      map('{ set: { URL: "redis://:hunter2@r" } }'),
      {},
      'E_CONFIGMAP_SECRET',
      'forge.yaml:8:36: URL looks like a secret (a URL with a password) and would get into ConfigMap m; list it under "omit" or "allow" there (forge.yaml:8)',
    ],
    [
      'a private key in a file',
      map('{ files: { k: x.pem } }'),
      { 'x.pem': '-----BEGIN PRIVATE KEY-----\n' },
      'E_CONFIGMAP_SECRET',
      'x.pem:1:1: holds a private key, and ConfigMap m is readable by all; make it a secret',
    ],
    [
      'a malformed pg_hba.conf',
      map('{ files: { k: { file: pg_hba.conf, transform: open-pg-hba } } }'),
      { 'pg_hba.conf': '\nhost all\n' },
      'E_CONFIGMAP_INVALID',
      'pg_hba.conf:2:1: a "host" record needs TYPE DATABASE USER ADDRESS METHOD',
    ],
    [
      'a line that is no entry',
      map('{ dotenv: .env }'),
      { '.env': 'A=1\nnonsense\n' },
      'E_CONFIGMAP_INVALID',
      '.env:2:1: is no NAME=VALUE line',
    ],
    [
      'a quote that does not close',
      map('{ dotenv: .env }'),
      { '.env': 'A=1\nURL="hunter2\n' },
      'E_CONFIGMAP_INVALID',
      '.env:2:1: URL has a quote (") that is not closed; close it, or put the value into other quotes',
    ],
    [
      'too much',
      map('{ files: { k: big } }'),
      { big: 'é'.repeat(524_289) },
      'E_CONFIGMAP_INVALID',
      'forge.yaml:8:19: ConfigMap m has 1048578 bytes, and Kubernetes takes 1048576; the largest key is k',
    ],
  ])('%s', async (_, release, files, code, message) => {
    const failed = await failure(configure(release, files))
    expect(failed).toMatchObject({ code, message })
    expect(failed.message).not.toContain('hunter2')
  })

  test('what bash would read otherwise is told, but not of entries that are left out or given anew', async () => {
    const configured = await configure(map('{ dotenv: .env, set: { B: x }, omit: [C] }'), {
      '.env': 'A=x#y\nB=x#y\nC=x#y\nD=ok\nE=a b\n',
    })
    expect(configured.warnings?.map((one) => showProblem(one).split(':', 4).join(':'))).toEqual([
      '.env:1:1: A',
      '.env:5:1: E',
    ])
  })

  test('several steps, one after the other, and those of an environment in their place', async () => {
    const files = (dev: string): string =>
      map(
        '{ files: { conf: { file: a.conf, transform: [{ replace: one, with: two }, { set: { B: 1.10 } }, { omit: [C] }] } } }',
      ) + dev
    const a = { 'a.conf': 'A=one\nC=3\n' }
    expect((await configure(files(''), a)).configMaps).toEqual({ m: { conf: 'A=two\nB=1.10\n' } })
  })

  test.each([
    ['a text that is not there', '{ replace: tow, with: x }', 'E_CONFIGMAP_INVALID', 'a.conf:2:1: "tow" is not in it'],
    [
      'two things in one step',
      '{ set: { A: 1 }, omit: [B] }',
      'E_CONFIG_INVALID',
      'must be one thing, not set and omit',
    ],
    ['replace alone', '{ replace: x }', 'E_CONFIG_INVALID', 'needs "with" beside "replace"'],
    ['no subnet', '{ allowed-subnets: [10.0.0.0] }', 'E_CONFIG_INVALID', 'must be a subnet, such as 10.42.0.0/16'],
    ['no such module', '{ module: not/here.mjs }', 'E_TRANSFORM', 'forge.yaml:8:63: not/here.mjs cannot be loaded'],
  ])('%s is an error', async (_, step, code, message) => {
    const failed = await failure(
      configure(map(`{ files: { k: { file: a.conf, transform: ${step} } } }`), { 'a.conf': 'one\ntwo\n' }),
    )
    expect(failed.code).toBe(code)
    expect(failed.message).toContain(message)
  })

  test('exactly the limit is taken', async () => {
    await expect(configure(map('{ files: { k: big } }'), { big: 'x'.repeat(1_048_576) })).resolves.toBeDefined()
  })
})
