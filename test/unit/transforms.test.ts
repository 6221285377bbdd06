import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'dotenv'
import fc from 'fast-check'
import { showProblem } from '../../src/domain/config/position.ts'
import { omitLines, setLines } from '../../src/domain/transforms/lines.ts'
import { allowSubnets, openPgHba } from '../../src/domain/transforms/open-pg-hba.ts'
import { replaceText } from '../../src/domain/transforms/replace.ts'
import { holdsPrivateKey, looksSecret } from '../../src/domain/transforms/secret-like.ts'
import { readHbaOtherwise } from '../support/hba-reading.ts'
import type { HbaRule } from '../support/hba-reference.ts'

/** What pg_hba_file_rules of PostgreSQL answered; recorded by `FORGE_TEST_RECORD=1 npm run test:parsers`. */
interface Recorded {
  readonly text: string
  readonly rules: readonly HbaRule[]
}

describe('open-pg-hba', () => {
  test.each([
    [
      'a range',
      'hostssl all  app_user  172.16.0.0/12   scram-sha-256',
      'hostssl all  app_user  0.0.0.0/0   scram-sha-256',
    ],
    ['with a mask beside it', 'host all all 10.0.0.0 255.0.0.0 md5', 'host all all 0.0.0.0/0 md5'],
    ['one host', 'host all all 10.1.2.3/32 md5', 'host all all 0.0.0.0/0 md5'],
    ['IPv6', 'hostssl all all fd00::/8 cert', 'hostssl all all ::/0 cert'],
    ['IPv6 that ends as IPv4', 'host all all 0:0:0:0:0:ffff:10.1.2.3/128 md5', 'host all all ::/0 md5'],
    ['open already', 'hostssl all all ::/0 cert', 'hostssl all all ::/0 cert'],
    ['loopback', 'hostssl all postgres 127.0.0.1/32 scram-sha-256', 'hostssl all postgres 127.0.0.1/32 scram-sha-256'],
    ['loopback of IPv6', 'host all all ::1/128 trust', 'host all all ::1/128 trust'],
    ['local', 'local   all   all   peer', 'local   all   all   peer'],
    ['a name', 'host all all .example.com md5', 'host all all .example.com md5'],
    ['all and samenet', 'host all all samenet md5', 'host all all samenet md5'],
    ['reject stays as narrow as it is', 'host all all 10.0.0.0/8 reject', 'host all all 10.0.0.0/8 reject'],
    [
      'a comment after it',
      'host all all 10.0.0.0/8 md5 # from 10.0.0.0/8',
      'host all all 0.0.0.0/0 md5 # from 10.0.0.0/8',
    ],
    ['a comment alone', '  # host all all 10.0.0.0/8 md5', '  # host all all 10.0.0.0/8 md5'],
    [
      'lists and quotes',
      'host db1,db2 "my user",+group 10.0.0.0/8 ldap ldapserver=x',
      'host db1,db2 "my user",+group 0.0.0.0/0 ldap ldapserver=x',
    ],
    ['a list with spaces', 'host db1, db2 all 10.0.0.0/8 md5', 'host db1, db2 all 0.0.0.0/0 md5'],
    [
      'options',
      'hostssl all all 10.0.0.0/8 cert clientcert=verify-full map=m',
      'hostssl all all 0.0.0.0/0 cert clientcert=verify-full map=m',
    ],
    ['tabs and a carriage return', 'host\tall\tall\t10.0.0.0/8\tmd5\r', 'host\tall\tall\t0.0.0.0/0\tmd5\r'],
    ['a record over two lines', 'host all all \\\n  10.0.0.0/8 md5', 'host all all \\\n  0.0.0.0/0 md5'],
    ['an include', 'include_if_exists /etc/pg_hba.d/x.conf', 'include_if_exists /etc/pg_hba.d/x.conf'],
    ['nothing', '', ''],
  ])('%s', (_, record, expected) => expect(openPgHba(record, 'pg_hba.conf')).toEqual({ text: expected, problems: [] }))

  test.each([
    ['an unknown type', 'hots all all 10.0.0.0/8 md5', '"hots" is not a record type of pg_hba.conf', 1],
    ['too short', 'host all all', 'a "host" record needs TYPE DATABASE USER ADDRESS METHOD', 1],
    ['a range that is none', 'host all all 10.0.0.0/33 md5', '"10.0.0.0/33" is not a valid address range', 14],
    ['an address that is none', 'host all all 300.0.0.0/8 md5', '"300.0.0.0/8" is not a valid address range', 14],
    [
      'an address without mask',
      '  host all all 10.0.0.1 md5',
      'a "host" record needs TYPE DATABASE USER ADDRESS MASK METHOD',
      3,
    ],
    ['a method that is none', 'host all all 10.0.0.0/8 scram', '"scram" is not an authentication method', 25],
    ['a quote without end', 'host all "all 10.0.0.0/8 md5', 'a quote is not closed', 10],
    [
      'a mask behind a slash',
      'host all all 10.0.0.0/255.0.0.0 md5',
      '"10.0.0.0/255.0.0.0" is not a valid address range',
      14,
    ],
    ['a number as a mask', 'host all all 127.0.0.1 8 md5', '"127.0.0.1 8" is not a valid address range', 14],
    ['families that differ', 'host all all 10.0.0.0 ffff:: md5', '"10.0.0.0 ffff::" is not a valid address range', 14],
    ['two addresses', 'host all all 10.0.0.0/8,all md5', '"10.0.0.0/8,all" is a list where one is meant', 14],
    ['octal numbers', 'host all all 010.0.0.0/8 md5', '"010.0.0.0/8" is not a valid address range', 14],
    ['few numbers', 'host all all 10.1 md5', '"10.1" is not a valid address range', 14],
    ['peer from elsewhere', 'host all all 10.0.0.0/8 peer', '"peer" is for local records alone', 25],
    ['a certificate without TLS', 'host all all 10.0.0.0/8 cert', '"cert" is for hostssl records alone', 25],
    ['an option that is none', 'host all all all md5 x', '"x" is not an option (NAME=VALUE)', 22],
    ['an include of nothing', 'include', '"include" is not a record type of pg_hba.conf', 1],
  ])('%s', (_, record, fault, column) => {
    const { problems } = openPgHba(`# head\n${record}\n`, 'infra/pg_hba.conf')
    expect(problems.map(showProblem)).toEqual([`infra/pg_hba.conf:2:${column}: ${fault}`])
  })

  test('records are read as PostgreSQL reads them', () => {
    const { text, rules } = JSON.parse(readFileSync(new URL('hba-answers.jsonl', import.meta.url), 'utf8')) as Recorded
    expect(readHbaOtherwise(text, rules)).toEqual([])
    expect(rules.length).toBeGreaterThan(400)
  })

  test('a fault is told on its own line', () => {
    const { problems } = openPgHba('host all \\\n all 10.0.0.0/8 \\\n  scram\n', 'f')
    expect(problems.map(showProblem)).toEqual(['f:3:3: "scram" is not an authentication method'])
  })

  test('twice is the same as once', () => {
    const once = openPgHba('host all all 10.0.0.0 255.0.0.0 md5\nhost all all fd00::/8 md5\n', 'f').text
    expect(openPgHba(once, 'f').text).toBe(once)
  })
})

