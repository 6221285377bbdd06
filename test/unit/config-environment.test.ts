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

describe('null in an environment', () => {
  const base = `version: 1
project: demo
environments:
  dev: { namespace: dev }
  other: OVER
releases:
  db: { chart: ./db }
  app: { chart: ./app, needs: [db], schema: { version: 2, oldestReader: 1 } }
stages: { app: { wait: [Deployment/app], timeout: 9m } }
verify: [{ http: { service: app, port: 80 } }]
requirements: { operators: [cnpg], secrets: { bucket: [key], other: [key] }, storageClass: any }
secrets: { app: { keys: [password], each: { file: 'a/{key}' }, generate: { length: 20 } } }
`
  const resolved = (over: string, name: string) =>
    resolveProject(parseConfig(base.replace('OVER', over)), name, { file: '/p/forge.yaml', dir: '/p' })

  test.each<[string, (project: ReturnType<typeof resolved>) => unknown, unknown, unknown]>([
    [
      '{ releases: { app: { needs: null } } }',
      ({ releases }) => releases.find(({ name }) => name === 'app')?.needs,
      ['db'],
      [],
    ],
    [
      '{ releases: { app: { schema: null } } }',
      ({ releases }) => releases.find(({ name }) => name === 'app')?.schema?.version,
      2,
      undefined,
    ],
    [
      '{ requirements: { secrets: null } }',
      ({ requirements }) => requirements.secrets.map(({ name }) => name),
      ['bucket', 'other'],
      [],
    ],
    [
      '{ requirements: { secrets: { bucket: null } } }',
      ({ requirements }) => requirements.secrets.map(({ name }) => name),
      ['bucket', 'other'],
      ['other'],
    ],
    [
      '{ requirements: { storageClass: null } }',
      ({ requirements }) => requirements.storageClass?.name,
      'any',
      undefined,
    ],
    ['{ requirements: null }', ({ requirements }) => requirements.operators.length, 1, 0],
    ['{ verify: null }', ({ verify }) => verify.length, 1, 0],
    ['{ stages: { app: { timeout: null } } }', ({ stages }) => stages[0]?.timeoutMs, 540_000, 300_000],
  ])('takes away what the project has: %s', (over, of, before, after) => {
    expect([of(resolved(over, 'dev')), of(resolved(over, 'other'))]).toEqual([before, after])
  })

  test('and stands in no project', async () => {
    const text = base.replace('OVER', '{ namespace: x }').replace('needs: [db]', 'needs: null')
    expect(await failure(Promise.resolve().then(() => parseConfig(text)))).toMatchObject({ code: 'E_CONFIG_INVALID' })
  })
})
