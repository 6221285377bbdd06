import { expect, test } from '@jest/globals'
import { parseConfig } from '../../src/domain/config/config.ts'
import { failure } from '../support/project-ports.ts'

const FORGE = (more: string): string => `version: 1
project: demo
environments:
  dev: { cluster: sandbox }
${more}`

const problems = async (more: string): Promise<unknown> =>
  await failure(Promise.resolve().then(() => parseConfig(FORGE(more))))

test.each([
  [
    'nobody',
    '  prod: { promotes: dve }\n',
    'forge.yaml:5:21: environments.prod.promotes names an environment that does not exist: "dve"; did you mean "dev"?',
  ],
  [
    'itself',
    '  prod: { promotes: prod }\n',
    'forge.yaml:5:21: environments.prod.promotes leads back to prod (prod → prod), so no image could ever be new',
  ],
])('an environment that promotes %s is refused', async (_, more, message) => {
  expect(await problems(more)).toMatchObject({ code: 'E_CONFIG_INVALID', problems: [message] })
})

test('a circle is told of each that is in it, and of none that leads into it', async () => {
  const { problems: all } = (await problems('  a: { promotes: b }\n  b: { promotes: a }\n  c: { promotes: a }\n')) as {
    readonly problems: readonly string[]
  }
  expect(all).toEqual([
    expect.stringContaining('environments.a.promotes leads back to a (a → b → a)'),
    expect.stringContaining('environments.b.promotes leads back to b (b → a → b)'),
  ])
})

test('a chain is none', () => {
  expect(() => parseConfig(FORGE('  staging: { promotes: dev }\n  prod: { promotes: staging }\n'))).not.toThrow()
})
