import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Redactor } from '../../src/domain/redact/redactor.ts'

const SECRET = 'p4$$w"rd/+ with ünicode'

function redactor(...secrets: string[]): Redactor {
  const made = new Redactor()
  for (const secret of secrets) made.add(secret)
  return made
}

describe('a secret is masked', () => {
  test.each([
    ['as it stands', SECRET],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in base64 with the newline that echo adds', Buffer.from(`${SECRET}\n`).toString('base64')],
    ['in base64 without its padding', Buffer.from(SECRET).toString('base64').replace(/=+$/u, '')],
    ['URL-escaped', encodeURIComponent(SECRET)],
    ['JSON-escaped', JSON.stringify(SECRET).slice(1, -1)],
    ['JSON in JSON', JSON.stringify(JSON.stringify(SECRET).slice(1, -1)).slice(1, -1)],
    ['URL-escaped in small letters', encodeURIComponent(SECRET).replace(/%../gu, (one) => one.toLowerCase())],
    ['as a form field', encodeURIComponent(SECRET).replaceAll('%20', '+')],
    ['in base64 for URLs', Buffer.from(SECRET).toString('base64url')],
  ])('%s', (_, form) => expect(redactor(SECRET).text(`before ${form} after`)).toBe('before ••• after'))

  test('line by line, because output arrives by lines', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----\n'
    expect(redactor(key).text('| MIGHAgEAMBMGByqGSM49 |')).toBe('| ••• |')
  })

  test('the longer of two that contain each other, as a whole', () => {
    expect(redactor('secret', 'secret-and-more').text('secret-and-more')).toBe('•••')
  })

  test('in every string of a document, keys excepted', () => {
    expect(redactor('hidden-value').json({ 'hidden-value': ['x hidden-value', 1, null] })).toEqual({
      'hidden-value': ['x •••', 1, null],
    })
  })
})

test.each([0, 1, 2, 3])('in base64 behind %i other bytes, before others', (count) => {
  const encoded = Buffer.from(`${'x'.repeat(count)}${SECRET}, and more`).toString('base64')
  const masked = redactor(SECRET).text(encoded)
  expect(masked).toContain('•••')
  expect(Buffer.from(masked.replace('•••', ''), 'base64').length).toBeLessThan(count + 15)
})

describe('what is inside a secret', () => {
  test('the password of a connection string', () => {
    expect(redactor('postgres://app:hunter2%2Fx@db/app').text('hunter2/x hunter2%2Fx')).toBe('••• •••')
  })
  test('a docker login', () => {
    const auth = Buffer.from('robot:pull-me-2026').toString('base64')
    const masked = redactor(JSON.stringify({ auths: { 'ghcr.io': { auth } } })).text(
      `${auth} pull-me-2026 robot ghcr.io`,
    )
    expect(masked).toBe('••• ••• robot ghcr.io')
  })
})

describe('output stays readable', () => {
  test.each(['true', 'postgres', 'Admin', '5432', 'verify-full'])('%s is no secret', (value) => {
    expect(redactor(value).text(`is ${value}`)).toBe(`is ${value}`)
  })
  test('a short one is masked as a word only', () => {
    expect(redactor('blue').text('blue bluebird BLUE x=blue,')).toBe('••• bluebird BLUE x=•••,')
  })
  test('a name of the project is no secret', () => {
    const made = redactor('shop-frontend')
    made.spare(['shop-frontend'])
    expect(made.text('Deployment/shop-frontend')).toBe('Deployment/shop-frontend')
  })
})

test.each([
  ['sK9-lqMZ72bVx0', true],
  ['5b0c7a1e-3f6d-4c52-9a77-0d1e8b64f2c9', true],
  ['hunter2', false],
  ['postgres-primary', false],
  ['db-01.example.com:5432', false],
])('%s in a chart value gives a secret away: %s', (value, expected) => {
  expect(redactor(value).reveals(`at ${value}`)).toBe(expected)
})

