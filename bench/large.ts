/**
 * `npm run bench:large`: large charts, first deploy, change, no change and plan, beside helm 4 without waiting, with
 * `--wait`, and its server dry run, in turns on one sandbox: medians in seconds, the processor time of forge and helm, and
 * forge's peak memory. A deploy that waits can be no quicker than the pods: its bound is the later of helm without
 * waiting + 25 % + 1.0 s and helm with `--wait`.
 * Never a test: a slow machine must not fail a build.
 *
 *   npm run bench:large              all
 *   npm run bench:large -- 2 workloads   those charts whose description has one of these texts
 *
 * BENCH_RUNS (3): how often each is done.
 */
import { rm } from 'node:fs/promises'
import { execa } from 'execa'
import { helms } from './helms.ts'
import { LARGE, largeProject, type LargeChart, type LargeProject } from './large-chart.ts'
import { row } from './table.ts'
import { FORGE, RUNS } from './timing.ts'

const SANDBOX = process.env['BENCH_SANDBOX'] ?? 'bench-large'
const PEAK_MB = 300
/** Of `helm --wait`. */
const PATIENCE_SECONDS = 60

interface Spent {
  readonly seconds: number
  /** user + system; of forge with that of the helm that it starts. */
  readonly cpu: number
  readonly peakMb: number
  readonly gaveUp: boolean
}

type Doing = 'first' | 'change' | 'unchanged' | 'plan'
type Noted = Doing | 'first --wait' | 'change --wait'
type All = Partial<Record<Noted, Spent[]>>

const wanted = process.argv.slice(2)
const helm = (await helms()).at(-1)
if (helm === undefined) throw new Error('no helm')
await forge(['sandbox', 'up', '--name', SANDBOX, '--nodes', '20', '--cpu', '32', '--memory', '64Gi'])
const kubeconfig = (await forge(['sandbox', 'kubeconfig', '--name', SANDBOX, '--path'])).trim()
console.log(`helm ${helm.version}, ${RUNS} runs each, medians`)
try {
  for (const large of LARGE)
    if (wanted.length === 0 || wanted.some((text) => large.what.includes(text))) await compare(large)
} finally {
  await forge(['sandbox', 'down', '--name', SANDBOX])
}

/** In turns: what else the machine does meanwhile is shared. */
async function compare(large: LargeChart): Promise<void> {
  const mine: All = {}
  const theirs: All = {}
  for (let run = 0; run < RUNS; run += 1) {
    const name = `large-${LARGE.indexOf(large)}-${run}`
    await inNamespace(large, `${name}-helm`, async (project, namespace) => await byHelm(project, namespace, theirs))
    await inNamespace(large, `${name}-wait`, async (project, namespace) => await byWaiting(project, namespace, theirs))
    await inNamespace(large, name, async (project) => await byForge(project, mine))
  }
  console.log(`\n${large.what}`)
  const waiting = (doing: 'first' | 'change'): number => middle(theirs[`${doing} --wait`])?.seconds ?? 0
  for (const doing of ['first', 'change'] as const)
    tell(doing, mine, theirs, ({ seconds }) => Math.max(seconds * 1.25 + 1, waiting(doing)))
  tell('unchanged', mine, theirs, () => 1.5)
  tell('plan', mine, theirs, ({ seconds }) => seconds + 1)
  const peak = Math.max(...Object.values(mine).flatMap((all) => all.map(({ peakMb }) => peakMb)))
  console.log(`peak memory ${peak.toFixed(0)} MB (bound ${PEAK_MB}, ${peak <= PEAK_MB ? 'kept' : 'MISSED'})`)
}

