import { describe, expect, test } from '@jest/globals'
import { catalogOf, type Manifest } from '../../src/domain/completion/catalog.ts'
import { complete, fitting } from '../../src/domain/completion/complete.ts'
import { namesOf } from '../../src/domain/completion/names.ts'
import { offered } from '../../src/domain/completion/offered.ts'
import { seenSince } from '../../src/domain/completion/seen.ts'

const flag = (name: string, more: object = {}) => ({ name, type: 'option', description: `${name}.`, ...more })
const env = flag('env', { char: 'e' })
const dir = flag('dir', { char: 'C', helpValue: 'DIR' })
const MANIFEST: Manifest = {
  commands: {
    deploy: {
      summary: 'Deploys.',
      flags: {
        env,
        dir,
        values: flag('values', { helpValue: 'FILE', multiple: true }),
        yes: flag('yes', { type: 'boolean', char: 'y' }),
        release: flag('release', { multiple: true }),
        namespace: flag('namespace', { hidden: true }),
        set: flag('set', { helpValue: 'PATH=VALUE', multiple: true }),
      },
      args: {},
    },
    plan: { summary: 'Plans.', flags: { output: flag('output', { options: ['text', 'json'] }) }, args: {} },
    logs: { summary: 'Logs.', flags: { env }, args: { component: { name: 'component' } } },
    rollback: { summary: 'Goes back.', flags: { env, dir }, args: { number: { name: 'number' } } },
    'secrets:diff': { summary: 'Compares.', flags: { only: flag('only', { helpValue: 'NAME' }) }, args: {} },
    'secrets:apply': { summary: 'Applies.', flags: {}, args: {} },
    secret: { summary: 'Hidden.', hidden: true, flags: {}, args: {} },
  },
}
const CATALOG = catalogOf(MANIFEST, { secrets: { description: 'Of secrets.' } }, [['E_X', 'x.']])
const asked = (...words: string[]) => complete(words, CATALOG)
const words = (...typed: string[]): string[] => {
  const found = asked(...typed)
  return 'candidates' in found ? found.candidates.map(([word]) => word) : [JSON.stringify(found)]
}

describe('what stands where a word is missing', () => {
  test('the word of a command, with what it does; a topic once, hidden ones not', () => {
    expect(asked('s')).toEqual({ candidates: [['secrets', 'Of secrets.']] })
    expect(words('')).toEqual(['deploy', 'plan', 'logs', 'rollback', 'secrets'])
    expect(asked('secrets', 'a')).toEqual({ candidates: [['apply', 'Applies.']] })
    expect(words('nothing', '')).toEqual([])
  })

  test('flags that were not given yet, and those that may be given again', () => {
    expect(words('deploy', '-e', 'prod', '--values=x', '--')).toEqual([
      '--dir',
      '--values',
      '--yes',
      '--release',
      '--set',
    ])
    expect(words('deploy', '-y', '')).not.toContain('--yes')
    expect(asked('plan', '--o')).toEqual({ candidates: [['--output', 'output.']] })
  })

  test('the value of a flag: as a word of its own, behind =, by its letter', () => {
    expect(asked('deploy', '--env', 'p')).toEqual({ kind: 'environment', lead: '', word: 'p', typed: {} })
    expect(asked('deploy', '--env=p')).toEqual({ kind: 'environment', lead: '--env=', word: '--env=p', typed: {} })
    expect(asked('deploy', '-e', '')).toMatchObject({ kind: 'environment' })
    expect(words('plan', '--output', 'j')).toEqual(['json'])
    expect(words('plan', '--output=')).toEqual(['--output=text', '--output=json'])
    expect(asked('deploy', '--values', '')).toEqual({ paths: 'file' })
    expect(asked('deploy', '-C', '')).toEqual({ paths: 'folder' })
    expect(words('deploy', '--set', '')).toEqual([])
    expect(asked('secrets', 'diff', '--only', '')).toMatchObject({ kind: 'secret' })
  })

  test('an argument, of the environment and the folder that were typed before it', () => {
    expect(asked('rollback', '--env', 'prod', '-C', '../shop', '4')).toEqual({
      kind: 'deploy',
      lead: '',
      word: '4',
      typed: { environment: 'prod', dir: '../shop' },
    })
    expect(words('rollback', '41', '')).toEqual(['--env', '--dir'])
    expect(asked('logs', '')).toMatchObject({ kind: 'component' })
  })

  test('a name stands behind what was typed before it in the same word', () => {
    const names = [['prod', ''] as const, ['staging', ''] as const]
    expect(fitting(names, { lead: '--env=', word: '--env=p' })).toEqual([['--env=prod', '']])
  })
})

describe('the names of a project', () => {
  const TEXT = `version: 1
defaultEnvironment: staging
environments: { staging: { cluster: sandbox }, prod: {} }
releases: { shop: {} }
secrets: { login: {} }
images: { app: {} }
stages:
  data: { wait: [Deployment/postgres], optional: [ StatefulSet/redis ] }
`
  const SEEN = { prod: { deploys: [[42, 'deployed']], components: ['app', 'postgres'] } } as const
  const all = (text: string, kind: Parameters<typeof offered>[0], environment?: string) =>
    offered(kind, namesOf(text), SEEN, environment)
  const flat = (...asked: Parameters<typeof all>): string[] => all(...asked).map(([name]) => name)

  test('from forge.yaml, and what was seen of the environment', () => {
    expect(flat(TEXT, 'environment')).toEqual(['staging', 'prod'])
    expect(flat(TEXT, 'release')).toEqual(['shop'])
    expect(flat(TEXT, 'secret')).toEqual(['login'])
    expect(flat(TEXT, 'image')).toEqual(['app'])
    expect(flat(TEXT, 'component')).toEqual(['postgres', 'redis'])
    expect(flat(TEXT, 'component', 'prod')).toEqual(['app', 'postgres', 'redis'])
    expect(all(TEXT, 'deploy', 'prod')).toEqual([['42', 'deployed']])
    expect(flat(TEXT, 'deploy')).toEqual([])
  })

  test('a file that is half written gives what it has', () => {
    expect(flat('environments: { prod: {}\nreleases: [', 'environment')).toContain('prod')
    expect(flat('- a\n- b', 'environment')).toEqual([])
    expect(flat('environments: &a { b: *a }', 'release')).toEqual([])
    expect(flat('[['.repeat(10_000), 'release')).toEqual([])
    expect(flat('', 'environment')).toEqual([])
  })
})

test('the newest deploy comes first, and takes the place of those that another cluster counted', () => {
  const before = { deploys: [[3, 'a'] as const, [2, 'b'] as const, [1, 'c'] as const], components: ['app'] }
  expect(seenSince(before, { newest: [4, 'd'] }).deploys?.map(([number]) => number)).toEqual([4, 3, 2, 1])
  expect(seenSince(before, { newest: [2, 'd'] }).deploys).toEqual([
    [2, 'd'],
    [1, 'c'],
  ])
  expect(seenSince(before, { components: [] })).toEqual({ deploys: before.deploys, components: [] })
  expect(seenSince({}, { deploys: Array.from({ length: 80 }, (_, at) => [80 - at, '']) }).deploys).toHaveLength(50)
})