test('pieces give what the whole gives, wherever they are cut', () => {
  const secret = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-', ' '), minLength: 4, maxLength: 12 })
  const piece = fc.oneof(fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-', ' ', '\n'), maxLength: 6 }), fc.nat(3))
  fc.assert(
    fc.property(fc.array(secret, { maxLength: 4 }), fc.array(piece), fc.array(fc.nat(200)), (secrets, pieces, cuts) => {
      const made = redactor(...secrets)
      const whole = pieces.map((one) => (typeof one === 'number' ? (secrets[one] ?? '') : one)).join('')
      const places = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length]
      const stream = made.stream()
      const told = places.slice(1).map((to, at) => stream.push(whole.slice(places[at], to)))
      expect([...told, stream.end()].join('')).toBe(made.text(whole))
    }),
    { numRuns: 2000 },
  )
})

test('a secret is found at every place of a text, whatever stands beside it', () => {
  const sign = fc.constantFrom('a', 'b', '1', '_', '-', '.', ' ', 'é', '𝔘')
  const secret = fc.string({ unit: sign, minLength: 10, maxLength: 14 }).filter((text) => text.trim() === text)
  const beside = fc.string({ unit: sign, maxLength: 12 })
  fc.assert(
    fc.property(secret, fc.array(secret, { maxLength: 3 }), beside, beside, (one, others, before, after) => {
      const told = redactor(...others, one).text(`${before}${one}${after}`)
      expect(told).toContain('•••')
      expect(told).not.toContain(one)
    }),
    { numRuns: 2000 },
  )
})

test('a line that is no beginning of a secret is not held back', () => {
  expect(redactor('hidden-value').stream().push('all is well\n')).toBe('all is well\n')
})

test.each(['', 'a', 'on', ' \n'])('%j is too short to be masked: it would mask ordinary text', (value) => {
  expect(redactor(value).text('a hat on a cat')).toBe('a hat on a cat')
})

test('what looks like a pattern is taken as text', () => {
  expect(redactor('a.*b[c](d)').text('axxb a.*b[c](d)')).toBe('axxb •••')
})

