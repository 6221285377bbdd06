import { describe, expect, test } from '@jest/globals'
import { agoOf } from '../../src/screen/ago.ts'
import { closingRows } from '../../src/screen/closing.ts'
import { formatSeconds, stepRow } from '../../src/screen/row.ts'
import { successRows } from '../../src/screen/success.ts'
import { ForgeError } from '../../src/errors.ts'
import { forge, kubectl } from '../../src/hint.ts'
import { HERE } from '../support/hints.ts'

const ROW = { index: 7, total: 10, name: 'databases', detail: 'postgres 1/1, redis 1/1' }

describe('a step', () => {
  test('in a terminal its time ends four columns before the edge: two for the icon, two that listr2 keeps', () => {
    const row = stepRow({ ...ROW, seconds: 0.04, width: 80 })
    expect(row).toBe(` 7/10 databases      postgres 1/1, redis 1/1${' '.repeat(28)}0.0s`)
    expect(row).toHaveLength(76)
  })

  test('what was found and does not fit goes on below; while it runs the row stays one', () => {
    const detail = 'postgres 1/1, redis 1/1, postgres-verifier done, not restarted'
    expect(stepRow({ ...ROW, detail, seconds: 12.34, width: 80 }).split('\n')).toEqual([
      ' 7/10 databases      postgres 1/1, redis 1/1, postgres-verifier done,  12.3s',
      '                     not restarted',
    ])
    expect(stepRow({ ...ROW, detail, width: 80 })).toBe(
      ' 7/10 databases      postgres 1/1, redis 1/1, postgres-verifier …',
    )
  })

  test('a word that does not fit is cut, the time is not', () => {
    expect(stepRow({ ...ROW, detail: 'x'.repeat(200), seconds: 12.34, width: 80 })).toMatch(
      /^ 7\/10 databases {6}x{47}… {2}12\.3s$/u,
    )
  })

  test('while it runs it has no time', () => {
    expect(stepRow({ ...ROW, width: 80 })).toBe(' 7/10 databases      postgres 1/1, redis 1/1')
  })

  test('in a log nothing is cut or aligned to an edge', () => {
    expect(stepRow({ ...ROW, detail: 'x'.repeat(100), seconds: 1 })).toBe(
      ` 7/10 databases      ${'x'.repeat(100)}  1.0s`,
    )
  })

  const BESIDE = { ...ROW, index: 0, total: 0, detail: 'restored', seconds: 1 }

  test('names of one column make room for the longest of them', () => {
    const rows = ['web=oom', 'web=image-network'].map((name) => stepRow({ ...BESIDE, name, longest: 17, width: 80 }))
    expect(rows).toEqual([
      `      web=oom           restored${' '.repeat(40)}1.0s`,
      `      web=image-network restored${' '.repeat(40)}1.0s`,
    ])
    expect(stepRow({ ...BESIDE, name: 'web=oom', longest: 17 })).toBe('      web=oom           restored  1.0s')
  })

  test('what belongs to a name that leaves no room stands below it, in the column of the others', () => {
    const name = 'StatefulSet/shop-shop-db=image-network'
    const shown = (more: object): string[] =>
      stepRow({ ...BESIDE, name, longest: name.length, width: 60, ...more }).split('\n')
    const start = ' '.repeat(6 + 24 + 1)
    expect(shown({})).toEqual([`      ${name}`, `${start}restored${' '.repeat(13)}1.0s`])
    expect(shown({ detail: '', seconds: undefined })).toEqual([`      ${name}`])
    expect(shown({ name: 'web=oom' })[0]).toBe(`      web=oom${' '.repeat(18)}restored${' '.repeat(13)}1.0s`)
  })

  test('what is beside the numbered steps has no number', () => {
    expect(stepRow({ ...ROW, index: 0, total: 0, name: 'rollback', detail: 'to #4' })).toBe(
      '      rollback       to #4',
    )
  })
})

