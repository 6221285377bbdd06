/**
 * `npm run bench:rehearse`: rehearsals of the example and of 300 workloads, beside the deploys that they rehearse, one after another
 * in one run: what else the machine does meanwhile is much the same. Each rehearsal has a sandbox of its own, whose start is in it.
 * Never a test: a slow machine must not fail a build.
 * On two quiet cores: the example 8.6 s, with one failure 16 s, with all 90 s; 300 workloads 37 s (1.5 times their deploy), with one failure 75 s
 * (3 times). With a load of 20 to 30: 2.2 and 2.3 times.
 *
 *   npm run bench:rehearse              all
 *   npm run bench:rehearse -- example   only that part (example, large)
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { parseDocument } from 'yaml'
import { copyExample } from './example.ts'
import { LARGE, largeProject } from './large-chart.ts'
import { row } from './table.ts'
import { FORGE, ROOT, timed } from './timing.ts'

const SANDBOX = 'bench-rehearse'
const FAILURE = 'web-17=crash-loop'
/** Of a control plane, on a machine that has time. */
const START_SECONDS = 6
const parts = new Set(process.argv.slice(2))
const wanted = (part: string): boolean => parts.size === 0 || parts.has(part)

await forge(['sandbox', 'up', '--name', SANDBOX, '--latency', 'instant', '--nodes', '10', '--cpu', '32'])
try {
  if (wanted('example')) await example()
  if (wanted('large')) await large()
} finally {
  await forge(['sandbox', 'down', '--name', SANDBOX])
}

async function example(): Promise<void> {
  const [mine, theirs] = await Promise.all(['mine', 'theirs'].map(async (name) => await exampleAt(`rehearse-${name}`)))
  if (mine === undefined || theirs === undefined) throw new Error('no example')
  for (const dir of [mine, theirs]) {
    await forge(['deploy', '--env', 'sandbox', '-C', dir])
    const file = join(dir, '.env')
    await writeFile(file, (await readFile(file, 'utf8')).replace(/^LOG_LEVEL=.*$/mu, 'LOG_LEVEL=ERROR'))
  }
  const deploy = await forgeTimed(['deploy', '--env', 'sandbox', '-C', theirs])
  row({ what: 'forge deploy, the example, a change', seconds: deploy })
  const rehearse = ['rehearse', '--env', 'sandbox', '-C', mine]
  const beside = { against: deploy, of: 'the deploy' }
  row({ what: 'forge rehearse, the same', seconds: await forgeTimed(rehearse), bound: 60, ...beside })
  const failing = await forgeTimed([...rehearse, '--fail', 'app=crash-loop'])
  row({ what: 'forge rehearse --fail app=crash-loop', seconds: failing, bound: 60, ...beside })
  row({ what: 'forge rehearse --all', seconds: await forgeTimed([...rehearse, '--all']), bound: 240 })
  for (const dir of [mine, theirs]) await rm(dir, { recursive: true, force: true })
}

async function large(): Promise<void> {
  const chart = LARGE.find(({ what }) => what === '300 workloads')
  if (chart === undefined) throw new Error('no chart of 300 workloads')
  const { dir, bring } = await largeProject(chart, SANDBOX, 'rehearse-large')
  const where = ['--env', 'sandbox', '-C', dir]
  await forge(['deploy', ...where])
  await bring(2)
  const alone = await withPeak(['rehearse', ...where])
  const failing = await withPeak(['rehearse', ...where, '--fail', FAILURE])
  // What was rehearsed is still to be done.
  const deploy = await forgeTimed(['deploy', ...where])
  const beside = { against: deploy, of: 'the deploy' }
  row({ what: 'forge deploy, 300 workloads, a change', seconds: deploy })
  row({ what: 'forge rehearse, the same', seconds: alone.seconds, bound: 2 * deploy + START_SECONDS, ...beside })
  row({
    what: `forge rehearse --fail ${FAILURE}`,
    seconds: failing.seconds,
    bound: 3 * deploy + START_SECONDS,
    ...beside,
  })
  console.log(`peak memory ${Math.max(alone.peakMb, failing.peakMb).toFixed(0)} MB`)
  await rm(dir, { recursive: true, force: true })
}

/** The example for one namespace, which its certificates name. */
async function exampleAt(namespace: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'forge-bench-'))
  await copyExample(dir)
  const file = join(dir, 'forge.yaml')
  const config = parseDocument(await readFile(file, 'utf8'))
  config.setIn(['releases', 'api-forge', 'chart'], join(ROOT, 'k8s', 'charts', 'api-forge'))
  config.setIn(['environments', 'sandbox'], { cluster: { sandbox: SANDBOX }, namespace })
  await writeFile(file, config.toString())
  await forge(['secrets', 'generate', '--env', 'sandbox', '-C', dir, '--offline'])
  return dir
}

async function forgeTimed(args: readonly string[]): Promise<number> {
  return await timed(process.execPath, [FORGE, ...args])
}

/** GNU time writes its line last. */
async function withPeak(args: readonly string[]): Promise<{ readonly seconds: number; readonly peakMb: number }> {
  const { stderr } = await execa('/usr/bin/time', ['--format', 'spent %e %M', process.execPath, FORGE, ...args], {
    env: { NO_COLOR: '1' },
  })
  const [, seconds, kilobytes] = /spent (\S+) (\S+)\s*$/u.exec(stderr) ?? []
  return { seconds: Number(seconds), peakMb: Number(kilobytes) / 1024 }
}

async function forge(args: readonly string[]): Promise<string> {
  const { stdout } = await execa(process.execPath, [FORGE, ...args])
  return stdout
}
