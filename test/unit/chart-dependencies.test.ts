import { expect, test } from '@jest/globals'
import { meets, missingDependencies } from '../../src/domain/helm/dependencies.ts'

test.each([
  ['1.2.3', '1.2.3', true],
  ['1.2.3', 'v1.2.3', true],
  ['1.2.3', '*', true],
  ['1.2.3', '1.x.x', true],
  ['1.2.3', '1.2', true],
  ['1.2.3', '~1.2.0', true],
  ['1.2.3', '~1.2.4', false],
  ['1.3.0', '~1.2.0', false],
  ['1.3.0', '^1.2.0', true],
  ['2.0.0', '^1.2.0', false],
  ['0.3.0', '^0.2.0', false],
  ['1.2.4', '1.2.3', false],
  ['1.3.0-rc.1', '^1.2.0', false],
  ['1.3.0', '>= 1.2.0, < 2', false],
])('%s for %s: %s', (version, range, met) => expect(meets(version, range)).toBe(met))

test('those that are missing, with the version of Chart.lock and the line of Chart.yaml', () => {
  const file = (name: string, text: string) => ({ name, text: () => text })
  const files = [
    file(
      'Chart.yaml',
      'name: a\ndependencies:\n  - name: db\n    version: 1.x.x\n  - name: cache\n    version: 2.0.0\n',
    ),
    file('Chart.lock', 'dependencies:\n  - { name: db, version: 1.2.3, repository: "https://charts.test" }\n'),
    file('charts/cache-2.0.0.tgz/Chart.yaml', 'name: cache\nversion: 2.0.0\n'),
  ]
  expect(missingDependencies(files)).toEqual([
    { name: 'db', version: '1.2.3', repository: 'https://charts.test', line: 3, file: 'Chart.yaml' },
  ])
})

test('an old chart names them in a file of its own', () =>
  expect(
    missingDependencies([
      { name: 'Chart.yaml', text: () => 'name: a\n' },
      { name: 'requirements.yaml', text: () => 'dependencies:\n  - { name: db, version: 1.0.0 }\n' },
    ]),
  ).toMatchObject([{ name: 'db', line: 2, file: 'requirements.yaml' }]))
