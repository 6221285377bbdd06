import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { writeMetrics } from '../../src/cli/metrics-file.ts'
import { ended } from '../../src/cli/end-with.ts'
import { Events } from '../../src/domain/events/events.ts'
import { exposition } from '../../src/domain/metrics/exposition.ts'
import { LastRun, MEASURED } from '../../src/domain/metrics/last-run.ts'
import { seriesOf, type Series } from '../support/exposition.ts'
import { Shop } from '../support/fake-cluster/shop.ts'

const UNKNOWN = { command: 'deploy', project: '', environment: '' }
const TIMING = { finishedAt: 1_790_000_000.5, seconds: 12.25 }
const OWN = { project: 'shop', environment: 'prod' }

/** What a deploy's metrics are, read back. */
async function measured(shop = new Shop()): Promise<Series[]> {
  const shopRun = shop.run()
  const run = new LastRun(UNKNOWN, '0.1.0')
  shopRun.events.on(MEASURED, (event) => run.hear(event))
  const { report, error } = await shopRun.deploy()
  const verdict = report.verdict ?? null
  shopRun.events.tell(ended({ ...report, verdict: error === undefined ? null : verdict }))
  return seriesOf(exposition(run.metrics(TIMING) ?? []))
}

const named = (all: readonly Series[], name: string) =>
  all.filter((one) => one.name === `forge_deploy_${name}`).map(({ labels, value }) => [labels, value] as const)

describe('a deploy as metrics', () => {
  test('one that reached its end', async () => {
    const all = await measured()
    const [own] = named(all, 'success')[0] ?? [{}]
    expect(own).toEqual({ project: expect.stringMatching(/./u), environment: expect.stringMatching(/./u) })
    expect(named(all, 'success')).toEqual([[own, 1]])
    expect(named(all, 'finished_timestamp_seconds')).toEqual([[own, TIMING.finishedAt]])
    expect(named(all, 'duration_seconds')).toEqual([[own, TIMING.seconds]])
    expect(named(all, 'info')).toEqual([[{ ...own, command: 'deploy', outcome: 'deployed', version: '0.1.0' }, 1]])
    expect(named(all, 'number')).toEqual([[own, 1]])
    expect(named(all, 'verdict_info')).toEqual([])
    expect(named(all, 'step_duration_seconds')).toContainEqual([{ ...own, step: 'upgrade' }, expect.any(Number)])
    expect(named(all, 'release_info')).toContainEqual([
      { ...own, release: 'top', operation: 'upgrade', state: 'done' },
      1,
    ])
  })

  test('one that failed and went back', async () => {
    const shop = new Shop()
    await shop.run().deploy()
    const all = await measured(shop.change('top:broken'))
    expect(named(all, 'success')).toMatchObject([[{}, 0]])
    expect(named(all, 'info')).toMatchObject([[{ outcome: 'restored' }, 1]])
    expect(named(all, 'verdict_info')).toMatchObject([[{ code: expect.stringMatching(/^E_/u) }, 1]])
    expect(named(all, 'step_duration_seconds').map(([labels]) => labels)).toContainEqual(
      expect.objectContaining({ step: 'rollback' }),
    )
    expect(named(all, 'release_info')).toContainEqual([
      expect.objectContaining({ release: 'top', operation: 'return', state: 'done' }),
      1,
    ])
  })
})

test('what was not over by its end has no metrics; what is told after the end changes none', () => {
  const run = new LastRun({ command: 'rollback', ...OWN }, '0.1.0')
  const step = { index: 1, total: 1, name: 'web' }
  const done = { type: 'step', step, state: 'done', seconds: 2, found: '' } as const
  run.hear({ type: 'step', step, state: 'running' })
  run.hear(done)
  run.hear(done)
  expect(run.metrics(TIMING)).toBeUndefined()
  run.hear(ended({ outcome: 'refused', verdict: null }))
  run.hear(done)
  const all = seriesOf(exposition(run.metrics(TIMING) ?? []))
  expect(named(all, 'step_duration_seconds')).toEqual([[{ ...OWN, step: 'web' }, 4]])
  expect(named(all, 'number')).toEqual([])
})

