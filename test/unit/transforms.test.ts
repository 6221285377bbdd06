import { describe, expect, test } from '@jest/globals'
import { showProblem } from '../../src/domain/config/position.ts'
import { readDotenv } from '../../src/domain/transforms/dotenv-file.ts'
import { openPgHba } from '../../src/domain/transforms/open-pg-hba.ts'
import { holdsPrivateKey, looksSecret } from '../../src/domain/transforms/secret-like.ts'

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
    ['an unknown type', 'hots all all 10.0.0.0/8 md5', '"hots" is no record type of pg_hba.conf', 1],
    ['too short', 'host all all', 'a "host" record needs TYPE DATABASE USER ADDRESS METHOD', 1],
    ['a range that is none', 'host all all 10.0.0.0/33 md5', '"10.0.0.0/33" is no address range', 14],
    ['an address that is none', 'host all all 300.0.0.0/8 md5', '"300.0.0.0/8" is no address range', 14],
    [
      'an address without mask',
      '  host all all 10.0.0.1 md5',
      'a "host" record needs TYPE DATABASE USER ADDRESS MASK METHOD',
      3,
    ],
    ['a method that is none', 'host all all 10.0.0.0/8 scram', '"scram" is no authentication method', 25],
    ['a quote without end', 'host all "all 10.0.0.0/8 md5', 'a quote is not closed', 10],
  ])('%s', (_, record, fault, column) => {
    const { problems } = openPgHba(`# head\n${record}\n`, 'infra/pg_hba.conf')
    expect(problems.map(showProblem)).toEqual([`infra/pg_hba.conf:2:${column}: ${fault}`])
  })

  test('twice is the same as once', () => {
    const once = openPgHba('host all all 10.0.0.0 255.0.0.0 md5\nhost all all fd00::/8 md5\n', 'f').text
    expect(openPgHba(once, 'f').text).toBe(once)
  })
})

describe('dotenv', () => {
  const read = (text: string): Record<string, [string, number]> =>
    Object.fromEntries([...readDotenv(text, '.env').entries].map(([key, { value, at }]) => [key, [value, at.line]]))

  test.each([
    ['plain', 'A=1\nB=2\n', { A: ['1', 1], B: ['2', 2] }],
    ['inline comments and trailing spaces', 'A=info   # chatty\nB=x   \n', { A: ['info', 1], B: ['x', 2] }],
    ['quotes keep both', 'A=\'x # y\'\nB="  z  "\n', { A: ['x # y', 1], B: ['  z  ', 2] }],
    ['export and colons', 'export A=1\nB: 2\n', { A: ['1', 1], B: ['2', 2] }],
    ['several lines in quotes', 'A="one\nB=two\n"\nC=3\n', { A: ['one\nB=two\n', 1], C: ['3', 4] }],
    ['comments and blank lines', '# A=0\n\n  # B=0\nA=1\n', { A: ['1', 4] }],
    ['the last one wins', 'A=1\nA=2\n', { A: ['2', 2] }],
    ['empty', 'A=\nB=""\n', { A: ['', 1], B: ['', 2] }],
    ['a lone quote', "A=it's\nB=2\n", { A: ["it's", 1], B: ['2', 2] }],
    ['Windows line ends', 'A=1\r\nB=2\r\n', { A: ['1', 1], B: ['2', 2] }],
    ['an escaped line break', 'A="a\\nb"\n', { A: ['a\nb', 1] }],
  ])('%s', (_, text, expected) => expect(read(text)).toEqual(expected))

  test('a line that is no entry is told, not passed over', () => {
    expect(readDotenv('A=1\nB\n=3\n', '.env').problems.map(showProblem)).toEqual([
      '.env:2:1: is no NAME=VALUE line',
      '.env:3:1: is no NAME=VALUE line',
    ])
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
