import { expect, test } from '@jest/globals'
import { tellingLine } from '../../src/domain/logs/telling.ts'
import { kubectl } from '../../src/hint.ts'
import { ForgeError } from '../../src/errors.ts'
import { closingRows } from '../../src/screen/closing.ts'
import { HERE } from '../support/hints.ts'

test.each([
  ['nothing', [], undefined],
  ['blank lines', ['', '  '], undefined],
  ['the last one, where none says what is wrong', ['starting', 'listening on 8000'], 'listening on 8000'],
  [
    'a refused setting before the farewell',
    ['reading', 'fatal: unknown key "colour"', 'bye'],
    'fatal: unknown key "colour"',
  ],
  [
    'a Python trace',
    [
      'Traceback (most recent call last):',
      '  File "error.py", line 3, in <module>',
      'ValueError: LOG_LEVEL must be one of DEBUG, INFO',
    ],
    'ValueError: LOG_LEVEL must be one of DEBUG, INFO',
  ],
  [
    'a Node stack',
    ['TypeError: x is not a function', '    at throwError (/app/error.js:3:1)', 'Node.js v24'],
    'TypeError: x is not a function',
  ],
  ['a count of none', ['connect: connection refused', 'done, 0 errors'], 'connect: connection refused'],
  ['a whole document', [`error ${'x'.repeat(400)}`], `error ${'x'.repeat(293)}…`],
])('of a log, %s', (_, lines, told) => expect(tellingLine(lines)).toBe(told))

test('it stands in the block that a failure ends with, masked, between the code and why', () => {
  const error = new ForgeError('E_CRASH_LOOP', 'web cannot start', {
    hint: kubectl(['get', 'pods']),
    where: 'Deployment/web',
    chain: ['Deployment/web', 'Pod/web-1'],
    log: ['starting', 'fatal: password hunter2 refused'],
  })
  const rows = closingRows(error, HERE, 80, (text) => text.replaceAll('hunter2', '•••'))
  expect(rows.slice(1, 5)).toEqual([
    'FAILED  web cannot start',
    '        E_CRASH_LOOP',
    'log     fatal: password ••• refused',
    'why     Deployment/web → Pod/web-1',
  ])
})