describe('allowed-subnets', () => {
  const both = ['10.42.0.0/16', '10.43.0.0/16', 'fd00:42::/56']
  test.each([
    [
      'one record for each',
      'host all app 172.16.0.0/12  md5 # x',
      'host all app 10.42.0.0/16  md5 # x\nhost all app 10.43.0.0/16  md5 # x',
    ],
    ['of its family', 'host all all fd00::/8 md5', 'host all all fd00:42::/56 md5'],
    ['a mask beside it', 'host a b 10.0.0.0 255.0.0.0 md5', 'host a b 10.42.0.0/16 md5\nhost a b 10.43.0.0/16 md5'],
    ['loopback stays', 'host all all 127.0.0.1/32 trust', 'host all all 127.0.0.1/32 trust'],
    ['so does a refusal', 'host all all 10.0.0.0/8 reject', 'host all all 10.0.0.0/8 reject'],
    [
      'all, of both families',
      'host all all all md5',
      'host all all 10.42.0.0/16 md5\nhost all all 10.43.0.0/16 md5\nhost all all fd00:42::/56 md5',
    ],
    ['all in quotes is a host name', 'host all all "all" md5', 'host all all "all" md5'],
    ['quoted fields', '"host" all all "fd00::/8" "md5"', '"host" all all fd00:42::/56 "md5"'],
    ['a quoted mask', 'host all all "fd00::" "ffff::" md5', 'host all all fd00:42::/56 md5'],
    ['loopback that is none', 'host all all ::1/0 trust', 'host all all fd00:42::/56 trust'],
    ['a word over two lines', 'host all all fd0\\\n0::/8 md5', 'host all all fd00:42::/56 md5'],
    ['a comment that goes on', '# x \\\nhost all all ::/0 md5', '# x \\\nhost all all ::/0 md5'],
    ['a blank before a comma ends a list', 'host a ,b ::/0 md5', 'host a ,b fd00:42::/56 md5'],
    [
      'a backslash at the very end',
      'host a b 10.0.0.0/8 md5 # x \\',
      'host a b 10.42.0.0/16 md5 # x \nhost a b 10.43.0.0/16 md5 # x \\',
    ],
  ])('%s', (_, record, expected) => {
    expect(allowSubnets(record, 'f', both)).toEqual({ text: expected, problems: [] })
  })

  test.each([
    ['127.0.0.1/0', '10.42.0.0/16'],
    ['127.0.0.1 0.0.0.0', '10.42.0.0/16'],
    ['127.0.0.1 0.0.0.255', '10.42.0.0/16'],
    ['127.0.0.0/8', '127.0.0.0/8'],
    ['127.0.0.1 255.255.255.255', '127.0.0.1 255.255.255.255'],
  ])('%s becomes %s', (address, expected) => {
    expect(allowSubnets(`host a b ${address} md5`, 'f', ['10.42.0.0/16']).text).toBe(`host a b ${expected} md5`)
  })

  test.each([
    [
      'include other.conf',
      'f:1:1: "include" names another file, whose records are not limited here; write them into this one',
    ],
    [
      'include_dir "d d"',
      'f:1:1: "include_dir" names another file, whose records are not limited here; write them into this one',
    ],
    ['host all all @nets md5', 'f:1:14: "@nets" names another file, and what it holds is not known here'],
  ])('%s is a problem', (record, problem) => {
    expect(allowSubnets(record, 'f', both).problems.map(showProblem)).toEqual([problem])
  })

  test('a record that no subnet fits lets nobody in', () => {
    expect(allowSubnets('host a b \\\n fd00::/8 md5', 'f', ['10.42.0.0/16']).text).toBe(
      '# host a b \\\n#  fd00::/8 md5',
    )
  })
})

