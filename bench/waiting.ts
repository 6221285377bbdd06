/**
 * `npm run bench:waiting`: how soon each tool says that a deploy has failed, how soon it returns once all is ready, and what
 * waiting for 300 workloads costs; side by side on one sandbox. Never a test: a slow machine must not fail a build.
 *
 *   npm run bench:waiting             all
 *   npm run bench:waiting -- failure  only that part (failure, ready, many)
 *
 * BENCH_RUNS (3), BENCH_WORKLOADS (300), BENCH_TIMEOUT (30 s: how long tools that see no failure wait), BENCH_TOOLS (a
 * pattern for their names), HELMFILE or HELMFILE_SOURCES (a checkout: its replaced modules rule `go install` out).
 */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { Observer } from './observer.ts'
import { tools, type Tool } from './rivals.ts'
import { row } from './table.ts'
import { configure, makeSubject, web, type Subject, type Workload } from './waiting-project.ts'

const ROOT = new URL('..', import.meta.url).pathname
const RUNS = Number(process.env['BENCH_RUNS'] ?? 3)
const WORKLOADS = Number(process.env['BENCH_WORKLOADS'] ?? 300)
const TIMEOUT = Number(process.env['BENCH_TIMEOUT'] ?? 30)
const LONG = 240
const SANDBOX = 'bench-waiting'

interface Run {
  /** Since the cluster showed it (a failure, or the last ready pod); NaN: it never did. */
  readonly lag: number
  readonly timedOut: boolean
  readonly peakMb: number
  readonly status: number
}

const parts = new Set(process.argv.slice(2))
const wanted = (part: string): boolean => parts.size === 0 || parts.has(part)
const all = (await tools()).filter(({ name }) => new RegExp(process.env['BENCH_TOOLS'] ?? '.', 'u').test(name))
await forge([
  'sandbox',
  'up',
  '--name',
  SANDBOX,
  '--latency',
  'instant',
  '--nodes',
  '20',
  '--cpu',
  '32',
  '--memory',
  '64Gi',
])
const kubeconfig = (await forge(['sandbox', 'kubeconfig', '--name', SANDBOX, '--path'])).trim()
let namespaces = 0
try {
  if (wanted('failure')) await failure()
  if (wanted('ready')) await ready()
  if (wanted('many')) await many()
} finally {
  await forge(['sandbox', 'down', '--name', SANDBOX])
}

async function failure(): Promise<void> {
  console.log(`an image that cannot be pulled: seconds from ErrImagePull to the verdict (limit ${TIMEOUT} s)`)
  await compare([web('web', { image: 'registry.invalid/web:1' })], 'failure', TIMEOUT, 1)
}

async function ready(): Promise<void> {
  console.log('\nfour Deployments, eight pods with probes: seconds from the last ready pod to the return')
  const workloads = [1, 2, 3, 4].map((seconds) => web(`web-${seconds}`, { replicas: 2, seconds }))
  await compare(workloads, 'ready', LONG, 0.3)
}

async function compare(
  workloads: readonly Workload[],
  until: 'failure' | 'ready',
  timeout: number,
  bound: number,
): Promise<void> {
  const subject = await makeSubject(workloads)
  try {
    for (const tool of all) {
      const runs: Run[] = []
      for (let run = 0; run < RUNS; run += 1) runs.push(await measure(tool, subject, until, timeout))
      const [middle] = runs.sort((a, b) => a.lag - b.lag).slice(Math.floor(runs.length / 2))
      if (middle === undefined) continue
      row({
        what: `${tool.name}${noteOn(middle, until)}`,
        seconds: middle.lag,
        ...(tool.name.startsWith('forge') ? { bound } : {}),
      })
    }
  } finally {
    await rm(subject.dir, { recursive: true, force: true })
  }
}

function noteOn({ timedOut, status }: Run, until: 'failure' | 'ready'): string {
  if (until === 'ready') return status === 0 ? '' : ` (FAILED, status ${status})`
  if (status === 0) return ' (calls it a success)'
  return timedOut ? ' (its timeout)' : ''
}

