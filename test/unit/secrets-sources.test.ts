import { describe, expect, test } from '@jest/globals'
import { isPlaceholder } from '../../src/domain/secrets/value.ts'
import { endsInStrayNewline } from '../../src/domain/values/newline.ts'
import { failure } from '../support/project-ports.ts'
import { resolve } from '../support/secrets.ts'

const texts = (resolved: Awaited<ReturnType<typeof resolve>>): Record<string, unknown> =>
  Object.fromEntries(
    resolved.secrets.flatMap(({ keys }) =>
      [...keys].map(([key, content]) => [
        key,
        'bytes' in content ? new TextDecoder().decode(content.bytes) : content.missing,
      ]),
    ),
  )

describe('sources of secrets', () => {
  test('every kind, and the redactor has them all', async () => {
    const resolved = await resolve(
      `  s:
    each: { file: "keys/{key}.txt", trim: newline }
    keys: [one, two]
    files:
      crlf: { file: crlf.txt, trim: newline }
      exact: { file: exact.txt, trim: none }
      trimmed: { file: trimmed.txt, trim: newline }
      lines: lines.txt
      yaml: { yaml: c.yaml, path: a.b }
      env: { env: TOKEN }
      dotenv: { dotenv: .env, name: KEY }
      command: { command: [pass, show, x] }
      sops: { sops: s.enc.env, path: PW }
      absent: { env: NOPE, optional: true }
`,
      {
        'keys/one.txt': 'first\n',
        'keys/two.txt': 'second',
        'crlf.txt': 'third\r\n',
        'exact.txt': 'fourth\n',
        'trimmed.txt': 'a\nb\n\n',
        'lines.txt': 'a\nb\n',
        'c.yaml': 'a: { b: 0123 }\n',
        '.env': "KEY='k k' # x\n",
        's.enc.env': 'sops',
      },
      {
        env: { TOKEN: 'token-1' },
        commands: { 'pass show x': 'passed\n' },
        decrypted: { '/p/s.enc.env': 'PW=open\n' },
      },
    )
    expect(texts(resolved)).toEqual({
      one: 'first',
      two: 'second',
      crlf: 'third',
      exact: 'fourth\n',
      trimmed: 'a\nb',
      lines: 'a\nb\n',
      yaml: '0123',
      env: 'token-1',
      dotenv: 'k k',
      command: 'passed',
      sops: 'open',
    })
    expect(resolved.redact.values).toEqual(
      expect.arrayContaining(['first', 'second', 'token-1', 'k k', 'passed', 'open', '0123']),
    )
    expect(resolved.warnings).toEqual([])
  })

  test('a literal is taken, with a warning', async () => {
    const { warnings } = await resolve('  s: { files: { k: { literal: pw-in-git } } }\n')
    expect(warnings.map(({ message }) => message)).toEqual([
      'secret s, key k is written into forge.yaml itself: whoever reads the repository knows it',
    ])
  })

  test.each([
    [
      'a missing file that forge can make',
      '  s: { each: "k/{key}.txt", keys: [a], generate: { length: 20 } }\n',
      {},
      'E_SECRET_SOURCE',
      'forge.yaml:6:14: k/a.txt is missing (needed by secret s, key a)',
      'forge secrets generate --env dev --only s',
    ],
    [
      'a missing file',
      '  s: { files: { a: a.txt } }\n',
      {},
      'E_SECRET_SOURCE',
      'forge.yaml:6:20: a.txt is missing (needed by secret s, key a)',
      'forge secrets apply --env dev --dry-run',
    ],
    [
      'a line with the break that echo puts after it',
      '  s: { files: { a: a.txt } }\n',
      { 'a.txt': 'pw\n' },
      'E_SECRET_NEWLINE',
      'forge.yaml:6:20: a.txt: ends with a newline, which would become part of key a of secret s; say "trim: newline" there, or "trim: none" if it belongs to the value',
      'forge secrets apply --env dev --dry-run',
    ],
    [
      'the text of an example',
      '  s: { files: { a: { env: A } } }\n',
      {},
      'E_SECRET_PLACEHOLDER',
      'forge.yaml:6:20: environment variable A: is a placeholder that nobody replaced (key a of secret s)',
      'forge secrets apply --env dev --dry-run',
    ],
    [
      'a value that is shorter than forge makes them',
      '  s: { each: "k/{key}.txt", keys: [a], generate: { length: 20 } }\n',
      { 'k/a.txt': 'short' },
      'E_SECRET_INVALID',
      'forge.yaml:6:14: k/a.txt: has 5 characters, and "generate" says 20 (forge.yaml:6); make it anew, or say its length there (key a of secret s)',
      'forge secrets apply --env dev --dry-run',
    ],
    [
      'a value that is shorter than its key says',
      '  s:\n    generate: { length: 12 }\n    files:\n      a:\n        file: a.txt\n        generate: { length: 20 }\n',
      { 'a.txt': 'not-that-long' },
      'E_SECRET_INVALID',
      'forge.yaml:10:9: a.txt: has 13 characters, and "generate" says 20 (forge.yaml:11); make it anew, or say its length there (key a of secret s)',
      'forge secrets apply --env dev --dry-run',
    ],
    [
      'an empty key file',
      '  s: { files: { a: a.txt } }\n',
      { 'a.txt': '' },
      'E_SECRET_EMPTY',
      'forge.yaml:6:20: a.txt is empty (needed by secret s, key a)',
      'forge secrets apply --env dev --dry-run',
    ],
    [
      'a file with a line break only, and keep does not help',
      '  s: { files: { a: a.txt }, keep: true }\n',
      { 'a.txt': '\n' },
      'E_SECRET_EMPTY',
      'forge.yaml:6:20: a.txt is empty (needed by secret s, key a)',
      'forge secrets apply --env dev --dry-run',
    ],
    [
      'half of a pair that is kept',
      '  s: { type: tls, cert: c.crt, key: c.key, keep: true }\n',
      { 'c.crt': '-----BEGIN CERTIFICATE-----' },
      'E_SECRET_SOURCE',
      'forge.yaml:6:3: c.key is missing, but the other half of secret s is here: certificate and key are kept together or not at all (and 1 more)',
      'forge secrets apply --env dev --dry-run',
    ],
    [
      'a variable that is not set',
      '  s: { files: { a: { env: NOPE } } }\n',
      {},
      'E_SECRET_SOURCE',
      'forge.yaml:6:20: environment variable NOPE is not set (needed by secret s, key a)',
      'forge secrets apply --env dev --dry-run',
    ],
    [
      'a certificate that is none',
      '  s: { type: tls, cert: c.crt, key: c.key }\n',
      { 'c.crt': 'x', 'c.key': 'y' },
      'E_SECRET_INVALID',
      'forge.yaml:6:25: c.crt: holds no PEM certificate (secret s, key tls.crt) (and 1 more)',
      'forge secrets apply --env dev --dry-run',
    ],
    [
      'a docker configuration that is none',
      '  s: { type: dockerconfigjson, config: d.json }\n',
      { 'd.json': '{}' },
      'E_SECRET_INVALID',
      'forge.yaml:6:40: d.json: is not a valid docker configuration with "auths"',
      'forge secrets apply --env dev --dry-run',
    ],
  ])('%s', async (_, secrets, files, code, message, hint) => {
    const outside = { env: { A: 'changeme' } }
    expect(await failure(resolve(secrets, files as Record<string, string>, outside))).toMatchObject({
      code,
      message,
      hint,
    })
  })

  test('all problems at once, and never a value', async () => {
    const { problems } = await failure(
      resolve('  a: { files: { k: none.txt } }\n  b: { files: { k: empty.txt, l: { sops: s.yaml } } }\n', {
        'empty.txt': '',
        's.yaml': 'x',
      }),
    )
    expect(problems).toEqual([
      'forge.yaml:6:20: none.txt is missing (needed by secret a, key k)',
      'forge.yaml:7:20: empty.txt is empty (needed by secret b, key k)',
      'forge.yaml:7:34: sops cannot decrypt /p/s.yaml',
    ])
  })
})