describe('replace', () => {
  test('everywhere it stands, and literally', () => {
    expect(replaceText('a $1 b\na $1\n', 'a $1', '$& c', 'f')).toEqual({ text: '$& c b\n$& c\n', problems: [] })
  })

  test('a text that is not there is an error with the nearest line', () => {
    const conf = '# head\n\nshared_buffers = 128MB\nmax_connections = 100\n'
    const { text, problems } = replaceText(conf, 'max_connection = 100', 'max_connections = 300', 'postgresql.conf')
    expect(text).toBe(conf)
    expect(problems.map(showProblem)).toEqual([
      'postgresql.conf:4:1: "max_connection = 100" is not in it, so it cannot be replaced; the nearest line is "max_connections = 100"',
    ])
  })

  test('a text of several lines, and an empty file', () => {
    expect(replaceText('a\nb\nc\n', 'a\nb', 'x', 'f').text).toBe('x\nc\n')
    expect(replaceText('', 'a', 'b', 'f').problems.map(showProblem)).toEqual([
      'f:1:1: "a" is not in it, so it cannot be replaced; the file is empty',
    ])
  })
})

describe('set and omit', () => {
  test.each([
    ['changes where it is', 'A=1\nB = 2   # two\n', { B: '3' }, 'A=1\nB = 3   # two\n'],
    ['everywhere it is', 'A=1\nA=2\n', { A: '3' }, 'A=3\nA=3\n'],
    ['not where it is commented out', '#A=1\n', { A: '3' }, '#A=1\nA=3\n'],
    ['adds at the end', 'A=1', { B: '2', C: '$&' }, 'A=1\nB=2\nC=$&\n'],
    ['keeps how the line is written', '  export A=1\r\n', { A: '2' }, '  export A=2\r\n'],
  ])('set %s', (_, text, values, expected) => expect(setLines(text, new Map(Object.entries(values)))).toBe(expected))

  test('omit takes the line away', () => {
    expect(omitLines('A=1\n# A=0\nexport B = 2\nAB=3\n', ['A', 'B'])).toBe('# A=0\nAB=3\n')
  })

  const name = fc.constantFrom('A', 'B', 'C_D')
  const line = fc.oneof(
    fc.tuple(name, fc.constantFrom('=', ' = '), fc.constantFrom('1', 'x y', '')).map((parts) => parts.join('')),
    fc.constantFrom('', '# A=0', '[section]', 'free text'),
  )
  test('whatever the file: what was set is read back, other lines stay, and twice is the same as once', () => {
    fc.assert(
      fc.property(fc.array(line), name, fc.constantFrom('7', 'new value'), (lines, set, value) => {
        const text = lines.map((one) => `${one}\n`).join('')
        const once = setLines(text, new Map([[set, value]]))
        expect(setLines(once, new Map([[set, value]]))).toBe(once)
        expect(parse(once)[set]).toBe(value)
        expect(omitLines(once, [set])).toBe(omitLines(text, [set]))
        expect(parse(omitLines(once, [set]))[set]).toBeUndefined()
      }),
    )
  })
})

