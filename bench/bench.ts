/**
 * `npm run bench`: docs/design.md's table of speeds, measured side by side with helm in one run on one sandbox, printed as a
 * table of medians and ratios. Never a test: a slow machine must not fail a build.
 *
 *   npm run bench               all
 *   npm run bench -- startup    only that part (startup, instant, realistic, unchanged)
 */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { parseDocument } from 'yaml'
import { copyExample } from './example.ts'
import { helms, type Helm } from './helms.ts'
import { row, type Measured } from './table.ts'
import { FORGE, median, ROOT, RUNS, timed } from './timing.ts'

const CHART = join(ROOT, 'k8s', 'charts', 'api-forge')
type Latency = 'instant' | 'realistic'

interface Bench {
  readonly kubeconfig: string
  readonly sandbox: string
  readonly folder: string
}

const parts = new Set(process.argv.slice(2))
const wanted = (part: string): boolean => parts.size === 0 || parts.has(part)

console.log(`forge bench: ${availableParallelism()} cores, ${RUNS} runs each, medians in seconds\n`)
if (wanted('startup')) await startup()
for (const latency of ['instant', 'realistic'] as const)
  if (wanted(latency) || (latency === 'instant' && wanted('unchanged'))) await deploys(latency)

async function startup(): Promise<void> {
  for (const flag of ['--version', '--help']) {
    const seconds = await median(async () => await timed(process.execPath, [FORGE, flag]), 10)
    row({ what: `forge ${flag}`, seconds, bound: 0.15 })
  }
  // What a shell waits for at each press of Tab: a name of the project, and helm's own for the same.
  const helm = (await helms()).at(-1)
  const theirs =
    helm === undefined
      ? undefined
      : await median(async () => await timed(helm.path, ['__complete', 'upgrade', '--']), 10)
  if (helm !== undefined && theirs !== undefined)
    row({ what: `helm ${helm.version} completes a flag`, seconds: theirs })
  const line = [FORGE, '__complete', 'deploy', '-C', join(ROOT, 'examples', 'api-forge'), '--env', '']
  const seconds = await median(async () => await timed(process.execPath, line), 10)
  row({
    what: 'forge completes an environment',
    seconds,
    bound: 0.05,
    ...(theirs === undefined ? {} : { against: theirs }),
  })
}

async function deploys(latency: Latency): Promise<void> {
  const bench = await openBench(latency)
  try {
    const found = await helms()
    const values = await exampleValues(bench)
    const bare: Measured[] = []
    let waited = 0
    for (const helm of found) {
      const seconds = await median(
        async (run) => await helmInstall(helm, bench, `${latency}-bare${helm.major}-${run}`, values, []),
      )
      bare.push(row({ what: `helm ${helm.version} upgrade --install, ${latency}`, seconds }))
      waited = await median(
        async (run) =>
          await helmInstall(helm, bench, `${latency}-wait${helm.major}-${run}`, values, ['--wait', '--timeout', '2m']),
        latency === 'instant' ? RUNS : 1,
      )
      row({ what: `helm ${helm.version} upgrade --install --wait, ${latency}`, seconds: waited })
    }
    const base = bare.at(-1)?.seconds ?? 0
    const slack = latency === 'instant' ? 1.0 : 1.5
    // What the pods themselves take, measured in this run: a helm 4 that waits for them, less one that does not.
    const path = latency === 'instant' ? 0 : row({ what: "the pods' critical path", seconds: waited - base }).seconds
    const namespace = `${latency}-forge`
    const seconds = await median(async (run) => await forgeDeploy(bench, `${namespace}-${run}`))
    row({ what: `forge deploy, ${latency}`, seconds, bound: base + path + slack, against: base })
    if (latency === 'instant' && wanted('unchanged')) {
      const again = await median(async () => await forgeDeploy(bench, `${namespace}-0`))
      row({ what: 'forge deploy, unchanged', seconds: again, bound: 0.8, against: base })
    }
  } finally {
    await closeBench(bench)
  }
}

async function openBench(latency: Latency): Promise<Bench> {
  const sandbox = `bench-${latency}`
  await forge(['sandbox', 'up', '--name', sandbox, '--latency', latency, '--nodes', '10'])
  const { path } = JSON.parse(await forge(['sandbox', 'kubeconfig', '--name', sandbox, '--json'])) as { path: string }
  return { kubeconfig: path, sandbox, folder: await mkdtemp(join(tmpdir(), 'forge-bench-')) }
}

async function closeBench({ sandbox, folder }: Bench): Promise<void> {
  await forge(['sandbox', 'down', '--name', sandbox])
  await rm(folder, { recursive: true, force: true })
}

/** The example for one namespace, which its certificates name. Making it is not timed. */
async function projectFor({ folder, sandbox }: Bench, namespace: string): Promise<string> {
  const project = join(folder, namespace)
  if (existsSync(project)) return project
  await copyExample(project)
  await configure(project, ['releases', 'api-forge', 'chart'], CHART)
  await configure(project, ['environments', 'sandbox'], { cluster: { sandbox }, namespace })
  await forge(['secrets', 'generate', '--env', 'sandbox', '-C', project, '--offline'])
  return project
}

/** What forge hands to helm, so that all install the very same objects. */
async function exampleValues(bench: Bench): Promise<string> {
  await forgeDeploy(bench, 'values')
  const [helm] = await helms()
  if (helm === undefined) throw new Error('no helm')
  const { stdout } = await execa(helm.path, [
    'get',
    'values',
    'api-forge',
    '--namespace',
    'values',
    '--kubeconfig',
    bench.kubeconfig,
    '--output',
    'json',
  ])
  const file = join(bench.folder, 'bench-values.json')
  await writeFile(file, stdout)
  return file
}

/** The secrets are there before helm begins, as a script of one's own would see to; making them is not timed. */
async function helmInstall(
  helm: Helm,
  bench: Bench,
  namespace: string,
  values: string,
  more: readonly string[],
): Promise<number> {
  await forge(['secrets', 'apply', '--env', 'sandbox', '-C', await projectFor(bench, namespace)])
  return await timed(helm.path, [
    'upgrade',
    '--install',
    'api-forge',
    CHART,
    '--namespace',
    namespace,
    '--create-namespace',
    '--values',
    values,
    '--kubeconfig',
    bench.kubeconfig,
    ...more,
  ])
}

async function forgeDeploy(bench: Bench, namespace: string): Promise<number> {
  const project = await projectFor(bench, namespace)
  return await timed(process.execPath, [FORGE, 'deploy', '--env', 'sandbox', '-C', project])
}

async function configure(project: string, path: readonly string[], value: unknown): Promise<void> {
  const file = join(project, 'forge.yaml')
  const document = parseDocument(await readFile(file, 'utf8'))
  document.setIn(path, value)
  await writeFile(file, document.toString())
}

async function forge(args: readonly string[]): Promise<string> {
  const { stdout } = await execa(process.execPath, [FORGE, ...args])
  return stdout
}