/** The same 300 workloads twice, with pods that take longer the second time: requests must not grow with waiting. */
async function many(): Promise<void> {
  const counts: number[] = []
  for (const base of [2, 40]) {
    const workloads = Array.from({ length: WORKLOADS }, (_, at) =>
      web(`web-${at}`, { replicas: 3, seconds: base + (at % 10) }),
    )
    const subject = await makeSubject(workloads)
    console.log(
      `\n${WORKLOADS} workloads, ${subject.pods} pods that take ${base} to ${base + 9} s: from the last ready pod to the return`,
    )
    try {
      for (const tool of all.filter(({ name }) => base === 2 || name.startsWith('forge'))) {
        const isForge = tool.name.startsWith('forge')
        const counted = join(subject.dir, 'requests')
        const run = await measure(tool, subject, 'ready', LONG, isForge ? counted : undefined)
        row({ what: `${tool.name}${noteOn(run, 'ready')}`, seconds: run.lag, ...(isForge ? { bound: 1 } : {}) })
        console.log(
          `  peak memory ${run.peakMb.toFixed(0)} MB${isForge ? ` (bound 250, ${run.peakMb <= 250 ? 'kept' : 'MISSED'})` : ''}`,
        )
        if (isForge) counts.push(Number((await readFile(counted, 'utf8')).trim()))
      }
    } finally {
      await rm(subject.dir, { recursive: true, force: true })
    }
  }
  const [short = 0, long = 0] = counts
  console.log(
    `\nforge's API requests: ${short} where pods take 2 s, ${long} where they take 40 s (${long <= short + 5 ? 'kept' : 'MISSED'})`,
  )
}

/** One tool, one fresh namespace, watched by this process as well. */
async function measure(
  { command, verdict }: Tool,
  subject: Subject,
  until: 'failure' | 'ready',
  timeout: number,
  requests?: string,
): Promise<Run> {
  namespaces += 1
  const namespace = `waiting-${namespaces}`
  await configure(subject, SANDBOX, namespace, `${timeout}s`)
  await execa('kubectl', ['create', 'namespace', namespace], { env: { KUBECONFIG: kubeconfig } })
  const seen = new Observer(kubeconfig, namespace)
  await seen.open()
  try {
    const began = performance.now()
    const env = {
      KUBECONFIG: kubeconfig,
      NO_COLOR: '1',
      ...(requests === undefined
        ? {}
        : { FORGE_BENCH_REQUESTS: requests, NODE_OPTIONS: `--import ${join(ROOT, 'bench', 'requests.ts')}` }),
    }
    const { end, verdictAt, status, peakMb } = await runTool(command(subject, namespace, timeout), verdict, env)
    if (until === 'ready' && status === 0) await seen.caughtUp(subject.pods)
    const at = until === 'failure' ? seen.failedAt : seen.readyAt(subject.pods)
    const told = until === 'failure' ? (verdictAt ?? end) : end
    // Whoever is told before this process is has lost no time.
    return {
      lag: Math.max((told - (at ?? Number.NaN)) / 1000, 0),
      timedOut: end - began >= timeout * 900,
      status,
      peakMb,
    }
  } finally {
    seen.close()
    await execa('kubectl', ['delete', 'namespace', namespace, '--wait=false'], { env: { KUBECONFIG: kubeconfig } })
  }
}

interface Ended {
  readonly end: number
  readonly verdictAt: number | undefined
  readonly status: number
  readonly peakMb: number
}

/** GNU time says the peak memory of the process, in kB, on the last line of standard error. */
async function runTool(
  argv: readonly string[],
  verdict: RegExp | undefined,
  env: Record<string, string>,
): Promise<Ended> {
  let verdictAt: number | undefined
  let text = ''
  const child = execa('/usr/bin/time', ['--format', 'peak %M', ...argv], {
    env,
    reject: false,
    all: true,
    buffer: false,
  })
  child.all.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-20_000)
    if (verdict?.test(text) === true) verdictAt ??= performance.now()
  })
  const { exitCode = 1 } = await child
  const end = performance.now()
  const peakMb = Number(/peak (\d+)\s*$/u.exec(text)?.[1] ?? 0) / 1024
  if (process.env['BENCH_VERBOSE'] !== undefined) console.log(text)
  return { end, verdictAt, status: exitCode, peakMb }
}

async function forge(args: readonly string[]): Promise<string> {
  const { stdout } = await execa(process.execPath, [join(ROOT, 'bin', 'forge.js'), ...args])
  return stdout
}
