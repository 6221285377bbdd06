import { describe, expect, test } from '@jest/globals'
import { schemaProblems, translateHelmError } from '../../src/domain/helm/errors.ts'

const ended = (stderr: string): { stdout: string; stderr: string } => ({ stdout: '', stderr })

const SCHEMA_4 = `Error: values don't meet the specifications of the schema(s) in the following chart(s):
api-forge:
- at '/app/replicas': got string, want integer
- at '/worker': additional properties 'replicaz', 'b.c' not allowed
`

const SCHEMA_3 = `Error: values don't meet the specifications of the schema(s) in the following chart(s):
api-forge:
- app.replicas: Invalid type. Expected: integer, given: string
`

describe('values that the schema rejects', () => {
  test('are told by their path, unknown keys too', () => {
    expect(schemaProblems(SCHEMA_4)).toEqual([
      { path: 'app.replicas', problem: 'got string, want integer' },
      { path: 'worker.replicaz', problem: 'the chart knows no such value' },
      { path: 'worker.b\\.c', problem: 'the chart knows no such value' },
    ])
  })

  test('as older helms write them', () => {
    expect(schemaProblems(SCHEMA_3)).toEqual([
      { path: 'app.replicas', problem: 'Invalid type. Expected: integer, given: string' },
    ])
  })

  test('all of them are counted in one sentence', () => {
    expect(translateHelmError('template', ended(SCHEMA_4))).toMatchObject({
      code: 'E_VALUES_SCHEMA',
      message: 'app.replicas: got string, want integer (and 2 more)',
      details: { where: 'values: app.replicas', value: 'app.replicas' },
    })
  })
})

test.each([
  [
    'template',
    'Error: execution error at (api-forge/templates/app/deployment.yaml:3:4): app.image must be set',
    'E_CHART_RENDER',
    /app\.image must be set/u,
  ],
  [
    'upgrade',
    'Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress',
    'E_RELEASE_PENDING',
    /never ended/u,
  ],
  [
    'upgrade',
    'coalesce.go: warning\nError: UPGRADE FAILED: conflict with "kubectl"',
    'E_HELM',
    /^helm upgrade failed: UPGRADE FAILED: conflict/u,
  ],
  [
    'upgrade',
    'Error: UPGRADE FAILED: 2 errors occurred:\n\t* Service "web" is invalid: spec.ports: Required value\n\t* job failed\n\n',
    'E_HELM',
    /2 errors occurred:\n\* Service "web" is invalid: spec\.ports: Required value\n\* job failed$/u,
  ],
  [
    'template',
    'Error: execution error at (x/templates/a.yaml:3:4):\n\nset app.image\n\nUse --debug flag to render out invalid YAML',
    'E_CHART_RENDER',
    /set app\.image$/u,
  ],
  ['upgrade', '', 'E_HELM', /helm gave no reason/u],
])('%s: %j is %s', (verb, stderr, code, message) => {
  const error = translateHelmError(verb, ended(stderr))
  expect(error).toMatchObject({ code })
  expect(error.message).toMatch(message)
})

test("helm's whole reason is told, as far to the left as it goes together", () => {
  const below = [
    '\t* first: Invalid value',
    '\t  detail',
    ...Array.from({ length: 10 }, (_, at) => `\t* number ${at + 2}`),
  ]
  const stderr = `Error: UPGRADE FAILED: 11 errors occurred:\n${below.join('\n')}\n\n`
  expect(translateHelmError('upgrade', { stdout: '', stderr }).message.split('\n')).toEqual([
    'helm upgrade failed: UPGRADE FAILED: 11 errors occurred:',
    '* first: Invalid value',
    '  detail',
    ...Array.from({ length: 10 }, (_, at) => `* number ${at + 2}`),
  ])
})

test('of hundreds of lines the first and the last are told, and how many are not', () => {
  const stderr = ['Error: many:', ...Array.from({ length: 299 }, (_, at) => `* ${at}`)].join('\n')
  const lines = translateHelmError('upgrade', { stdout: '', stderr }).message.split('\n')
  expect({ lines: lines.length, cut: lines[20], last: lines.at(-1) }).toEqual({
    lines: 31,
    cut: '… 270 lines more',
    last: '* 298',
  })
})
