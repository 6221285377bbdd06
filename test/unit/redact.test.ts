import { describe, expect, test } from '@jest/globals'
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

test.each(['', 'a', 'on', ' \n'])('%j is too short to be masked: it would mask ordinary text', (value) => {
  expect(redactor(value).text('a hat on a cat')).toBe('a hat on a cat')
})

test('what looks like a pattern is taken as text', () => {
  expect(redactor('a.*b[c](d)').text('axxb a.*b[c](d)')).toBe('axxb •••')
})
