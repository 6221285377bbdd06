import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { scopeOf } from '../../src/cli/scope-flags.ts'
import { journalRecord } from '../../src/domain/journal/record.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import type { Codec } from '../../src/ports.ts'
import { openScope, type OpenScope, type ScopeRequest } from '../../src/flows/state/scope.ts'
import { FakeApi } from '../support/fake-api.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { failure, memoryFiles, projectPorts } from '../support/project-ports.ts'
import { HERE } from '../support/hints.ts'

const codec: Codec = {
  pack: async (text) => await Promise.resolve(btoa(text)),
  unpack: async (packed) => await Promise.resolve(atob(packed)),
}
const forgeYaml = `version: 1
project: shop
defaultEnvironment: dev
environments:
  dev: { cluster: { context: dev-eu }, namespace: shop-dev }
  prod: { cluster: { context: prod-eu, uid: right }, namespace: shop-prod }
releases: {}
`

async function record(project: string, namespace: string, number: number): Promise<ReturnType<typeof journalRecord>> {
  const entry = { v: 1, number, project, namespace, environment: 'live', state: 'deployed' }
  return journalRecord({ project, namespace }, number, await codec.pack(JSON.stringify(entry)))
}

async function open(
  given: Partial<ScopeRequest>,
  {
    files = { 'forge.yaml': forgeYaml },
    deploys = [],
    defaultNamespace,
    env = {},
  }: {
    files?: Record<string, string>
    deploys?: readonly [project: string, namespace: string][]
    defaultNamespace?: string
    env?: Record<string, string>
  } = {},
): Promise<OpenScope<unknown>> {
  const api = new FakeApi()
  for (const [project, namespace] of deploys) api.put(await record(project, namespace, 7))
  for (const name of ['kube-system', 'shop-eu', 'empty'])
    api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, uid: 'other' } })
  const cluster = Object.assign(api, { context: 'here', named: { context: 'here' }, namespace: defaultNamespace })
  const request: ScopeRequest = {
    command: 'status',
    dir: undefined,
    env: undefined,
    namespace: undefined,
    project: undefined,
    context: undefined,
    kubeconfig: undefined,
    ...given,
  }
  return await openScope(request, {
    project: projectPorts(memoryFiles(files), { env }),
    connect: async () => await Promise.resolve({ cluster }),
    clock: new FakeClock(),
    codec,
    redactor: new Redactor(),
    here: HERE,
    signal: new AbortController().signal,
  })
}

describe('in a project', () => {
  test('a namespace that does not exist is told, with the one that may be meant, unless something was deployed to it', async () => {
    expect((await open({ dir: '/p' })).absent).toBe('namespace shop-dev does not exist (did you mean shop-eu?)')
    expect((await open({ dir: '/p' }, { deploys: [['shop', 'shop-dev']] })).absent).toBeUndefined()
  })
  test('the environment names the place', async () => {
    expect(await open({ dir: '/p' })).toMatchObject({
      project: 'shop',
      namespace: 'shop-dev',
      environment: 'dev',
      flags: ['--env', 'dev'],
      checkout: { name: 'shop' },
    })
  })
  test.each([
    ['-n is refused', { dir: '/p', namespace: 'x' }, 'E_USAGE', 'forge status -C /p'],
    [
      'another cluster than the uid says is refused',
      { dir: '/p', env: 'prod' },
      'E_CLUSTER_IDENTITY',
      'kubectl config get-contexts',
    ],
    ['--project does without the folder of -C', { dir: '/p', project: 'x' }, 'E_USAGE', 'forge status --project x'],
    [
      '--project does without the --env that was typed',
      { env: 'dev', project: 'x' },
      'E_USAGE',
      'forge status --project x',
    ],
  ])('%s', async (_, given, code, hint) => {
    const flags = { dir: '-C', env: '--env', namespace: '-n', project: '--project' }
    const typed = Object.entries(given).flatMap(([name, value]) => [flags[name as keyof typeof flags], value])
    expect(await failure(open(given), { ...HERE, typed: ['status', ...typed] })).toMatchObject({ code, hint })
  })
})

describe('without a checkout', () => {
  const files = {}
  test('the flags name the place, and the journal the environment', async () => {
    const deploys: [string, string][] = [
      ['shop', 'a'],
      ['other', 'a'],
    ]
    const scope = await open({ namespace: 'a', project: 'shop', context: 'eu' }, { files, deploys })
    expect(scope).toMatchObject({
      project: 'shop',
      namespace: 'a',
      environment: 'live',
      flags: ['--context', 'eu', '-n', 'a', '--project', 'shop'],
      checkout: undefined,
    })
  })
  test('a namespace that holds one project needs no --project, and a context with a namespace no -n', async () => {
    const scope = await open(
      { context: 'eu' },
      {
        files,
        deploys: [
          ['shop', 'b'],
          ['other', 'a'],
        ],
        defaultNamespace: 'b',
      },
    )
    expect({ project: scope.project, namespace: scope.namespace }).toEqual({ project: 'shop', namespace: 'b' })
  })
  test('--project in a folder with another forge.yaml means what it says, whatever FORGE_ENV is', async () => {
    const scope = await open(
      { namespace: 'a', project: 'other', env: 'dev' },
      { deploys: [['other', 'a']], env: { FORGE_ENV: 'dev' } },
    )
    expect({ project: scope.project, checkout: scope.checkout }).toEqual({ project: 'other', checkout: undefined })
  })
  test.each([
    ['nothing named at all', {}, 'E_CONFIG_MISSING', 'there is no forge.yaml in /p or above it'],
    [
      'nothing deployed there',
      { namespace: 'empty' },
      'E_PROJECT_UNKNOWN',
      'forge has deployed nothing to namespace empty',
    ],
    [
      'no such namespace',
      { namespace: 'emtpy' },
      'E_PROJECT_UNKNOWN',
      'namespace emtpy does not exist (did you mean empty?)',
    ],
    [
      'another project there',
      { namespace: 'b', project: 'x' },
      'E_PROJECT_UNKNOWN',
      'forge has deployed no x to namespace b; there is shop',
    ],
    ['two projects there', { namespace: 'a' }, 'E_USAGE', 'namespace a holds 2 projects: other, shop'],
  ])('%s', async (_, given, code, message) => {
    const deploys: [string, string][] = [
      ['shop', 'a'],
      ['other', 'a'],
      ['shop', 'b'],
    ]
    const found = await failure(open(given, { files, deploys }))
    expect(found).toMatchObject({ code, message })
  })
})

test('a relative -C is meant from where forge was started', () => {
  expect(scopeOf('status', { dir: './shop' }).dir).toBe(join(process.cwd(), 'shop'))
  expect(scopeOf('status', {}).dir).toBeUndefined()
})
