import { describe, expect, test } from '@jest/globals'
import { chooseEnvironment, parseConfig, resolveProject } from '../../src/domain/config/config.ts'
import { failure } from '../support/project-ports.ts'
import { minimal, sample } from '../support/sample-config.ts'

describe('the sample of docs/design.md', () => {
  test('is valid in every environment', () => {
    const parsed = parseConfig(sample)
    for (const name of ['sandbox', 'staging', 'prod']) {
      expect(resolveProject(parsed, name, { file: '/p/forge.yaml', dir: '/p' }).environment.name).toBe(name)
    }
  })
})

describe('which environment', () => {
  const three = (more: string): string =>
    `version: 1\nproject: demo\n${more}environments:\n  dev: {}\n  prod: { protected: true }\n`
  test.each([
    ['the one asked for', three(''), 'prod', 'prod'],
    ['the default', three('defaultEnvironment: dev\n'), undefined, 'dev'],
    ['the default where nothing is asked', three('defaultEnvironment: dev\n'), '', 'dev'],
    ['the only one', minimal, undefined, 'dev'],
  ])('%s', (_, text, asked, expected) => expect(chooseEnvironment(parseConfig(text), asked)).toBe(expected))

  test.each([
    [
      'several, none chosen',
      three(''),
      undefined,
      'E_ENVIRONMENT_REQUIRED',
      'say which environment is meant: dev, prod',
    ],
    [
      'a protected default',
      three('defaultEnvironment: prod\n'),
      undefined,
      'E_ENVIRONMENT_REQUIRED',
      '"prod" is protected and is never chosen silently; name it',
    ],
    [
      'a misspelt one',
      three(''),
      'pord',
      'E_ENVIRONMENT_UNKNOWN',
      'forge.yaml has no environment "pord"; did you mean "prod"?',
    ],
    [
      'one like none',
      three(''),
      'qa-eu-west',
      'E_ENVIRONMENT_UNKNOWN',
      'forge.yaml has no environment "qa-eu-west"; there is "dev", "prod"',
    ],
  ])('%s', async (_, text, asked, code, message) => {
    expect(await failure(Promise.resolve().then(() => chooseEnvironment(parseConfig(text), asked)))).toMatchObject({
      code,
      message,
    })
  })
})