test('every text survives as the value of a label, and none ends it', () => {
  const texts = ['a"b', 'back\\slash', 'two\nlines', '\\n', '"} 1\nforge_deploy_success 1', 'ünï', '\\', '"']
  const samples = texts.map((step, value) => ({ labels: { step, none: '' }, value }))
  const text = exposition([{ name: 'x', help: 'a \\ and\na line', samples }])
  expect(seriesOf(text)).toEqual(texts.map((step, value) => ({ name: 'x', labels: { step }, value })))
  expect(text.split('\n')[0]).toBe(String.raw`# HELP x a \\ and\na line`)
})

describe('--metrics FILE', () => {
  const SAID = { begun: UNKNOWN, version: '0.1.0', shown: (text: string) => text }
  const OLD = '# HELP forge_deploy_success old\n'
  const over = ended({ outcome: 'deployed', verdict: null })

  async function scene() {
    const dir = await mkdtemp(join(tmpdir(), 'forge-metrics-'))
    const [events, warned] = [new Events(), new Array<string>()]
    const begin = (file: string, shown = SAID.shown) =>
      writeMetrics(file, events, { ...SAID, shown, warn: (text) => void warned.push(text) })
    return { dir, file: join(dir, 'forge.prom'), events, warned, begin }
  }

  test('is replaced as a whole when the run is over, for everybody to read, and nothing else is left there', async () => {
    const { dir, file, events, warned, begin } = await scene()
    await writeFile(file, OLD, { mode: 0o600 })
    const close = begin(file)
    expect(await readFile(file, 'utf8')).toBe(OLD)
    events.tell({ type: 'begun', command: 'deploy', ...OWN, namespace: 'n', cluster: 'c' })
    events.tell(over)
    await close()
    expect(named(seriesOf(await readFile(file, 'utf8')), 'success')).toEqual([[OWN, 1]])
    expect((await stat(file)).mode & 0o777).toBe(0o644)
    expect([await readdir(dir), warned]).toEqual([['forge.prom'], []])
  })

  test('keeps what was there where the run told no end', async () => {
    const { file, begin } = await scene()
    await writeFile(file, OLD)
    await begin(file)()
    expect(await readFile(file, 'utf8')).toBe(OLD)
  })

  test('leaves what forge did not write, and says so at once', async () => {
    const { file, begin } = await scene()
    await writeFile(file, 'node_load1 0.3\n')
    expect(() => begin(file)).toThrow(expect.objectContaining({ code: 'E_FILE_UNWRITABLE' }))
    expect(await readFile(file, 'utf8')).toBe('node_load1 0.3\n')
  })

  test('has no secret, even where it stands in a name', async () => {
    const { file, events, begin } = await scene()
    const close = begin(file, (text) => text.replaceAll('hunter2', '***'))
    events.tell({
      type: 'begun',
      command: 'deploy',
      project: 'hunter2',
      environment: 'prod',
      namespace: 'n',
      cluster: 'c',
    })
    events.tell(over)
    await close()
    expect(named(seriesOf(await readFile(file, 'utf8')), 'success')).toEqual([[{ ...OWN, project: '***' }, 1]])
  })

  test('is refused at once where it cannot be put', async () => {
    const { dir, file, begin } = await scene()
    await mkdir(file)
    await symlink(join(dir, 'elsewhere'), join(dir, 'link'))
    for (const bad of [file, join(dir, 'none', 'forge.prom'), join(dir, 'link'), '/dev/stdout', '/proc/forge.prom'])
      expect(() => begin(bad)).toThrow(expect.objectContaining({ code: 'E_FILE_UNWRITABLE' }))
    expect(await readdir(dir)).toEqual(['forge.prom', 'link'])
  })

  test('that can no longer be written is told, and no more', async () => {
    const { dir, events, warned, begin } = await scene()
    const own = join(dir, 'own')
    await mkdir(own)
    const close = begin(join(own, 'forge.prom'))
    events.tell(over)
    await rm(own, { recursive: true })
    await close()
    expect(warned).toEqual([expect.stringContaining('ENOENT')])
  })
})