function tell(doing: Doing, mine: All, theirs: All, bound: (helms: Spent) => number): void {
  const [own, bare] = [middle(mine[doing]), middle(theirs[doing])]
  const cpu = (spent: Spent): string => `${spent.cpu.toFixed(1)} s of processor`
  const waited = doing === 'first' || doing === 'change' ? middle(theirs[`${doing} --wait`]) : undefined
  if (waited !== undefined) {
    const end = waited.gaveUp ? 'gave up' : cpu(waited)
    row({ what: `helm --wait, ${doing} (${end})`, seconds: waited.seconds })
  }
  if (bare !== undefined) row({ what: `helm, ${doing} (${cpu(bare)})`, seconds: bare.seconds })
  if (own === undefined) return
  const limit = bound(bare ?? own)
  const against = bare === undefined ? {} : { against: bare.seconds }
  row({ what: `forge, ${doing} (${cpu(own)})`, seconds: own.seconds, bound: limit, ...against })
}

function middle(all: readonly Spent[] = []): Spent | undefined {
  return all.toSorted((one, other) => one.seconds - other.seconds)[Math.floor(all.length / 2)]
}

function upgradeOf({ chart, values }: LargeProject, namespace: string): string[] {
  const where = ['--namespace', namespace, '--kubeconfig', kubeconfig, '--values', values]
  return ['upgrade', '--install', 'large', chart, '--create-namespace', ...where]
}

/** helm asks for each workload again and again, and hinders itself where there are many: it may come to no end. */
async function byWaiting(project: LargeProject, namespace: string, spent: All): Promise<void> {
  const upgrade = [path(), ...upgradeOf(project, namespace), '--wait', '--timeout', `${PATIENCE_SECONDS}s`]
  await note(spent, 'first --wait', upgrade, false)
  await project.bring(2)
  await note(spent, 'change --wait', upgrade, false)
}

async function byHelm(project: LargeProject, namespace: string, spent: All): Promise<void> {
  const { bring } = project
  const upgrade = upgradeOf(project, namespace)
  await note(spent, 'first', [path(), ...upgrade])
  await bring(2)
  await note(spent, 'plan', [path(), ...upgrade, '--dry-run=server'])
  await note(spent, 'change', [path(), ...upgrade])
}

async function byForge({ dir, bring }: LargeProject, spent: All): Promise<void> {
  const run = (command: string): string[] => [process.execPath, FORGE, command, '--env', 'sandbox', '-C', dir]
  await note(spent, 'first', run('deploy'))
  await note(spent, 'unchanged', run('deploy'))
  await bring(2)
  await note(spent, 'plan', run('plan'))
  await note(spent, 'change', run('deploy'))
}

function path(): string {
  if (helm === undefined) throw new Error('no helm')
  return helm.path
}

/** GNU time writes its line last. */
async function note(spent: All, doing: Noted, argv: readonly string[], reject = true): Promise<void> {
  const { stderr, failed } = await execa('/usr/bin/time', ['--format', 'spent %e %U %S %M', ...argv], {
    env: { FORGE_HELM: path(), NO_COLOR: '1' },
    reject,
  })
  const [, seconds, user, system, kilobytes] = /spent (\S+) (\S+) (\S+) (\S+)\s*$/u.exec(stderr) ?? []
  const cpu = Number(user) + Number(system)
  const one = { seconds: Number(seconds), cpu, peakMb: Number(kilobytes) / 1024, gaveUp: failed }
  ;(spent[doing] ??= []).push(one)
}

/** Nothing of it is left, nor being deleted: that would slow down those that come after it. */
async function inNamespace(
  large: LargeChart,
  namespace: string,
  measure: (project: LargeProject, namespace: string) => Promise<void>,
): Promise<void> {
  const project = await largeProject(large, SANDBOX, namespace)
  try {
    await measure(project, namespace)
  } finally {
    const where = ['--namespace', namespace, '--kubeconfig', kubeconfig]
    await execa(path(), ['uninstall', 'large', ...where], { reject: false })
    await execa('kubectl', ['delete', 'namespace', namespace, '--timeout=120s', '--kubeconfig', kubeconfig])
    await rm(project.dir, { recursive: true, force: true })
  }
}

async function forge(args: readonly string[]): Promise<string> {
  const { stdout } = await execa(process.execPath, [FORGE, ...args])
  return stdout
}
