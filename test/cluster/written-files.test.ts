import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { freshNamespace } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { configMap } from '../support/manifests.ts'
import { smallProject, type Small } from '../support/small.ts'

// Each command that writes a file of which its user says the name: a slip of the hand must cost nothing.
let small: Small

beforeAll(async () => {
  small = await smallProject(freshNamespace('written'), 4, [configMap('settings', { level: '1' })])
  expect((await small.deploy()).status).toBe(0)
}, 60_000)

interface Refused {
  readonly outcome: string
  readonly verdict: { readonly code: string }
}

type Command = Parameters<Small['run']>[0]

const WRITING: readonly (readonly [command: string, flag: string, suffix: string, more: readonly string[]])[] = [
  ['report', '--out', 'forge-report.html', []],
  ['plan', '--out', 'forge-plan.json', []],
  ['deploy', '--events', 'forge-events.jsonl', []],
  ['deploy', '--metrics', 'forge-metrics.prom', []],
]

describe.each(WRITING)('%s %s', (command, flag, instead, more) => {
  test('does not write over what forge did not write, and does nothing else either', async () => {
    const file = join(small.project.dir, 'forge.yaml')
    const before = await readFile(file)
    const ran = await small.run(command as Command, [flag, file, '--json', ...more])
    expect(document<Refused>(ran)).toMatchObject({
      outcome: 'refused',
      verdict: { code: 'E_FILE_UNWRITABLE', hint: expect.stringContaining(`${flag} ${small.project.dir}/${instead}`) },
    })
    expect([ran.status, await readFile(file)]).toEqual([3, before])
  })

  test('writes over what it wrote itself, and into an empty file', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'forge-written-')), 'file')
    await writeFile(file, '')
    const sizes: number[] = []
    for (const _ of [1, 2]) {
      expect(await small.run(command as Command, [flag, file, ...more])).toMatchObject({ status: 0 })
      sizes.push((await stat(file)).size)
    }
    expect(Math.min(...sizes)).toBeGreaterThan(0)
  })
})

test('export does not write over what somebody else has in its folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'forge-written-'))
  const file = join(folder, 'kustomization.yaml')
  const own = 'resources: [mine.yaml]\n'
  await writeFile(file, own)
  const flags = ['--to', 'kustomize', '--secrets', 'none', '--out', folder]
  const refused = await small.run('export' as Command, [...flags, '--json'])
  expect(document<Refused>(refused)).toMatchObject({
    verdict: { code: 'E_FILE_UNWRITABLE', message: expect.stringContaining('kustomization.yaml') },
  })
  expect([refused.status, await readFile(file, 'utf8')]).toEqual([3, own])
  const elsewhere = join(folder, 'exported')
  for (const _ of [1, 2])
    expect(await small.run('export' as Command, [...flags.slice(0, -1), elsewhere])).toMatchObject({ status: 0 })
})

test('render does not write over what it did not write', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'forge-written-'))
  const run = async () => await small.run('render' as Command, ['--out', folder, '--json'])
  const { files } = document<{ readonly files: readonly string[] }>(await run())
  const [first = ''] = files
  const rendered = await readFile(first, 'utf8')
  // Its own, as often as one likes.
  expect(document(await run())).toEqual({ files })
  const own = 'kind: ConfigMap # mine\n'
  await writeFile(first, own)
  const refused = await run()
  expect({ status: refused.status, ...document<object>(refused) }).toMatchObject({
    status: 3,
    verdict: { code: 'E_FILE_UNWRITABLE', hint: expect.stringContaining(`--out ${folder}-rendered`) },
  })
  expect(rendered).toMatch(/^# Source: /u)
  expect(await readFile(first, 'utf8')).toBe(own)
})
