import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { ROOT } from '../support/forge.ts'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Workflow {
  readonly on: unknown
  readonly permissions?: unknown
  readonly jobs: Readonly<
    Record<string, { readonly permissions?: Readonly<Record<string, string>>; readonly steps: readonly Step[] }>
  >
}

const FOLDER = join(ROOT, '.github', 'workflows')
const names = (await readdir(FOLDER)).sort()
const texts = new Map(
  await Promise.all(names.map(async (name) => [name, await readFile(join(FOLDER, name), 'utf8')] as const)),
)
/** The action of this repository itself, where it has one, uses others too. */
const action = await readFile(join(ROOT, 'action.yml'), 'utf8').catch(() => '')

const workflow = (name: string): Workflow => parse(texts.get(name) ?? '') as Workflow
const stepsOf = (name: string): readonly Step[] => Object.values(workflow(name).jobs).flatMap(({ steps }) => steps)

test('every action is pinned by the digest of its commit, and its version stands beside it', () => {
  const used = [...texts.values(), action].flatMap((text) => text.match(/^.*\buses:.*$/gmu) ?? [])
  expect(used.length).toBeGreaterThan(0)
  const loose = used.filter((line) => !/uses: (?:\.\/|[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+(?:\.\d+)*$)/u.test(line))
  expect(loose).toEqual([])
})

test('one version of each action', () => {
  const used = [...texts.values(), action].flatMap((text) => [...text.matchAll(/uses: ([^@\s]+)@(\S+)/gu)])
  const digests = Map.groupBy(used, ([, name]) => name)
  const twice = [...digests].filter(([, found]) => new Set(found.map(([, , digest]) => digest)).size > 1)
  expect(twice.map(([name]) => name)).toEqual([])
})

/** Of a file that is ready: npm runs no script of it. */
const PUBLISHES = /\bnpm publish "\$one" --provenance --access public --ignore-scripts/u

describe.each(names)('%s', (name) => {
  test('no job may do more than read, but where it says so', () => {
    const { permissions, jobs } = workflow(name)
    expect([{}, { contents: 'read' }]).toContainEqual(permissions)
    for (const [job, { permissions: own = {}, steps }] of Object.entries(jobs)) {
      const writes = Object.values(own).includes('write')
      // What may write, or sign, runs nothing that came with a dependency.
      const runs = steps.flatMap(({ run }) => (run === undefined ? [] : [run.replace(PUBLISHES, '')])).join('\n')
      expect({ job, unsafe: writes && /\b(?:npm|npx|node|go|\.ci)\b/u.test(runs) }).toEqual({ job, unsafe: false })
    }
  })

  test('a checkout keeps no token, and no text of others gets into a script', () => {
    for (const { uses = '', run = '', with: options } of stepsOf(name)) {
      if (uses.startsWith('actions/checkout@')) expect(options?.['persist-credentials']).toBe(false)
      expect(run).not.toContain('${{')
    }
    expect(JSON.stringify(workflow(name).on)).not.toContain('pull_request_target')
  })
})

test('a release is tested, its dependencies are verified, and it carries its parts and where it comes from', () => {
  const { jobs } = workflow('release.yml')
  const said = JSON.stringify(jobs)
  for (const part of [
    '.ci/run',
    'npm audit signatures',
    'dist/forge.cdx.json',
    'sbom-path',
    'actions/attest@',
    'SHA256SUMS',
    'scripts/release-notes.mjs',
    'npm publish',
    'action-$GITHUB_REF_NAME',
    'docker buildx build',
  ])
    expect(said).toContain(part)
})
