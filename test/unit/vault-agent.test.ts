import { describe, expect, test } from '@jest/globals'
import { agentWords } from '../../src/domain/vault/agent-log.ts'

const TIME = '2026-11-28T12:25:19.649Z'
const CALM = [`${TIME} [INFO]  agent.auth.handler: renewed auth token`, `${TIME} [INFO]  agent: (runner) stopping`]
const refused = (mount: string, code: number, says: string): string[] => [
  `${TIME} [ERROR] agent.auth.handler: error authenticating:`,
  '  error=',
  '  | Error making API request.',
  '  | ',
  `  | URL: PUT http://vault.vault.svc:8200/v1/${mount}/login`,
  `  | Code: ${code}. Errors:`,
  '  | ',
  `  | * ${says}`,
  '   backoff=24.7s',
]
const unreached = (says: string): string[] => [
  `${TIME} [ERROR] agent.auth.handler: error authenticating: error="Put \\"http://127.0.0.1:1/v1/auth/kubernetes/login\\": ${says}" backoff=8.02s`,
]
const template = (says: string): string[] => [
  `${TIME} [ERROR] agent.template.server: template server error: error="(dynamic): execute: template: :1:46: executing \\"\\" at <${says}" backoff=-1ns`,
  ...CALM,
  `${TIME} [ERROR] agent: runtime error encountered: error="template server: (dynamic): execute: template: :1:46: executing \\"\\" at <${says}" exitCode=1`,
  'Error encountered during run, refer to logs for more details.',
]

/** As OpenBao's agent 2.7.2 wrote them on the rig, and Vault's in issues of hashicorp/vault (20772, 13363) and vault-k8s (134). */
describe("what Vault's agent says is wrong", () => {
  test.each<[string, string[], object]>([
    [
      'a role that is not there',
      refused('auth/kubernetes', 400, 'invalid role name "web"'),
      { kind: 'login', path: 'auth/kubernetes', says: 'invalid role name "web"' },
    ],
    [
      'another ServiceAccount',
      refused('auth/kubernetes', 403, 'service account name not authorized'),
      { kind: 'login', says: 'service account name not authorized' },
    ],
    [
      'another namespace',
      refused('auth/team/k8s', 403, 'namespace not authorized'),
      { kind: 'login', path: 'auth/team/k8s', says: 'namespace not authorized' },
    ],
    [
      'a method that is not mounted',
      refused('auth/nosuch', 403, 'permission denied'),
      { kind: 'login', path: 'auth/nosuch', says: 'permission denied' },
    ],
    [
      'a Vault that is sealed',
      refused('auth/kubernetes', 503, 'Vault is sealed'),
      { kind: 'login', says: 'Vault is sealed' },
    ],
    [
      'nobody there',
      unreached('dial tcp 127.0.0.1:1: connect: connection refused'),
      { kind: 'login', path: 'auth/kubernetes', says: 'dial tcp 127.0.0.1:1: connect: connection refused' },
    ],
    [
      'an unknown CA',
      unreached('tls: failed to verify certificate: x509: certificate signed by unknown authority'),
      { kind: 'login', says: 'tls: failed to verify certificate: x509: certificate signed by unknown authority' },
    ],
    [
      'a policy that does not let it read',
      [
        `${TIME} [WARN]  agent: (view) vault.read(secret/data/other): vault.read(secret/data/other): Error making API request.`,
        '',
        'URL: GET http://vault.vault.svc:8200/v1/secret/data/other',
        'Code: 403. Errors:',
        '',
        '* 1 error occurred:',
        '\t* permission denied',
        '',
        ' (retry attempt 8 after "32s")',
      ],
      { kind: 'read', path: 'secret/data/other', says: 'permission denied' },
    ],
    [
      "the same in Vault's template server",
      [
        `${TIME} [ERROR] agent.template.server: template server error:`,
        '  error=',
        '  | vault.read(kv/tenant): vault.read(kv/tenant): Error making API request.',
        '  | ',
        '  | URL: GET https://vault/v1/kv/tenant',
        '  | Code: 403. Errors:',
        '  | ',
        '  | * 1 error occurred:',
        '  | \t* permission denied',
      ],
      { kind: 'read', path: 'kv/tenant', says: 'permission denied' },
    ],
    [
      'a path with nothing',
      [
        `${TIME} [WARN]  agent: (view) vault.read(secret/data/none): no secret exists at secret/data/none (retry attempt 7 after "16s")`,
      ],
      { kind: 'absent', path: 'secret/data/none' },
    ],
    [
      'a field of a text',
      template(`.Data.data.password.deep>: can't evaluate field deep in type interface {}`),
      { kind: 'template', key: 'password', says: "can't evaluate field deep in type interface {}" },
    ],
    [
      'a key in a strict template',
      template(String.raw`.Data.data.pasword>: map has no entry for key \"pasword\"`),
      { kind: 'template', key: 'pasword', says: 'map has no entry for key "pasword"' },
    ],
    [
      'a field of nothing',
      template('.Data.data.a.b>: nil pointer evaluating interface {}.b'),
      { kind: 'template', key: 'a', says: 'nil pointer evaluating interface {}.b' },
    ],
    [
      'a template that is none',
      [
        `${TIME} [ERROR] agent: runtime error encountered: error="template server: (dynamic): parse: template: :1: function \\"nosuch\\" not defined" exitCode=1`,
      ],
      { kind: 'template', says: 'function "nosuch" not defined' },
    ],
    [
      'as JSON',
      [
        `{"@level":"error","@message":"error authenticating","@module":"agent.auth.handler","backoff":"1s","error":"Error making API request.\\n\\nURL: PUT http://v:8200/v1/auth/kubernetes/login\\nCode: 403. Errors:\\n\\n* namespace not authorized"}`,
      ],
      { kind: 'login', path: 'auth/kubernetes', says: expect.stringContaining('namespace not authorized') },
    ],
  ])('%s', (_, lines, words) => {
    expect(agentWords([...CALM, ...lines, ...CALM])).toMatchObject(words)
  })

  test('nothing, where nothing is', () => expect(agentWords(CALM)).toBeUndefined())
})
