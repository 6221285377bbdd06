import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Redactor } from '../../src/domain/redact.ts'

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
