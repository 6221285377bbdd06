/**
 * `npm run bench:rehearse`: rehearsals of the example and of 300 workloads, with what runs meanwhile already up, beside the deploys
 * that they rehearse and what helm alone takes for those. Each rehearsal has a sandbox of its own. Never a test: a slow machine must not fail a build.
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
import { helms } from './helms.ts'
import { LARGE, largeProject } from './large-chart.ts'
import { row } from './table.ts'
import { FORGE, ROOT, timed } from './timing.ts'

const SANDBOX = 'bench-rehearse'
const parts = new Set(process.argv.slice(2))
const wanted = (part: string): boolean => parts.size === 0 || parts.has(part)

const helm = (await helms()).at(-1)
if (helm === undefined) throw new Error('no helm')
const { path, version } = helm
const env = { FORGE_HELM: path }
await forge(['sandbox', 'up', '--name', SANDBOX, '--latency', 'instant', '--nodes', '10', '--cpu', '32'])
const kubeconfig = (await forge(['sandbox', 'kubeconfig', '--name', SANDBOX, '--path'])).trim()
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
  row({ what: 'forge rehearse, the same', seconds: await forgeTimed(rehearse), bound: 60 })
  const failing = await forgeTimed([...rehearse, '--fail', 'app=crash-loop'])
  row({ what: 'forge rehearse --fail app=crash-loop', seconds: failing, bound: 60 })
  row({ what: 'forge rehearse --all', seconds: await forgeTimed([...rehearse, '--all']), bound: 240 })
  for (const dir of [mine, theirs]) await rm(dir, { recursive: true, force: true })
}

async function large(): Promise<void> {
  const chart = LARGE.find(({ what }) => what === '300 workloads')
  if (chart === undefined) throw new Error('no chart of 300 workloads')
  const mine = await largeProject(chart, SANDBOX, 'rehearse-large')
  const theirs = await largeProject(chart, SANDBOX, 'rehearse-large-helm')
  await forge(['deploy', '--env', 'sandbox', '-C', mine.dir])
  const upgrade = ['upgrade', '--install', 'large', theirs.chart, '--create-namespace', '--values', theirs.values]
  const where = ['--namespace', 'rehearse-large-helm', '--kubeconfig', kubeconfig]
  await execa(path, [...upgrade, ...where])
  await Promise.all([mine.bring(2), theirs.bring(2)])
  const waited = await timed(path, [...upgrade, ...where, '--wait', '--timeout', '5m'])
  row({ what: `helm ${version} upgrade --wait, 300 workloads, a change`, seconds: waited })
  const { seconds, peakMb } = await withPeak(['rehearse', '--env', 'sandbox', '-C', mine.dir, '--fail', FAILURE])
  row({ what: `forge rehearse --fail ${FAILURE}, 300 workloads`, seconds, bound: 90, against: waited })
  console.log(`peak memory ${peakMb.toFixed(0)} MB`)
  for (const { dir } of [mine, theirs]) await rm(dir, { recursive: true, force: true })
}

const FAILURE = 'web-17=crash-loop'

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
  return await timed(process.execPath, [FORGE, ...args], env)
}

/** GNU time writes its line last. */
async function withPeak(args: readonly string[]): Promise<{ readonly seconds: number; readonly peakMb: number }> {
  const { stderr } = await execa('/usr/bin/time', ['--format', 'spent %e %M', process.execPath, FORGE, ...args], {
    env: { NO_COLOR: '1', ...env },
  })
  const [, seconds, kilobytes] = /spent (\S+) (\S+)\s*$/u.exec(stderr) ?? []
  return { seconds: Number(seconds), peakMb: Number(kilobytes) / 1024 }
}

async function forge(args: readonly string[]): Promise<string> {
  const { stdout } = await execa(process.execPath, [FORGE, ...args], { env })
  return stdout
}
