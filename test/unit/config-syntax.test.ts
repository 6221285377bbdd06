import { describe, expect, test } from '@jest/globals'
import { parseConfig } from '../../src/domain/config/config.ts'
import { failure } from '../support/project-ports.ts'
import { minimal } from '../support/sample-config.ts'

const problemsOf = async (text: string): Promise<{ code: string; problems: string[] }> =>
  failure(Promise.resolve().then(() => parseConfig(text)))

describe('YAML that is none', () => {
  test.each([
    ['a tab', 'version: 1\n\tproject: x\n', 'forge.yaml:2:1: a tab cannot indent YAML; use spaces'],
    [
      'two keys on a line',
      'project: a: b\n',
      'forge.yaml:1:10: a second "key: value" on one line; quote the value, or put it on a line of its own',
    ],
    [
      'a duplicate key',
      'version: 1\nproject: a\nversion: 1\n',
      'forge.yaml:3:1: duplicate key "version"; the first is on line 1',
    ],
    [
      'a nested duplicate key',
      `${minimal}environments:\n`,
      'forge.yaml:6:1: duplicate key "environments"; the first is on line 3',
    ],
    ['an alias without an anchor', 'version: *v\n', 'forge.yaml:1:10: *v names no anchor'],
    ['an alias in itself', 'project: &x [*x]\n', 'forge.yaml:1:13: an alias contains itself'],
    [
      'two documents',
      '---\nversion: 1\n---\nversion: 1\n',
      'forge.yaml:3:1: a second document begins here; one file holds one',
    ],
    ['an unknown tag', 'project: !secret x\n', 'forge.yaml:1:10: unresolved tag: !secret'],
    ['a list as key', '? [a]\n: 1\n', 'forge.yaml:1:3: a key of the document is not plain text'],
  ])('%s', async (_, text, expected) => {
    const { code, problems } = await problemsOf(text)
    expect(code).toBe('E_CONFIG_SYNTAX')
    expect(problems).toContain(expected)
  })

  test('aliases that unfold without end are refused quickly', async () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `l${level + 1}: &l${level + 1} [${Array(10).fill(`*l${level}`).join(', ')}]`,
    )
    const { problems } = await problemsOf(`l0: &l0 [x, x]\n${levels.join('\n')}\n`)
    expect(problems[0]).toMatch(/unfold to too much/u)
  })
})