test.each([
  [0, '0.0s'],
  [59.96, '60.0s'],
  [600, '10m00s'],
  [754.4, '12m34s'],
])('%d seconds are %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text))

test.each([
  [400, 'just now'],
  [1000, '1 second ago'],
  [119_000, '1 minute ago'],
  [7_200_000, '2 hours ago'],
  [3 * 86_400_000, '3 days ago'],
])('%d ms are %s', (ms, text) => expect(agoOf(ms)).toBe(text))

describe('the closing block', () => {
  const error = new ForgeError('E_CRASH_LOOP', 'app cannot start: it exits with status 1 at once, 3 times', {
    chain: ['Deployment/app', 'ReplicaSet/app-7d9f', 'Pod/app-7d9f-x2k', 'app'],
    where: '.env:14  LOG_LEVEL=verbose   (ConfigMap app-env)',
    now: 'prod runs #42 again, proven',
    hint: kubectl(['logs', 'app-7d9f-x2k']),
    exit: 4,
  })

  test('says what, why, where, now and next', () => {
    expect(closingRows(error, HERE, undefined)).toEqual([
      '',
      'FAILED  app cannot start: it exits with status 1 at once, 3 times',
      '        E_CRASH_LOOP',
      'why     Deployment/app → ReplicaSet/app-7d9f → Pod/app-7d9f-x2k → app',
      'where   .env:14  LOG_LEVEL=verbose   (ConfigMap app-env)',
      'now     prod runs #42 again, proven',
      'next    kubectl logs app-7d9f-x2k',
    ])
  })

  test('in a narrow terminal its lines are indented below their label, and words stay whole', () => {
    const rows = closingRows(error, HERE, 40)
    expect(rows.every((row) => row.length <= 40)).toBe(true)
    expect(rows.slice(1, 3)).toEqual(['FAILED  app cannot start: it exits with', '        status 1 at once, 3 times'])
  })

  test.each([
    [3, 'REFUSED'],
    [7, 'REFUSED'],
    [4, 'FAILED'],
    [5, 'FAILED'],
    [130, 'STOPPED'],
    [143, 'STOPPED'],
  ])('exit status %d begins with %s', (exit, word) =>
    expect(closingRows(error.with({ exit }), HERE, undefined)[1]).toMatch(new RegExp(`^${word} `, 'u')),
  )

  test('a bug is told apart from what a user can fix', () => {
    expect(closingRows(new TypeError('x is undefined'), HERE, undefined)[1]).toBe('BUG     x is undefined')
  })

  test('a position that the message begins with stands in its own row only', () => {
    const syntax = new ForgeError('E_CONFIG_INVALID', 'forge.yaml:4:3: unknown key "chrat"', {
      hint: forge('schema'),
      where: 'forge.yaml:4:3',
    })
    expect(closingRows(syntax, HERE, undefined)[1]).toBe('REFUSED unknown key "chrat"')
  })
})

describe('success', () => {
  const base = {
    number: 42,
    environment: 'prod',
    seconds: 51.63,
    unchanged: false,
    restarted: [],
    remarks: [],
    look: ['kubectl get pods'],
  }
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'app' }

  test('says what restarted and why', () => {
    const restarted = [
      { workload: 'app', ref, because: ['image 1f3c9a2e', 'app-env LOG_LEVEL'] },
      { workload: 'worker', ref, because: ['image 1f3c9a2e'] },
    ]
    expect(successRows({ ...base, restarted })).toEqual([
      '',
      'Deployed #42 to prod in 51.6 s. Everything is ready.',
      'Restarted  app     image 1f3c9a2e, app-env LOG_LEVEL',
      '           worker  image 1f3c9a2e',
      'Look       kubectl get pods',
    ])
  })

  test('says what it leaves to people, and with which command', () => {
    const what = 'db-1, db-0 run an older revision until they are deleted (updateStrategy OnDelete)'
    const remarks = [
      { workload: 'db', what, hint: 'kubectl --namespace prod delete pod db-1 db-0' },
      { workload: 'cache', what: 'cache-0 keeps an older revision (partition 1)', hint: null },
    ]
    expect(successRows({ ...base, remarks }).slice(1, -1)).toEqual([
      'Deployed #42 to prod in 51.6 s. Everything is ready, with 2 remarks.',
      `Remark     db: ${what}`,
      '           kubectl --namespace prod delete pod db-1 db-0',
      '           cache: cache-0 keeps an older revision (partition 1)',
    ])
  })

  test('a deploy that changed nothing says which one runs', () => {
    expect(successRows({ ...base, unchanged: true })[1]).toBe(
      'Unchanged: prod already runs #42, and everything is ready (51.6 s).',
    )
  })
})