describe('any pg_hba.conf', () => {
  const address = fc.oneof(
    fc.ipV4().map((one) => `${one}/16`),
    fc.ipV6().map((one) => `${one}/64`),
    fc.constantFrom('::1/128', '0:0:0:0:0:0:0:1/128', '::1/64'),
  )
  const host = fc
    .tuple(fc.constantFrom('host', 'hostssl'), fc.constantFrom(' ', '\t', '   '), address)
    .map(([type, space, range]) => [type, 'all', 'app', range, 'md5'].join(space))
  const record = fc.oneof(host, fc.constantFrom('', '# host all all 10.0.0.0/8 md5', 'local all all peer'))
  const addresses = (text: string): string[] =>
    text.split('\n').flatMap((one) => (/^host/u.test(one) ? [one.split(/\s+/u)[3] ?? ''] : []))

  test('opened: every range that is no loopback is open, nothing else changes, and twice is the same as once', () => {
    fc.assert(
      fc.property(fc.array(record), (records) => {
        const text = records.join('\n')
        const { text: opened, problems } = openPgHba(text, 'f')
        expect(problems).toEqual([])
        expect(openPgHba(opened, 'f').text).toBe(opened)
        // ::1/64 is more than loopback.
        const stay = (one: string): boolean => one.startsWith('127.') || /^[0:]*:0*1\/128$/u.test(one)
        const open = (one: string): string => (stay(one) ? one : one.includes(':') ? '::/0' : '0.0.0.0/0')
        expect(addresses(opened)).toEqual(addresses(text).map(open))
        expect(opened.split(/\S+\/\d+/u)).toEqual(text.split(/\S+\/\d+/u))
      }),
    )
  })
})

describe('what looks like a secret', () => {
  test.each([
    ['SESSION_SIGNING_SECRET', 'x', 'by its name'],
    ['DB_PASSWORD', 'x', 'by its name'],
    ['TOKEN_TTL', '3600', 'by its name'],
    ['apiKey', 'x', 'by its name'],
    ['AWS_SECRET_ACCESS_KEY', 'x', 'by its name'],
    ['DATABASE_URL', 'postgres://app:hunter2@db/app', 'a URL with a password'],
    ['X', 'ghp_0123456789abcdefghij0123456789abcdef', 'by the form of its value'],
    ['X', 'AKIAIOSFODNN7EXAMPLE', 'by the form of its value'],
    ['X', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', 'by the form of its value'],
    ['X', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b', 'a long random value'],
    ['X', 'Zm9vYmFyQmF6MTIzNDU2Nzg5MEFCQ0RFRg==', 'a long random value'],
    ['tag', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b', undefined],
    ['GIT_COMMIT', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b', undefined],
    ['gitSha', '9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B', undefined],
    ['imageDigest', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', undefined],
    ['tag', 'Zm9vYmFyQmF6MTIzNDU2Nzg5MEFCQ0RFRg', 'a long random value'],
    ['COMMIT_TOKEN', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b', 'by its name'],
    ['LOG_LEVEL', 'debug', undefined],
    ['KEYCLOAK_HOST', 'keycloak.example', undefined],
    ['MONKEY', 'x', undefined],
    ['PASSWORD', '', undefined],
    ['TOKEN_ROTATION', 'true', undefined],
    ['DB_PASSWORD_FILE', '/run/secrets/db_password', undefined],
    ['DATABASE_URL', 'postgres://app@db/app', undefined],
    ['DATABASE_URL', 'postgres://app:${PASSWORD}@db/app', undefined],
    ['REQUEST_ID', '123e4567-e89b-12d3-a456-426614174000', undefined],
    ['IMAGE', 'ghcr.io/acme/api-forge-app:1.2.3-build.20251120', undefined],
    ['PATHS', 'src/app/api/routes/internal/health', undefined],
    ['CORS', 'https://app.example.com,https://admin.example.com', undefined],
  ])('%s=%s', (name, value, expected) => expect(looksSecret(name, value)).toBe(expected))

  test('a private key in a file', () => {
    expect(holdsPrivateKey('x\n-----BEGIN EC PRIVATE KEY-----\n')).toBe(true)
    expect(holdsPrivateKey('-----BEGIN CERTIFICATE-----\n')).toBe(false)
  })
})