describe('values of a line', () => {
  test.each([
    ['pw\n', true],
    ['pw\r\n', true],
    ['pw\n\n', true],
    ['pw', false],
    ['a\nb\n', false],
    ['-----BEGIN X-----\nAAAA\n-----END X-----\n', false],
    ['\n', false],
    ['a\n\n', true],
    [' \n', false],
  ])('%j ends in a stray newline: %s', (text, expected) => expect(endsInStrayNewline(text)).toBe(expected))

  test.each([
    ['one line without end', 'x'.repeat(300_000), false],
    ['one line', `${'x'.repeat(300_000)}\n`, true],
    ['newlines alone, and a word', `${'\n'.repeat(300_000)}x`, false],
  ])('a secret of 300 kB does not hold forge: %s', (_, text, expected) =>
    expect(endsInStrayNewline(text)).toBe(expected),
  )

  test.each([
    'changeme',
    'CHANGE_ME',
    'change-me-please',
    'your-api-key',
    'your_token',
    '<password>',
    '${PW}',
    'TODO',
    'xxxx',
  ])('%s is a placeholder', (text) => expect(isPlaceholder(text)).toBe(true))

  test.each(['yourself', 'changed', 'aB3your-', 'dGhpcyBpcw==', 'Kx9<>p', 'todoist-token', 'p$sw{rd}'])(
    '%s is none',
    (text) => expect(isPlaceholder(text)).toBe(false),
  )
})