describe('however a program spells it', () => {
  const PASSWORD = `Zw4"ö$\\x&'(9) <b>`
  const units = (escape: (code: string) => string): string =>
    Array.from(PASSWORD, (sign) => escape(sign.charCodeAt(0).toString(16).padStart(4, '0'))).join('')
  const html = PASSWORD.replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
  const percent = [...new TextEncoder().encode(PASSWORD)]
    .map((byte) => `%${byte.toString(16).padStart(2, '0')}`)
    .join('')
  test.each([
    ['every sign of a URL', percent],
    ['in capitals', percent.toUpperCase()],
    ['a URL that leaves brackets', encodeURIComponent(PASSWORD)],
    ['a form', new URLSearchParams({ a: PASSWORD }).toString().slice(2)],
    ['\\u escapes', units((code) => `\\u${code}`)],
    ['\\u escapes in capitals', units((code) => `\\u${code.toUpperCase()}`)],
    ['\\u escapes in JSON', units((code) => `\\\\u${code}`)],
    ['\\x escapes', units((code) => `\\x${code.slice(2)}`)],
    ['JSON', JSON.stringify(PASSWORD).slice(1, -1)],
    ['JSON in JSON in JSON', JSON.stringify(JSON.stringify(JSON.stringify(PASSWORD)))],
    ['a shell', PASSWORD.replaceAll(/[^\w]/gu, (sign) => `\\${sign}`)],
    ['YAML', PASSWORD.replaceAll("'", "''")],
    ['HTML', html],
    ['colours within', Array.from(PASSWORD).join('\u001B[1;31m')],
    ['a carriage return within', PASSWORD.replace('(', '\r(')],
  ])('%s', (_, form) => {
    const told = redactor(PASSWORD).text(`before ${form} after`)
    expect(told.replaceAll(/["\\]/gu, '')).toBe('before ••• after')
  })

  const KEY = 'q'.repeat(3).concat('MZ72bVx0-', 'lKj8/'.repeat(40))
  test.each([64, 76])('base64 in lines of %i', (width) => {
    const lines =
      Buffer.from(KEY)
        .toString('base64')
        .match(new RegExp(`.{1,${width}}`, 'gu')) ?? []
    const made = redactor(KEY)
    expect(made.text(lines.join('\n'))).toMatch(/^[•\s]+$/u)
    expect(made.text(lines.join('\n    '))).toMatch(/^[•\s]+$/u)
    expect(lines.slice(0, -1).map((line) => made.text(`| ${line}`))).toEqual(lines.slice(0, -1).map(() => '| •••'))
  })

  test('a long one in any piece of it, as one', () => {
    const long = Array.from({ length: 4000 }, (_, at) => (at * 7919).toString(36)).join('')
    expect(redactor(long).text(`a ${long} b`)).toBe('a ••• b')
    expect(redactor(long).text(Buffer.from(long).toString('base64'))).toBe('•••')
  })
})

describe('a secret with a structure hides its parts', () => {
  const PEM = '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\n-----END PRIVATE KEY-----\n'
  test.each([
    ['dotenv', 'LOG=info\nexport DB_PASSWORD="pa55 word"\n', 'pa55 word'],
    ['YAML', 'db:\n  host: db.example.com\n  password: s3cr3t9x\n', 's3cr3t9x'],
    ['a list of YAML', '- token: abc-DEF-123\n', 'abc-DEF-123'],
    ['items of a list of YAML', 'hosts:\n  - db\ntokens:\n  - abc-DEF-123\n  - "t0p-5ecr"\n', 't0p-5ecr'],
    ['items that no name looks like', '- x8Kq2LmZ77VtPq\n- b\n', 'x8Kq2LmZ77VtPq'],
    ['a map of YAML in one line', 'db: { user: app, password: pa55w0rd, port: 5432 }\n', 'pa55w0rd'],
    ['a list of YAML in one line', 'tokens: [one-t0ken, "two-t0ken"]\n', 'two-t0ken'],
    ['escapes of YAML', 'password: "back\\\\sl4sh"\n', 'back\\sl4sh'],
    ['an entry with a comment', "TOKEN='t0k en' # of the shop\nX=y\n", 't0k en'],
    ['TOML', '[db]\npassword = "pa55w0rd"\n', 'pa55w0rd'],
    ['a list of JSON', JSON.stringify({ tokens: ['one-t0ken', 'two-t0ken'] }), 'two-t0ken'],
    ['a number of JSON', JSON.stringify({ pinKey: 83726153 }), '83726153'],
    ['lines of JSON', '{"user":"app"}\n{"password":"pa55w0rd"}\n', 'pa55w0rd'],
    ['JSON that is none', '{\n  // of the shop\n  "password": "pa55w0rd",\n}\n', 'pa55w0rd'],
    ['XML', '<db><user>app</user><password>pa55&amp;w0rd</password></db>', 'pa55&w0rd'],
    ['settings of .NET', '<add key="DbPassword" value="pa55w0rd" />', 'pa55w0rd'],
    ['ODBC', 'Driver={PostgreSQL};Uid=app;Pwd={pa55;w0rd}', 'pa55;w0rd'],
    ['the query of JDBC', 'jdbc:postgresql://db/app?user=app&password=pa55%2Fw0rd', 'pa55/w0rd'],
    ['.pgpass', 'db.example.com:5432:app:owner:pa55w0rd\n', 'pa55w0rd'],
    ['.netrc', 'machine git.example.com login robot password pa55w0rd\n', 'pa55w0rd'],
    ['properties', 'spring.datasource.password=pa55w0rd\nspring.datasource.username=app\n', 'pa55w0rd'],
    ['JSON', JSON.stringify({ a: [{ apiKey: 'k3y-0f-it' }] }), 'k3y-0f-it'],
    ['what no name looks like in JSON', JSON.stringify({ a: 'x8Kq-2LmZ-77Vt' }), 'x8Kq-2LmZ-77Vt'],
    ['a connection string', 'Server=db;User Id=app;Password=Tr0ub4dor;', 'Tr0ub4dor'],
    ['the settings of libpq', "host=db user=app password='it is so'", 'it is so'],
    ['the query of a URL', 'https://hooks.example.com/x?token=9f8e7d6c&a=b', '9f8e7d6c'],
    ['the login of a URL', 'redis://:s0m3-p%40ss@cache:6379/0', 's0m3-p@ss'],
    [
      'a token as a login',
      'https://ghp_16C7e42F292c6912E7710c838347Ae178B4a@github.com/a/b',
      'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
    ],
    ['a header', 'Authorization: Bearer eyJhbGciOi.x.y', 'eyJhbGciOi.x.y'],
    ['a login in base64', `Authorization: Basic ${Buffer.from('me:0p3n-it').toString('base64')}`, '0p3n-it'],
    ['PEM in JSON', JSON.stringify({ private_key: PEM }), 'MIGHAgEAMBMGByqGSM49AgEG'],
    ['PEM in base64 in YAML', `client-key-data: ${Buffer.from(PEM).toString('base64')}`, 'MIGHAgEAMBMGByqGSM49AgEG'],
  ])('%s', (_, secret, part) => expect(redactor(secret).text(`is ${part}.`)).toBe('is •••.'))

  test('names stay readable', () => {
    const made = redactor('db:\n  host: db.example.com\n  region: eu-west-1\n  port: "5432"\nLOG_LEVEL=info\n')
    made.add('hosts:\n  - cache\n  - { name: worker, zone: eu-west-1 }\n<db><name>orders</name></db>\n')
    const text = 'eu-west-1 db.example.com 5432 info cache worker orders hosts zone'
    expect(made.text(text)).toBe(text)
  })
})

describe('takes time that grows with the text alone', () => {
  const size = 300_000
  test.each<[string, string]>([
    [
      'one line',
      Array.from({ length: size / 5 }, (_, at) => (at * 7919).toString(36).slice(-5).padStart(5, '0')).join(''),
    ],
    ['equal signs', 'a='.repeat(size / 2)],
    ['one letter', 'a'.repeat(size)],
    ['backslashes', `x${'\\'.repeat(2000)}`],
    ['blanks', `x${' '.repeat(size)}y`],
    ['addresses', '://'.repeat(size / 3)],
    ['colons', 'a:b@'.repeat(size / 4)],
    ['quotes', `key="${"'".repeat(2000)}`],
  ])(
    'a secret of %s',
    (_, secret) => {
      const made = redactor(secret)
      const stream = made.stream()
      let told = ''
      for (let at = 0; at < secret.length; at += 4096) told += stream.push(secret.slice(at, at + 4096))
      expect((told + stream.end()).length).toBeLessThanOrEqual(size)
      expect(made.text(`a ${secret} b`).length).toBeLessThanOrEqual(size + 10)
    },
    10_000,
  )

  test.each<[string, string]>([
    ['settings in settings', 'key='.repeat(size / 4)],
    ['elements', '<key>'.repeat(size / 5)],
    ['maps in maps', '{key: '.repeat(size / 6)],
    ['entries', Array.from({ length: size / 30 }, (_, at) => `KEY_${at}=value-${at * 7919}`).join('\n')],
  ])(
    'a secret of %s is learnt',
    (_, secret) => expect(redactor(secret).text('all is well')).toBe('all is well'),
    10_000,
  )

  test.each(['\\', '%41', '%', '&amp;', "'", '\u001B[1m', '\u001B]', '\n', '\r', 'x'])(
    'a text of %j',
    (sign) => {
      const text = sign.repeat(200_000 / sign.length)
      const made = redactor('sK9-lqMZ72bVx0', 'Zw4"ö$\\x')
      const stream = made.stream()
      expect(made.text(text)).toBe(text)
      expect(stream.push(text) + stream.end()).toBe(text)
    },
    10_000,
  )
})
